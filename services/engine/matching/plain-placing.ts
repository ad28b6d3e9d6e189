/**
 * The way of most new orders: a limit that rests without trading. It is placed in one pass where `placing.ts` takes many
 * small steps, and only where nothing can go wrong: whatever is not plain, or would be refused, is left to that,
 * untouched. So a rule has one home, and here stands when none of them bites. `plain-cancelling.ts` does the same for
 * cancels.
 *
 * It is written out over the pools' memory, whose layout stands in their files: the compiler then reads every array's
 * place once, and has no calls over which it must forget it. Measured on W2: three times the rate.
 */
import { offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Market } from './market.ts';
import { markOf } from './order-ids.ts';
import { kinds } from './order-kinds.ts';
import { moveHold, payerOf, plainMarket } from './plain-orders.ts';
import type { State } from './state.ts';
import { type Outcome, tellLevelAndBalance, tellOrder } from './telling.ts';

const { NONE, BUY, LIMIT, GTC, IN_BOOK } = kinds;
const PLACE = offsetsOf(commands.place);

const ACCOUNT = PLACE.account;
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

const MILLION = 1_000_000;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;
const REGISTERED = 1 << 15;

/** Places the order as a command of its own if it is plain and would be accepted; else does nothing and returns false. */
export function placePlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  const market = plainMarket(state, words, at);
  if (market === undefined) return false;
  const mark = markOf(words[(at + ACCOUNT) | 0]! | 0, records, at + CLIENT_ID);
  const position = admitPlain(state, market, records, at, at + TERMS, at + CLIENT_ID, mark, outcome);
  if (position === NONE) return false;
  const slot = restPlain(state, market, records, at + TERMS, at + CLIENT_ID, mark, position, outcome);
  const level = state.orders.ints[slot * 14 + 8]!;
  const row = payerOf(state, slot);
  moveHold(state, market, slot, row, 1);
  tellOrder(state, outcome, slot);
  tellLevelAndBalance(state, outcome, market, level, row);
  return true;
}

/** The same as a part of a command that tells levels and balances at its end. */
export function placePlainPart(
  state: State,
  market: Market,
  records: Records,
  at: number,
  terms: number,
  idAt: number,
  outcome: Outcome,
): boolean {
  const mark = markOf(records.words[(at + ACCOUNT) | 0]! | 0, records, idAt);
  const position = admitPlain(state, market, records, at, terms, idAt, mark, outcome);
  if (position === NONE) return false;
  const slot = restPlain(state, market, records, terms, idAt, mark, position, outcome);
  const row = payerOf(state, slot);
  state.balances.touch(row);
  moveHold(state, market, slot, row, 1);
  outcome.noteLevel(state, state.orders.ints[slot * 14 + 8]!);
  tellOrder(state, outcome, slot);
  return true;
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
