/** Which orders are open, and how one is found by its names. */
import type { Records } from '#domain/codec.ts';
import { isConditional, kinds } from './order-kinds.ts';
import type { State } from './state.ts';

const { NONE } = kinds;

/** The order id and the client's id name different orders. */
export const MISMATCH = -2;

/** Makes an order one that can be found, is counted, and answers to its names. */
export function register(state: State, slot: number): void {
  const { orders, positions } = state;
  const position = orders.position(slot);
  state.orderIndex.set(orders.id(slot), slot);
  state.clientIds.add(slot);
  const youngest = positions.youngest(position);
  orders.setAccountPrevious(slot, youngest);
  orders.setAccountNext(slot, NONE);
  if (youngest === NONE) positions.setOldest(position, slot);
  else orders.setAccountNext(youngest, slot);
  positions.setYoungest(position, slot);
  orders.setRegistered(slot);
  count(state, slot, position, 1);
}

/** Forgets an order that has ended, open before or not, and all that was its own. */
export function close(state: State, slot: number): void {
  const { orders, details } = state;
  if (orders.isRegistered(slot)) unregister(state, slot);
  const row = orders.details(slot);
  if (row !== NONE) {
    const iceberg = details.iceberg(row);
    if (iceberg !== NONE) state.icebergs.give(iceberg);
    details.give(row);
  }
  if (state.prevented.size > 0) state.prevented.delete(slot);
  orders.give(slot);
}

function unregister(state: State, slot: number): void {
  const { orders, positions } = state;
  const position = orders.position(slot);
  state.orderIndex.delete(orders.id(slot));
  state.clientIds.delete(slot);
  const next = orders.accountNext(slot);
  const previous = orders.accountPrevious(slot);
  if (previous === NONE) positions.setOldest(position, next);
  else orders.setAccountNext(previous, next);
  if (next === NONE) positions.setYoungest(position, previous);
  else orders.setAccountPrevious(next, previous);
  count(state, slot, position, -1);
}

function count(state: State, slot: number, position: number, by: number): void {
  const { orders, positions, details } = state;
  positions.addOrders(position, by);
  const row = orders.details(slot);
  if (row === NONE) return;
  if (isConditional(orders.type(slot))) {
    positions.addAlgoOrders(position, by);
    if (details.trailingDelta(row) !== 0) state.markets[positions.market(position)]!.trailing += by;
  }
  if (details.iceberg(row) !== NONE) positions.addIcebergs(position, by);
}

/**
 * The open order so named: `orderId` is NaN for none, the client's id is the text whose length is at `at`. NONE when
 * there is none of the account on the market, {@link MISMATCH} when the names do not agree.
 */
export function findOrder(
  state: State,
  account: number,
  market: number,
  orderId: number,
  records: Records,
  at: number,
): number {
  const { orders, positions } = state;
  const byId = !Number.isNaN(orderId);
  const slot = byId ? state.orderIndex.get(orderId) : state.clientIds.find(account, records, at);
  if (slot === NONE) return NONE;
  const position = orders.position(slot);
  if (positions.account(position) !== account || positions.market(position) !== market) return NONE;
  if (byId && records.words[at] !== 0) {
    if (!state.orderIds.is(slot, records, at)) return MISMATCH;
  }
  return slot;
}
