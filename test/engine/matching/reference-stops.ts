/** Orders that wait for a price, and what a trade's price does to them. */
import { decide } from './reference-ending.ts';
import { isRising, type Market, type Order, type State } from './reference-state.ts';

export function wait(state: State, order: Order): void {
  order.place = 'waiting';
  order.turn = ++state.lastTurn;
  order.isTracked = order.terms.stopPrice === null;
  state.open.push(order);
}

/** After the first trade of a taker at this price. */
export function meetPrice(state: State, market: Market, price: bigint): void {
  const waiting = state.open.filter((order) => order.market === market && order.place === 'waiting');
  const stopOf = ({ terms }: Order) => BigInt(terms.stopPrice ?? 0);
  const arrival = (a: Order, b: Order) => a.turn - b.turn;
  const tracked = waiting.filter((order) => order.isTracked).sort(arrival);
  const stops = waiting.filter((order) => !order.isTracked);
  const rising = stops
    .filter((order) => isRising(order.terms) && stopOf(order) <= price)
    .sort((a, b) => Number(stopOf(a) - stopOf(b)) || arrival(a, b));
  const falling = stops
    .filter((order) => !isRising(order.terms) && stopOf(order) >= price)
    .sort((a, b) => Number(stopOf(b) - stopOf(a)) || arrival(a, b));
  for (const order of tracked) if (order.place === 'waiting' && trails(order, price)) trigger(state, order);
  for (const order of [...rising, ...falling]) {
    if (order.place !== 'waiting') continue;
    if (order.terms.trailingDelta === null) {
      trigger(state, order);
    } else {
      order.isTracked = true;
      order.turn = ++state.lastTurn;
      order.extreme = price;
    }
  }
}

/** Follows the price to its best, and says whether it has turned back far enough. */
function trails(order: Order, price: bigint): boolean {
  const { side, trailingDelta } = order.terms;
  const { extreme } = order;
  const delta = BigInt(trailingDelta!);
  const isBuy = side === 'BUY';
  if (extreme === null || (isBuy ? price < extreme : price > extreme)) {
    order.extreme = price;
    return false;
  }
  return isBuy
    ? price * 10_000n >= extreme * (10_000n + delta)
    : price * 10_000n <= extreme * (10_000n - delta);
}

function trigger(state: State, order: Order): void {
  order.place = 'queued';
  order.market.queue.push(order);
  decide(state, order);
}
