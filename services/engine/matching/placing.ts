/** A new order, from admission to its rest in the book or its end. */
import type { CommandOf } from '#domain/commands.ts';
import type { OrderId } from '#domain/ids.ts';
import { type Admitted, admit, limitRank, NO_LIMIT } from './admission.ts';
import { liquidity } from './liquidity.ts';
import { FILLS_MAX, match } from './matching.ts';
import { type Order, orderEvent } from './order.ts';
import type { OrderBook } from './order-book.ts';
import type { Outcome, State } from './state.ts';

export function place(state: State, command: CommandOf<'place'>, outcome: Outcome): number | null {
  const admitted = admit(state, command);
  if (typeof admitted === 'number') return admitted;
  const { book, lots } = admitted;
  const order = open(state, command, admitted, outcome);
  const limit = order.type === 'MARKET' ? NO_LIMIT : limitRank(order.side, order.ticks);
  if (order.timeInForce !== 'FOK' || order.type === 'MARKET' || isFillable(book, order, limit)) {
    match(state, book, order, lots, limit, outcome);
  }
  finish(state, book, order, limit, outcome);
  outcome.writeLevels(book);
  outcome.writeBalances(state.balances);
  // Only the pool's bookkeeping is left: an order that does not rest is free for the next.
  if (order.level === null) state.pool.give(order);
  return null;
}

function open(
  state: State,
  command: CommandOf<'place'>,
  { book, ticks, lots }: Admitted,
  outcome: Outcome,
): Order {
  const order = state.pool.take(book.market);
  order.id = ++state.lastOrderId as OrderId;
  order.account = command.account;
  order.side = command.side;
  order.type = command.orderType;
  order.timeInForce = command.timeInForce;
  order.ticks = ticks;
  order.lots = command.quoteOrderQty === null ? lots : 0;
  order.quoteOrderQty = command.quoteOrderQty;
  order.createdAt = outcome.timeUs;
  order.clientOrderId = command.clientOrderId;
  outcome.write(orderEvent(order));
  return order;
}

/** Whether a FOK gets all it wants, within the bound on fills. */
function isFillable(book: OrderBook, { side, lots }: Order, limit: number): boolean {
  const reach = liquidity(book.opposite(side), book.market.step, limit, lots, Infinity);
  return reach.lots === lots && reach.orders <= FILLS_MAX;
}

/** Tells the taker's trades, then rests or ends what is left. */
function finish(state: State, book: OrderBook, order: Order, limit: number, outcome: Outcome): void {
  const complete = isComplete(order);
  if (complete) order.lots = order.executedLots;
  if (order.executedLots > 0) {
    order.status = complete ? 'FILLED' : 'PARTIALLY_FILLED';
    outcome.write(orderEvent(order));
  }
  if (complete) return;
  if (mayRest(book, order, limit)) {
    rest(state, book, order);
    return;
  }
  if (order.quoteOrderQty !== null) order.lots = order.executedLots;
  order.status = 'EXPIRED';
  outcome.write(orderEvent(order));
}

/** A quoteOrderQty is used up when what is left of it does not pay for one more lot at the last price. */
function isComplete({ lots, executedLots, quoteOrderQty, executedQuote, market }: Order): boolean {
  if (quoteOrderQty === null) return executedLots === lots;
  return executedLots > 0 && quoteOrderQty - executedQuote < market.quoteUnits(market.lastTicks, 1);
}

/** A limit order stays, unless it stopped at the bound on fills: resting there it would cross the book. */
function mayRest(book: OrderBook, { type, timeInForce, side }: Order, limit: number): boolean {
  if (type === 'MARKET' || timeInForce !== 'GTC') return false;
  return book.opposite(side).bestWithin(limit) === undefined;
}

function rest(state: State, book: OrderBook, order: Order): void {
  const { base, quote } = book.market.listing;
  state.balances.hold(order.account, order.side === 'BUY' ? quote : base, order.heldUnits);
  book.rest(order);
  state.openOrders.add(order);
}
