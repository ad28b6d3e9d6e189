/**
 * The way of most new orders: a limit, or a quantity at any price. They are admitted in one pass where `placing.ts` takes
 * many small steps, and only where nothing can go wrong: whatever is not plain, or would be refused, is left to that,
 * untouched. So a rule has one home, and here stands when none of them bites. One that meets others takes from them as
 * any order does (`taking.ts`); `plain-cancelling.ts` is the same for cancels.
 *
 * It is written out over the pools' memory, whose layout stands in their files: the compiler then reads every array's
 * place once, and has no calls over which it must forget it. Measured on W2: three times the rate.
 */
import { offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { bookDemands } from './admission.ts';
import type { Market } from './market.ts';
import { markOf } from './order-ids.ts';
import { kinds } from './order-kinds.ts';
import { moveHold, payerOf, plainMarket, restPlain } from './plain-orders.ts';
import type { State } from './state.ts';
import { take } from './taking.ts';
import { type Outcome, tellOrder } from './telling.ts';
import { tellLevelAndBalance } from './telling-totals.ts';

const { NONE, BUY, GTC, LIMIT, MARKET, TRADING } = kinds;
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

/** Places the order as a command of its own if it is plain, would be accepted, and rests; else does nothing. */
export function placePlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  const market = plainMarket(state, words, at);
  if (market === undefined || takes(market, words, at + TERMS)) return false;
  const account = words[(at + ACCOUNT) | 0]! | 0;
  if (account !== words[(at + ACCOUNT) | 0]) return false;
  const mark = markOf(account, records, at + CLIENT_ID);
  const position = admitLimit(state, market, records, account, at + TERMS, at + CLIENT_ID, mark, outcome);
  if (position === NONE) return false;
  const slot = createPlain(state, market, records, at + TERMS, at + CLIENT_ID, mark, position, outcome);
  const level = restPlain(state, market, slot);
  const row = payerOf(state, slot);
  moveHold(state, market, slot, row, 1);
  tellOrder(state, outcome, slot);
  tellLevelAndBalance(state, outcome, market, level, row);
  return true;
}

/**
 * Places the order if it is plain and would be accepted; it rests, or takes. Levels and balances are told at the
 * command's end. Else does nothing and returns false.
 */
export function placePlainPart(
  state: State,
  market: Market,
  records: Records,
  account: number,
  terms: number,
  idAt: number,
  outcome: Outcome,
): boolean {
  if (market.status !== TRADING) return false;
  const mark = markOf(account, records, idAt);
  const isMarket = records.words[(terms + TYPE) | 0] === MARKET;
  const position = isMarket
    ? admitMarket(state, market, records, account, terms, idAt, mark)
    : admitLimit(state, market, records, account, terms, idAt, mark, outcome);
  if (position === NONE) return false;
  const slot = createPlain(state, market, records, terms, idAt, mark, position, outcome);
  tellOrder(state, outcome, slot);
  if (takes(market, records.words, terms)) {
    take(state, outcome, market, slot);
    return true;
  }
  outcome.noteLevel(state, restPlain(state, market, slot));
  const row = payerOf(state, slot);
  state.balances.touch(row);
  moveHold(state, market, slot, row, 1);
  return true;
}

/** Whether the order, if it is a plain one, meets others; or may not rest. */
function takes({ bids, asks, tick }: Market, words: Float64Array, terms: number): boolean {
  if (words[(terms + TIME_IN_FORCE) | 0] !== GTC || words[(terms + TYPE) | 0] === MARKET) return true;
  const ticks = words[(terms + PRICE) | 0]! / tick;
  return words[terms] === BUY ? asks.best !== 0 && asks.best <= ticks : bids.best >= ticks;
}

/**
 * The position of the account that places the terms at `terms`, under the id at `idAt`, if they are a limit, neither
 * conditional nor an iceberg, that no rule refuses; NONE for any other.
 */
function admitLimit(
  state: State,
  market: Market,
  records: Records,
  account: number,
  terms: number,
  idAt: number,
  mark: number,
  outcome: Outcome,
): number {
  const { words } = records;
  if (words[(terms + TYPE) | 0] !== LIMIT || !isUnconditional(words, terms) || account <= 0) return NONE;
  const { rules } = market;
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
  } else if (state.assets[market.quote]!.supply + value > SAFE_MAX) return NONE;
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

/** The same for an order of a quantity at any price. */
function admitMarket(
  state: State,
  market: Market,
  records: Records,
  account: number,
  terms: number,
  idAt: number,
  mark: number,
): number {
  const { words } = records;
  if (!Number.isNaN(words[(terms + PRICE) | 0]!) || !isUnconditional(words, terms) || account <= 0)
    return NONE;
  const { rules, lastTicks } = market;
  const side = words[terms]! | 0;
  if (side === BUY && rules.positionMax !== Infinity) return NONE;
  const quantity = words[(terms + QUANTITY) | 0]!;
  const lots = quantity / market.lot;
  if (lots !== Math.floor(lots) || quantity < rules.quantityMin || quantity > rules.quantityMax) return NONE;
  const value = lastTicks * lots * market.step;
  // Before the first trade nobody knows what it is worth.
  if (quantity > rules.marketQuantityMax || value < rules.notionalMin || value > rules.notionalMax)
    return NONE;
  const position = state.positions.rows.get(account, market.id);
  if (position === NONE) return NONE;
  const row = state.positions.ints[position * 12 + (side === BUY ? 4 : 3)]!;
  const prevention = words[(terms + PREVENTION) | 0]! | 0;
  const need = side === BUY ? bookDemands(state, market, BUY, lots, Infinity, account, prevention) : quantity;
  if (state.balances.floats[row * 4]! < need) return NONE;
  if (mark !== 0 && state.clientIds.findMarked(mark, account, records, idAt) !== NONE) return NONE;
  return position;
}

/** Whether nothing is given beside a price and a quantity: what is not, is NaN. */
function isUnconditional(words: Float64Array, terms: number): boolean {
  return (
    Number.isNaN(words[(terms + STOP_PRICE) | 0]!) &&
    Number.isNaN(words[(terms + TRAILING_DELTA) | 0]!) &&
    Number.isNaN(words[(terms + ICEBERG) | 0]!) &&
    Number.isNaN(words[(terms + QUOTE) | 0]!)
  );
}

/** Makes the order that was admitted, which is nowhere yet; one without a price has none in ticks. */
function createPlain(
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
  const { orders } = state;
  const type = words[(terms + TYPE) | 0]! | 0;
  const flags =
    words[terms]! |
    0 |
    (type << 1) |
    ((words[(terms + TIME_IN_FORCE) | 0]! | 0) << 4) |
    ((words[(terms + PREVENTION) | 0]! | 0) << 6);
  const lots = words[(terms + QUANTITY) | 0]! / market.lot;
  const slot = orders.take(++state.lastOrderId, position, flags, lots);
  orders.floats[slot * 7 + 2] = outcome.timeUs;
  orders.ints[slot * 14 + 8] = type === MARKET ? 0 : (words[(terms + PRICE) | 0]! / market.tick) | 0;
  if (mark !== 0) state.orderIds.set(slot, mark, records, idAt);
  return slot;
}
