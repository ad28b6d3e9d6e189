/**
 * The way of most cancels: of a limit order that rests, named by its id. See `plain-placing.ts` for what is plain, and
 * why it is written so.
 */
import { offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import { moveHold, payerOf, plainMarket } from './plain-orders.ts';
import type { State } from './state.ts';
import { type Outcome, tellLevelAndBalance, tellOrder } from './telling.ts';

const { NONE, BUY, CANCELED, IN_BOOK } = kinds;
const CANCEL = offsetsOf(commands.cancel);

const ACCOUNT = CANCEL.account;
const MARKET = CANCEL.market;
const ORDER_ID = CANCEL.orderId;
const RESTRICTION = CANCEL.restriction;
const CLIENT_ID = CANCEL.clientOrderId;

const STATUS_BITS = 7 << 9;
const PLACE_BITS = 7 << 12;

/** Cancels the order as a command of its own if it is plain, rests, and may be cancelled; else does nothing and returns false. */
export function cancelPlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  if (words[(at + CLIENT_ID) | 0] !== 0 || words[(at + RESTRICTION) | 0] !== 0) return false;
  const market = plainMarket(state, words, at);
  if (market === undefined) return false;
  const slot = findPlain(state, words, at, at + ORDER_ID);
  if (slot === NONE) return false;
  const row = payerOf(state, slot);
  moveHold(state, market, slot, row, -1);
  const level = withdrawPlain(state, market, slot);
  tellCancelled(state, outcome, slot, records, at + CLIENT_ID + 1);
  tellLevelAndBalance(state, outcome, market, level, row);
  if (state.levels.ints[level * 6 + 3] === 0) market.removeLevel(state.levels, level);
  forgetPlain(state, slot);
  return true;
}

/** The same as a part of a command that tells levels and balances at its end; the cancel's own id is at `ownIdAt`. */
export function cancelPlainPart(
  state: State,
  market: Market,
  records: Records,
  at: number,
  orderIdAt: number,
  ownIdAt: number,
  outcome: Outcome,
): boolean {
  const slot = findPlain(state, records.words, at, orderIdAt);
  if (slot === NONE) return false;
  const row = payerOf(state, slot);
  state.balances.touch(row);
  moveHold(state, market, slot, row, -1);
  outcome.noteLevel(state, withdrawPlain(state, market, slot));
  tellCancelled(state, outcome, slot, records, ownIdAt);
  forgetPlain(state, slot);
  return true;
}

/** The order whose id is in the word at `orderIdAt`, if it is plain, rests, and is its account's; else NONE. */
function findPlain(state: State, words: Float64Array, at: number, orderIdAt: number): number {
  const slot = state.orderIndex.get(words[orderIdAt]!);
  if (slot === NONE) return NONE;
  const oi = state.orders.ints;
  const ofOrder = slot * 14;
  if ((oi[ofOrder + 7]! & PLACE_BITS) !== IN_BOOK << 12) return NONE;
  const pi = state.positions.ints;
  const ofPosition = oi[ofOrder + 6]! * 12;
  if (pi[ofPosition] !== words[(at + ACCOUNT) | 0] || pi[ofPosition + 1] !== words[(at + MARKET) | 0])
    return NONE;
  const row = oi[ofOrder + 13]!;
  // Of a list, an iceberg, or a conditional one that has triggered: those count elsewhere too.
  return row === NONE || state.details.isPlain(row) ? slot : NONE;
}

/**
 * Takes a plain order out of the book and out of all by which it is found, and makes it a cancelled one; returns its
 * level. What it held is the caller's to release; its record stays until {@link forgetPlain}.
 */
function withdrawPlain(state: State, market: Market, slot: number): number {
  const { orders, levels } = state;
  const oi = orders.ints;
  const ofOrder = slot * 14;
  const flags = oi[ofOrder + 7]!;
  const level = oi[ofOrder + 8]!;
  const next = oi[ofOrder + 9]!;
  const previous = oi[ofOrder + 10]!;
  const accountNext = oi[ofOrder + 11]!;
  const accountPrevious = oi[ofOrder + 12]!;
  const pi = state.positions.ints;
  const ofPosition = oi[ofOrder + 6]! * 12;
  if (accountPrevious === NONE) pi[ofPosition + 10] = accountNext;
  else oi[accountPrevious * 14 + 11] = accountNext;
  if (accountNext === NONE) pi[ofPosition + 11] = accountPrevious;
  else oi[accountNext * 14 + 12] = accountPrevious;
  pi[ofPosition + 6] = pi[ofPosition + 6]! - 1;

  const li = levels.ints;
  const ofLevel = level * 6;
  const ticks = li[ofLevel]!;
  if (previous === NONE) li[ofLevel + 1] = next;
  else oi[previous * 14 + 9] = next;
  if (next === NONE) li[ofLevel + 2] = previous;
  else oi[next * 14 + 10] = previous;
  const left = li[ofLevel + 3]! - 1;
  li[ofLevel + 3] = left;
  levels.floats[level * 2] = levels.floats[level * 2]! - orders.floats[slot * 7 + 1]!;
  state.orderIndex.delete(orders.floats[slot * 7]!);
  state.clientIds.delete(slot);
  if (left === 0) ((flags & 1) === BUY ? market.bids : market.asks).hide(ticks);
  // Nowhere, with its limit where its level was.
  oi[ofOrder + 7] = (flags & ~(STATUS_BITS | PLACE_BITS)) | (CANCELED << 9);
  oi[ofOrder + 8] = ticks;
  return level;
}

function forgetPlain(state: State, slot: number): void {
  const { orders } = state;
  const row = orders.ints[slot * 14 + 13]!;
  if (row !== NONE) {
    state.details.give(row);
    if (state.prevented.size > 0) state.prevented.delete(slot);
  }
  orders.give(slot);
}
function tellCancelled(
  state: State,
  outcome: Outcome,
  slot: number,
  records: Records,
  ownIdAt: number,
): void {
  outcome.cancelId = records;
  outcome.cancelIdAt = ownIdAt;
  tellOrder(state, outcome, slot);
  outcome.cancelId = null;
}
