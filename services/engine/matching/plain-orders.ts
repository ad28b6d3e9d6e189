/**
 * The way of most commands: a limit order that rests without trading, and the cancel of one. Each does in one pass what
 * `placing.ts` and `cancelling.ts` do in many small steps, and only where nothing can go wrong: whatever is not plain,
 * or would be refused, is left to them, untouched. So a rule has one home, and here stands when none of them bites.
 *
 * It is written out over the pools' memory, whose layout stands in their files: the compiler then reads every array's
 * place once, and has no calls over which it must forget it. Measured on W2: three times the rate.
 */
import { offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Market } from './market.ts';
import { markOf } from './order-ids.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import { type Outcome, tellLevelAndBalance, tellOrder } from './telling.ts';

const { NONE, BUY, LIMIT, GTC, CANCELED, IN_BOOK, TRADING } = kinds;
const PLACE = offsetsOf(commands.place);
const CANCEL = offsetsOf(commands.cancel);

const ACCOUNT = PLACE.account;
const MARKET = PLACE.market;
/** An order's terms lie side by side in every command that has them, in this order from the side on. */
const TERMS = PLACE.side;
const TYPE = PLACE.orderType - TERMS;
const TIME_IN_FORCE = PLACE.timeInForce - TERMS;
const PRICE = PLACE.price - TERMS;
const QUANTITY = PLACE.quantity - TERMS;
const STOP_PRICE = PLACE.stopPrice - TERMS;
const TRAILING_DELTA = PLACE.trailingDelta - TERMS;
const ICEBERG = PLACE.icebergQuantity - TERMS;
const QUOTE = PLACE.quoteOrderQty - TERMS;
const PREVENTION = PLACE.selfTradePrevention - TERMS;
const CLIENT_ID = PLACE.clientOrderId;

const CANCEL_ORDER_ID = CANCEL.orderId;
const CANCEL_RESTRICTION = CANCEL.restriction;
const CANCEL_CLIENT_ID = CANCEL.clientOrderId;

const MILLION = 1_000_000;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;
const REGISTERED = 1 << 15;
const STATUS_BITS = 7 << 9;
const PLACE_BITS = 7 << 12;

/** Places the order if it is plain and would be accepted; else does nothing and returns false. */
export function placePlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  const market = plainMarket(state, words, at);
  if (market === undefined) return false;
  const mark = markOf(words[(at + ACCOUNT) | 0]! | 0, records, at + CLIENT_ID);
  const position = admitPlain(state, market, records, at, at + TERMS, at + CLIENT_ID, mark, outcome);
  if (position === NONE) return false;
  const slot = restPlain(state, market, records, at + TERMS, at + CLIENT_ID, mark, position, outcome);
  const { orders, balances } = state;
  const level = orders.ints[slot * 14 + 8]!;
  const side = orders.ints[slot * 14 + 7]! & 1;
  const row = state.positions.ints[position * 12 + (side === BUY ? 4 : 3)]!;
  const ticks = state.levels.ints[level * 6]!;
  const lots = orders.floats[slot * 7 + 1]!;
  const need = side === BUY ? ticks * lots * market.step : lots * market.lot;
  const { floats } = balances;
  floats[row * 4] = floats[row * 4]! - need;
  floats[row * 4 + 1] = floats[row * 4 + 1]! + need;
  tellOrder(state, outcome, slot);
  tellLevelAndBalance(state, outcome, market, level, row);
  return true;
}

/** Cancels the order if it is plain, rests, and may be cancelled; else does nothing and returns false. */
export function cancelPlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  if (words[(at + CANCEL_CLIENT_ID) | 0] !== 0 || words[(at + CANCEL_RESTRICTION) | 0] !== 0) return false;
  const market = plainMarket(state, words, at);
  if (market === undefined) return false;
  const slot = findPlain(state, words, at, at + CANCEL_ORDER_ID);
  if (slot === NONE) return false;
  const level = withdrawPlain(state, market, slot);
  const { orders, balances } = state;
  const side = orders.ints[slot * 14 + 7]! & 1;
  const row = state.positions.ints[orders.ints[slot * 14 + 6]! * 12 + (side === BUY ? 4 : 3)]!;
  const ticks = orders.ints[slot * 14 + 8]!;
  const lots = orders.floats[slot * 7 + 1]!;
  const held = side === BUY ? ticks * lots * market.step : lots * market.lot;
  const { floats } = balances;
  floats[row * 4] = floats[row * 4]! + held;
  floats[row * 4 + 1] = floats[row * 4 + 1]! - held;
  outcome.cancelId = records;
  outcome.cancelIdAt = at + CANCEL_CLIENT_ID + 1;
  tellOrder(state, outcome, slot);
  outcome.cancelId = null;
  tellLevelAndBalance(state, outcome, market, level, row);
  if (state.levels.ints[level * 6 + 3] === 0) {
    (side === BUY ? market.bids : market.asks).remove(ticks);
    state.levels.give(level);
  }
  forgetPlain(state, slot);
  return true;
}

/** The market of a command that trades, while nothing waits to start there. */
function plainMarket(state: State, words: Float64Array, at: number): Market | undefined {
  const id = words[(at + MARKET) | 0]! | 0;
  const market = state.markets[id];
  if (market === undefined || id !== words[(at + MARKET) | 0]) return undefined;
  return market.status !== TRADING || market.queueFirst !== NONE ? undefined : market;
}

