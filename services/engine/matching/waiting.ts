/**
 * Where orders wait that do not rest in the book: at their stop price, being trailed, or in the market's queue of those
 * that are to start. All three link orders through `next` and `previous`, which only the book uses otherwise.
 */
import type { Market } from './market.ts';
import { kinds, waitsForRise } from './order-kinds.ts';
import type { State } from './state.ts';

const { AT_STOP, NONE, NOWHERE, QUEUED, TRAILED } = kinds;

/** Puts a conditional order, which is nowhere, where it waits: at its stop, or with those being trailed. */
export function waitForPrice(state: State, market: Market, slot: number): void {
  const { orders, details, levels } = state;
  const row = orders.details(slot);
  const ticks = details.stopTicks(row);
  if (ticks === 0) {
    trail(state, market, slot, 0);
    return;
  }
  const side = orders.side(slot);
  const ladder = waitsForRise(side, orders.type(slot)) ? market.rising : market.falling;
  let level = ladder.find(ticks);
  if (level === NONE) {
    level = levels.take(side, ticks);
    ladder.add(ticks, level);
    ladder.show(ticks, level);
  }
  levels.append(orders, level, slot);
  orders.setPlace(slot, AT_STOP);
  market.atStop++;
}

export function leaveStop(state: State, market: Market, slot: number): void {
  const { orders, details, levels } = state;
  const ladder = waitsForRise(orders.side(slot), orders.type(slot)) ? market.rising : market.falling;
  const level = orders.level(slot);
  if (levels.unlink(orders, level, slot)) {
    const ticks = levels.ticks(level);
    ladder.hide(ticks);
    ladder.remove(ticks);
    levels.give(level);
  }
  market.atStop--;
  goNowhere(state, slot, details.limitTicks(orders.details(slot)));
}

/** Follows the price for an order that is nowhere, from `ticks` on; 0 for from the next trade on. */
export function trail(state: State, market: Market, slot: number, ticks: number): void {
  const { orders, details } = state;
  details.setExtreme(orders.details(slot), ticks);
  append(state, market.trailedLast, slot);
  if (market.trailedLast === NONE) market.trailedFirst = slot;
  market.trailedLast = slot;
  orders.setPlace(slot, TRAILED);
}

export function leaveTrail(state: State, market: Market, slot: number): void {
  const { orders, details } = state;
  if (market.trailedFirst === slot) market.trailedFirst = orders.next(slot);
  if (market.trailedLast === slot) market.trailedLast = orders.previous(slot);
  unlink(state, slot);
  const row = orders.details(slot);
  details.setExtreme(row, 0);
  goNowhere(state, slot, details.limitTicks(row));
}

/** Puts an order that is nowhere, or pending, at the end of the market's queue. */
export function enqueue(state: State, market: Market, slot: number): void {
  append(state, market.queueLast, slot);
  if (market.queueLast === NONE) market.queueFirst = slot;
  market.queueLast = slot;
  state.orders.setPlace(slot, QUEUED);
}

export function leaveQueue(state: State, market: Market, slot: number): void {
  const { orders, details } = state;
  if (market.queueFirst === slot) market.queueFirst = orders.next(slot);
  if (market.queueLast === slot) market.queueLast = orders.previous(slot);
  unlink(state, slot);
  goNowhere(state, slot, details.limitTicks(orders.details(slot)));
}

/** From now on the order is at no place, and its limit is where its level was. */
export function goNowhere({ orders }: State, slot: number, limitTicks: number): void {
  orders.setPlace(slot, NOWHERE);
  orders.setLevel(slot, limitTicks);
}

function append({ orders }: State, last: number, slot: number): void {
  orders.setPrevious(slot, last);
  orders.setNext(slot, NONE);
  if (last !== NONE) orders.setNext(last, slot);
}

function unlink({ orders }: State, slot: number): void {
  const next = orders.next(slot);
  const previous = orders.previous(slot);
  if (previous !== NONE) orders.setNext(previous, next);
  if (next !== NONE) orders.setPrevious(next, previous);
}
