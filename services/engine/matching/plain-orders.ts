/** What placing and cancelling plain orders share: limits in the book, whole, of no list, that nothing waits behind. */
import { offsetsOf } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';

const { NONE, BUY, IN_BOOK, TRADING } = kinds;
const { market: MARKET } = offsetsOf(commands.place);

const REGISTERED = 1 << 15;
const STATUS_BITS = 7 << 9;
const PLACE_BITS = 7 << 12;

/** The balance that pays for an order. */
export function payerOf({ orders, positions }: State, slot: number): number {
  const side = orders.ints[slot * 14 + 7]! & 1;
  return positions.ints[orders.ints[slot * 14 + 6]! * 12 + (side === BUY ? 4 : 3)]!;
}

/** Holds what an order in the book needs, for `sign` 1; releases it for -1. */
export function moveHold(
  { orders, levels, balances }: State,
  market: Market,
  slot: number,
  row: number,
  sign: number,
): void {
  const lots = orders.floats[slot * 7 + 1]!;
  const ticks = levels.ints[orders.ints[slot * 14 + 8]! * 6]!;
  const need =
    sign * ((orders.ints[slot * 14 + 7]! & 1) === BUY ? ticks * lots * market.step : lots * market.lot);
  const { floats } = balances;
  floats[row * 4] = floats[row * 4]! - need;
  floats[row * 4 + 1] = floats[row * 4 + 1]! + need;
}

/** The market of a command that trades, while nothing waits to start there. */
export function plainMarket(state: State, words: Float64Array, at: number): Market | undefined {
  const id = words[(at + MARKET) | 0]! | 0;
  const market = state.markets[id];
  if (market === undefined || id !== words[(at + MARKET) | 0]) return undefined;
  return market.status !== TRADING || market.queueFirst !== NONE ? undefined : market;
}

/** Puts a new order that is nowhere in the book, and among all by which it is found; what it holds is the caller's to take. */
export function restPlain(state: State, market: Market, slot: number): number {
  const { orders, levels } = state;
  const oi = orders.ints;
  const ofOrder = slot * 14;
  const flags = oi[ofOrder + 7]! | (IN_BOOK << 12) | REGISTERED;
  oi[ofOrder + 7] = flags;
  state.clientIds.add(slot);
  state.orderIndex.set(orders.floats[slot * 7]!, slot);
  const pi = state.positions.ints;
  const ofPosition = oi[ofOrder + 6]! * 12;
  const youngest = pi[ofPosition + 11]!;
  oi[ofOrder + 12] = youngest;
  if (youngest === NONE) pi[ofPosition + 10] = slot;
  else oi[youngest * 14 + 11] = slot;
  pi[ofPosition + 11] = slot;
  pi[ofPosition + 6] = pi[ofPosition + 6]! + 1;

  const ticks = oi[ofOrder + 8]!;
  const ladder = (flags & 1) === BUY ? market.bids : market.asks;
  let level = ladder.find(ticks);
  if (level === NONE) {
    level = levels.take(flags & 1, ticks);
    ladder.add(ticks, level);
  }
  const li = levels.ints;
  const ofLevel = level * 6;
  if (li[ofLevel + 3] === 0) ladder.show(ticks, level);
  const last = li[ofLevel + 2]!;
  oi[ofOrder + 8] = level;
  oi[ofOrder + 10] = last;
  if (last === NONE) li[ofLevel + 1] = slot;
  else oi[last * 14 + 9] = slot;
  li[ofLevel + 2] = slot;
  li[ofLevel + 3] = li[ofLevel + 3]! + 1;
  levels.floats[level * 2] = levels.floats[level * 2]! + orders.floats[slot * 7 + 1]!;
  return level;
}

/**
 * Takes a plain order out of the book and out of all by which it is found, and gives it its last status;
 * returns its level. What it held is the caller's to release; its record stays until {@link forgetPlain}.
 */
export function withdrawPlain(state: State, market: Market, slot: number, status: number): number {
  const { orders, levels } = state;
  // First: what it reads is the farthest away in memory, and comes while the rest is done.
  state.clientIds.delete(slot);
  state.orderIndex.delete(orders.floats[slot * 7]!);
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
  if (left === 0) ((flags & 1) === BUY ? market.bids : market.asks).hide(ticks);
  // Nowhere, with its limit where its level was.
  oi[ofOrder + 7] = (flags & ~(STATUS_BITS | PLACE_BITS)) | (status << 9);
  oi[ofOrder + 8] = ticks;
  return level;
}

export function forgetPlain(state: State, slot: number): void {
  const { orders } = state;
  const row = orders.ints[slot * 14 + 13]!;
  if (row !== NONE) {
    state.details.give(row);
    if (state.prevented.size > 0) state.prevented.delete(slot);
  }
  orders.give(slot);
}