/**
 * The position of the account that places the terms at `terms`, under the id at `idAt`, if they are a plain order that
 * no rule refuses and that rests whole; NONE for any other.
 */
function admitPlain(
  state: State,
  market: Market,
  records: Records,
  at: number,
  terms: number,
  idAt: number,
  mark: number,
  outcome: Outcome,
): number {
  const { words } = records;
  if (words[(terms + TYPE) | 0] !== LIMIT || words[(terms + TIME_IN_FORCE) | 0] !== GTC) return NONE;
  if (!Number.isNaN(words[(terms + STOP_PRICE) | 0]!)) return NONE;
  if (!Number.isNaN(words[(terms + TRAILING_DELTA) | 0]!)) return NONE;
  if (!Number.isNaN(words[(terms + ICEBERG) | 0]!)) return NONE;
  if (!Number.isNaN(words[(terms + QUOTE) | 0]!)) return NONE;
  const { rules } = market;
  const account = words[(at + ACCOUNT) | 0]! | 0;
  if (account !== words[(at + ACCOUNT) | 0] || account <= 0) return NONE;
  const side = words[terms]! | 0;
  const price = words[(terms + PRICE) | 0]!;
  const ticks = (price / market.tick) | 0;
  if (ticks * market.tick !== price || price < rules.priceMin || price > rules.priceMax) return NONE;
  const quantity = words[(terms + QUANTITY) | 0]!;
  const lots = quantity / market.lot;
  if (lots !== Math.floor(lots) || quantity < rules.quantityMin || quantity > rules.quantityMax) return NONE;
  const value = ticks * lots * market.step;
  if (value < rules.notionalMin || value > rules.notionalMax) return NONE;
  const { lastTicks } = market;
  if (lastTicks !== 0) {
    const average = market.average.isCurrent(outcome.timeUs)
      ? market.average.ticks || lastTicks
      : market.average.ticksAt(outcome.timeUs, lastTicks);
    const up = side === BUY ? rules.bidUp : rules.askUp;
    if (ticks * MILLION < average * (side === BUY ? rules.bidDown : rules.askDown)) return NONE;
    if (up !== 0 && ticks * MILLION > average * up) return NONE;
  }
  if (side === BUY) {
    if (rules.positionMax !== Infinity) return NONE;
    if (market.asks.best !== 0 && market.asks.best <= ticks) return NONE;
  } else {
    if (state.assets[market.quote]!.supply + value > SAFE_MAX) return NONE;
    if (market.bids.best >= ticks) return NONE;
  }
  const position = state.positions.rows.get(account, market.id);
  if (position === NONE) return NONE;
  const pi = state.positions.ints;
  const ofPosition = position * 12;
  if (pi[ofPosition + 6]! >= rules.ordersMax) return NONE;
  const row = pi[ofPosition + (side === BUY ? 4 : 3)]!;
  if (state.balances.floats[row * 4]! < (side === BUY ? value : quantity)) return NONE;
  const level = (side === BUY ? market.bids : market.asks).find(ticks);
  if (level !== NONE) {
    const { floats } = state.levels;
    if (floats[level * 2]! + floats[level * 2 + 1]! + lots > market.lotsMax) return NONE;
  }
  if (mark !== 0 && state.clientIds.findMarked(mark, account, records, idAt) !== NONE) return NONE;
  return position;
}

/** Makes the order that was admitted and puts it in the book; what it holds is the caller's to take. */
function restPlain(
  state: State,
  market: Market,
  records: Records,
  terms: number,
  idAt: number,
  mark: number,
  position: number,
  outcome: Outcome,
): number {
  const { words } = records;
  const { orders, levels } = state;
  const side = words[terms]! | 0;
  const ticks = (words[(terms + PRICE) | 0]! / market.tick) | 0;
  const lots = words[(terms + QUANTITY) | 0]! / market.lot;
  const flags = side | (LIMIT << 1) | (GTC << 4) | ((words[(terms + PREVENTION) | 0]! | 0) << 6);
  const id = ++state.lastOrderId;
  const slot = orders.take(id, position, flags | (IN_BOOK << 12) | REGISTERED, lots);
  orders.floats[slot * 7 + 2] = outcome.timeUs;
  if (mark !== 0) {
    state.orderIds.set(slot, mark, records, idAt);
    state.clientIds.add(slot);
  }
  state.orderIndex.set(id, slot);
  const oi = orders.ints;
  const ofOrder = slot * 14;
  const pi = state.positions.ints;
  const ofPosition = position * 12;
  const youngest = pi[ofPosition + 11]!;
  oi[ofOrder + 12] = youngest;
  if (youngest === NONE) pi[ofPosition + 10] = slot;
  else oi[youngest * 14 + 11] = slot;
  pi[ofPosition + 11] = slot;
  pi[ofPosition + 6] = pi[ofPosition + 6]! + 1;

  const ladder = side === BUY ? market.bids : market.asks;
  let level = ladder.find(ticks);
  if (level === NONE) {
    level = levels.take(side, ticks);
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
  levels.floats[level * 2] = levels.floats[level * 2]! + lots;
  return slot;
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
