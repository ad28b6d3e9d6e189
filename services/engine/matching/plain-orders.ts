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
import { markOf } from './order-ids.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import { type Outcome, tellBalance, tellLevel, tellOrder } from './telling.ts';

const { NONE, BUY, LIMIT, GTC, CANCELED, IN_BOOK, TRADING } = kinds;
const PLACE = offsetsOf(commands.place);
const CANCEL = offsetsOf(commands.cancel);

const ACCOUNT = PLACE.account;
const MARKET = PLACE.market;
const SIDE = PLACE.side;
const TYPE = PLACE.orderType;
const TIME_IN_FORCE = PLACE.timeInForce;
const PRICE = PLACE.price;
const QUANTITY = PLACE.quantity;
const STOP_PRICE = PLACE.stopPrice;
const TRAILING_DELTA = PLACE.trailingDelta;
const ICEBERG = PLACE.icebergQuantity;
const QUOTE = PLACE.quoteOrderQty;
const PREVENTION = PLACE.selfTradePrevention;
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
  if (words[(at + TYPE) | 0] !== LIMIT || words[(at + TIME_IN_FORCE) | 0] !== GTC) return false;
  // A field that is given is no NaN.
  if (words[(at + STOP_PRICE) | 0]! >= 0 || words[(at + STOP_PRICE) | 0]! < 0) return false;
  if (words[(at + TRAILING_DELTA) | 0]! >= 0 || words[(at + TRAILING_DELTA) | 0]! < 0) return false;
  if (words[(at + ICEBERG) | 0]! >= 0 || words[(at + ICEBERG) | 0]! < 0) return false;
  if (words[(at + QUOTE) | 0]! >= 0 || words[(at + QUOTE) | 0]! < 0) return false;
  const market = state.markets[words[(at + MARKET) | 0]! | 0];
  if (market === undefined || market.id !== words[(at + MARKET) | 0]) return false;
  if (market.status !== TRADING || market.queueFirst !== NONE) return false;
  const { rules } = market;

  const account = words[(at + ACCOUNT) | 0]! | 0;
  if (account !== words[(at + ACCOUNT) | 0] || account <= 0) return false;
  const side = words[(at + SIDE) | 0]! | 0;
  const price = words[(at + PRICE) | 0]!;
  const ticks = (price / market.tick) | 0;
  if (ticks * market.tick !== price || price < rules.priceMin || price > rules.priceMax) return false;
  const quantity = words[(at + QUANTITY) | 0]!;
  const lots = quantity / market.lot;
  if (lots !== Math.floor(lots) || quantity < rules.quantityMin || quantity > rules.quantityMax) return false;
  const value = ticks * lots * market.step;
  if (value < rules.notionalMin || value > rules.notionalMax) return false;
  const { lastTicks } = market;
  if (lastTicks !== 0) {
    const average = market.average.isCurrent(outcome.timeUs)
      ? market.average.ticks || lastTicks
      : market.average.ticksAt(outcome.timeUs, lastTicks);
    const up = side === BUY ? rules.bidUp : rules.askUp;
    if (ticks * MILLION < average * (side === BUY ? rules.bidDown : rules.askDown)) return false;
    if (up !== 0 && ticks * MILLION > average * up) return false;
  }
  if (side === BUY) {
    if (rules.positionMax !== Infinity) return false;
    if (market.asks.best !== 0 && market.asks.best <= ticks) return false;
  } else {
    if (state.assets[market.quote]!.supply + value > SAFE_MAX) return false;
    if (market.bids.best >= ticks) return false;
  }

  const { positions } = state;
  const position = positions.rows.get(account, market.id);
  if (position === NONE) return false;
  const pi = positions.ints;
  const ofPosition = position * 12;
  if (pi[ofPosition + 6]! >= rules.ordersMax) return false;
  const row = pi[ofPosition + (side === BUY ? 4 : 3)]!;
  const need = side === BUY ? value : quantity;
  const bf = state.balances.floats;
  if (bf[row * 4]! < need) return false;
  const { levels } = state;
  const ladder = side === BUY ? market.bids : market.asks;
  let level = ladder.find(ticks);
  if (level !== NONE && levels.floats[level * 2]! + levels.floats[level * 2 + 1]! + lots > market.lotsMax)
    return false;
  const mark = markOf(account, records, at + CLIENT_ID);
  if (mark !== 0 && state.clientIds.findMarked(mark, account, records, at + CLIENT_ID) !== NONE) return false;
  // From here on it is accepted.

  const { orders } = state;
  const id = ++state.lastOrderId;
  const flags = side | (LIMIT << 1) | (GTC << 4) | ((words[(at + PREVENTION) | 0]! | 0) << 6);
  const slot = orders.take(id, position, flags | (IN_BOOK << 12) | REGISTERED, lots);
  const oi = orders.ints;
  const ofOrder = slot * 14;
  orders.floats[slot * 7 + 2] = outcome.timeUs;
  if (mark !== 0) {
    state.orderIds.set(slot, mark, records, at + CLIENT_ID);
    state.clientIds.add(slot);
  }
  state.orderIndex.set(id, slot);
  const youngest = pi[ofPosition + 11]!;
  oi[ofOrder + 12] = youngest;
  if (youngest === NONE) pi[ofPosition + 10] = slot;
  else oi[youngest * 14 + 11] = slot;
  pi[ofPosition + 11] = slot;
  pi[ofPosition + 6] = pi[ofPosition + 6]! + 1;

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

  bf[row * 4] = bf[row * 4]! - need;
  bf[row * 4 + 1] = bf[row * 4 + 1]! + need;
  tellOrder(state, outcome, slot);
  tellLevel(state, outcome, market, level);
  tellBalance(state, outcome, row);
  return true;
}

