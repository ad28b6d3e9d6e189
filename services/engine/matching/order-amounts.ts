/** What an open order's amounts come to, wherever it is. */

import { isPriceless, kinds } from './order-kinds.ts';
import { type OrderList, pairOf } from './order-list.ts';
import type { State } from './state.ts';

const { BUY, IN_BOOK, NONE, NOWHERE, PENDING, PENDING_NEW } = kinds;

/** The order's limit in ticks; 0 when it has none. */
export function limitTicksOf({ orders, details, levels }: State, slot: number): number {
  const place = orders.place(slot);
  if (place === IN_BOOK) return levels.ticks(orders.level(slot));
  return place === NOWHERE ? orders.level(slot) : details.limitTicks(orders.details(slot));
}

/** What remains of it, hidden lots too. */
export function remainingLots({ orders, details, icebergs }: State, slot: number): number {
  const row = orders.details(slot);
  const iceberg = row === NONE ? NONE : details.iceberg(row);
  return orders.lots(slot) + (iceberg === NONE ? 0 : icebergs.hiddenLots(iceberg));
}

/** Nothing of it remains: what did was taken out by self-trade prevention. */
export function dropRemaining({ orders, details, icebergs }: State, slot: number): void {
  orders.setLots(slot, 0);
  const iceberg = details.iceberg(orders.details(slot));
  if (iceberg !== NONE) icebergs.setHiddenLots(iceberg, 0);
}

/**
 * What an open order keeps held, of quote for a BUY and of base for a SELL: what its remaining lots take at its limit.
 * A BUY without a limit and a pending order hold nothing. The first order of an OCO pair holds for both.
 */
export function heldUnits(state: State, slot: number): number {
  const { orders } = state;
  if (orders.place(slot) === PENDING || orders.status(slot) === PENDING_NEW) return 0;
  const list = wholePair(state, slot);
  if (list === undefined) return needOf(state, slot);
  return list.slots[pairOf(list.kind)![0]] === slot ? Math.max(...list.pairNeeds!) : 0;
}

/**
 * What is released when an order leaves with all that remains of it. Of an OCO pair, the other stays with its own
 * need, and from now on the two are no pair.
 */
export function takeHold(state: State, slot: number): number {
  const list = wholePair(state, slot);
  if (list === undefined) return heldUnits(state, slot);
  const [first, second] = list.pairNeeds!;
  const otherNeed = list.slots[pairOf(list.kind)![0]] === slot ? second : first;
  list.pairNeeds = null;
  return Math.max(first, second) - otherNeed;
}

/** What is released when an order was shortened that took `needBefore` at its limit. */
export function lessenHold(state: State, slot: number, needBefore: number): number {
  const released = needBefore - needOf(state, slot);
  const list = wholePair(state, slot);
  if (list === undefined) return released;
  const [first, second] = list.pairNeeds!;
  const isFirst = list.slots[pairOf(list.kind)![0]] === slot;
  list.pairNeeds = isFirst ? [first - released, second] : [first, second - released];
  return Math.max(first, second) - Math.max(...list.pairNeeds);
}

/** The order's list while it is one of an OCO pair of which none has traded, triggered or ended. */
function wholePair({ orders, details, lists }: State, slot: number): OrderList | undefined {
  const row = orders.details(slot);
  const id = row === NONE ? 0 : details.list(row);
  if (id === 0) return undefined;
  const list = lists.open.get(id)!;
  return list.pairNeeds === null ? undefined : list;
}

/** What the remaining lots take at its limit, whatever is held for them. */
export function needOf(state: State, slot: number): number {
  const { orders, positions } = state;
  const market = state.markets[positions.market(orders.position(slot))]!;
  const lots = remainingLots(state, slot);
  if (orders.side(slot) !== BUY) return lots * market.lot;
  return isPriceless(orders.type(slot)) ? 0 : market.quoteUnits(limitTicksOf(state, slot), lots);
}

/** The balance that holds for it. */
export function payingBalance({ orders, positions }: State, slot: number): number {
  const position = orders.position(slot);
  return orders.side(slot) === BUY ? positions.quoteBalance(position) : positions.baseBalance(position);
}