/** Cancels the order if it is plain, rests, and may be cancelled; else does nothing and returns false. */
export function cancelPlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  if (words[(at + CANCEL_CLIENT_ID) | 0] !== 0 || words[(at + CANCEL_RESTRICTION) | 0] !== 0) return false;
  const slot = state.orderIndex.get(words[(at + CANCEL_ORDER_ID) | 0]!);
  if (slot === NONE) return false;
  const { orders, positions, details, levels } = state;
  const oi = orders.ints;
  const ofOrder = slot * 14;
  const flags = oi[ofOrder + 7]!;
  if ((flags & PLACE_BITS) !== IN_BOOK << 12) return false;
  const position = oi[ofOrder + 6]!;
  const pi = positions.ints;
  const ofPosition = position * 12;
  if (pi[ofPosition] !== words[(at + ACCOUNT) | 0] || pi[ofPosition + 1] !== words[(at + MARKET) | 0])
    return false;
  const row = oi[ofOrder + 13]!;
  // Of a list, an iceberg, or a conditional one that has triggered: those count elsewhere too.
  if (row !== NONE && !details.isPlain(row)) return false;
  const market = state.markets[pi[ofPosition + 1]!]!;
  if (market.status !== TRADING || market.queueFirst !== NONE) return false;

  const level = oi[ofOrder + 8]!;
  const li = levels.ints;
  const ofLevel = level * 6;
  const ticks = li[ofLevel]!;
  const lots = orders.floats[slot * 7 + 1]!;
  const next = oi[ofOrder + 9]!;
  const previous = oi[ofOrder + 10]!;
  if (previous === NONE) li[ofLevel + 1] = next;
  else oi[previous * 14 + 9] = next;
  if (next === NONE) li[ofLevel + 2] = previous;
  else oi[next * 14 + 10] = previous;
  const left = li[ofLevel + 3]! - 1;
  li[ofLevel + 3] = left;
  levels.floats[level * 2] = levels.floats[level * 2]! - lots;
  const side = flags & 1;
  const ladder = side === BUY ? market.bids : market.asks;
  if (left === 0) ladder.hide(ticks);
  // Nowhere, with its limit where its level was.
  oi[ofOrder + 7] = (flags & ~(STATUS_BITS | PLACE_BITS)) | (CANCELED << 9);
  oi[ofOrder + 8] = ticks;

  const balance = pi[ofPosition + (side === BUY ? 4 : 3)]!;
  const held = side === BUY ? ticks * lots * market.step : lots * market.lot;
  const bf = state.balances.floats;
  bf[balance * 4] = bf[balance * 4]! + held;
  bf[balance * 4 + 1] = bf[balance * 4 + 1]! - held;
  outcome.cancelId = records;
  outcome.cancelIdAt = at + CANCEL_CLIENT_ID + 1;
  tellOrder(state, outcome, slot);
  outcome.cancelId = null;
  tellLevel(state, outcome, market, level);
  tellBalance(state, outcome, balance);
  if (left === 0) {
    ladder.remove(ticks);
    levels.give(level);
  }
  forget(state, slot, position, row);
  return true;
}

/** What `close` does, for an order without conditions. */
function forget(state: State, slot: number, position: number, row: number): void {
  const { orders, positions } = state;
  const oi = orders.ints;
  const pi = positions.ints;
  const ofOrder = slot * 14;
  const ofPosition = position * 12;
  state.orderIndex.delete(orders.floats[slot * 7]!);
  const next = oi[ofOrder + 11]!;
  const previous = oi[ofOrder + 12]!;
  if (previous === NONE) pi[ofPosition + 10] = next;
  else oi[previous * 14 + 11] = next;
  if (next === NONE) pi[ofPosition + 11] = previous;
  else oi[next * 14 + 12] = previous;
  pi[ofPosition + 6] = pi[ofPosition + 6]! - 1;
  state.clientIds.delete(slot);
  if (row !== NONE) {
    state.details.give(row);
    if (state.prevented.size > 0) state.prevented.delete(slot);
  }
  orders.give(slot);
}
