/** What an order asks for, and the rules of its market that depend on nothing else but prices. */

import { offsetsOf } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { rejections } from '#domain/rejections.ts';
import { fitsLevel } from './book.ts';
import type { Market } from './market.ts';
import { isConditional, isPriceless, kinds, waitsForRise } from './order-kinds.ts';
import type { State } from './state.ts';

const { BUY, GTC, LIMIT, LIMIT_MAKER, MARKET } = kinds;

const PLACE = offsetsOf(commands.place);
/** Terms lie side by side in every command that has them, in this order from the side on. */
const SIDE = 0;
const TYPE = PLACE.orderType - PLACE.side;
const TIME_IN_FORCE = PLACE.timeInForce - PLACE.side;
const PRICE = PLACE.price - PLACE.side;
const QUANTITY = PLACE.quantity - PLACE.side;
const STOP_PRICE = PLACE.stopPrice - PLACE.side;
const TRAILING_DELTA = PLACE.trailingDelta - PLACE.side;
const ICEBERG = PLACE.icebergQuantity - PLACE.side;
const QUOTE = PLACE.quoteOrderQty - PLACE.side;
const PREVENTION = PLACE.selfTradePrevention - PLACE.side;

const MILLION = 1_000_000;

/** One order's terms; amounts that are not given are NaN. Used again for every order. */
export class Terms {
  side = 0;
  type = 0;
  timeInForce = 0;
  prevention = 0;
  price = 0.5;
  quantity = 0.5;
  stopPrice = 0.5;
  trailingDelta = 0.5;
  iceberg = 0.5;
  quoteOrderQty = 0.5;
  /** Of the price, and of the stop price; 0 for none. Set once the filters are passed, as the lots are. */
  ticks = 0;
  stopTicks = 0;
  lots = 0.5;
  /** The value at its limit, or the quoteOrderQty; NaN when only the book knows. */
  value = 0.5;

  /** Reads the terms of a single order, which begin at `at`. */
  read(words: Float64Array, at: number): void {
    this.readLeg(words, at, words[at + PREVENTION]!);
    this.quoteOrderQty = words[at + QUOTE]!;
  }

  /** Reads the terms of an order of a list, which begin at `at`. */
  readLeg(words: Float64Array, at: number, prevention: number): void {
    this.side = words[at + SIDE]!;
    this.type = words[at + TYPE]!;
    this.timeInForce = words[at + TIME_IN_FORCE]!;
    this.prevention = prevention;
    this.price = words[at + PRICE]!;
    this.quantity = words[at + QUANTITY]!;
    this.stopPrice = words[at + STOP_PRICE]!;
    this.trailingDelta = words[at + TRAILING_DELTA]!;
    this.iceberg = words[at + ICEBERG]!;
    this.quoteOrderQty = Number.NaN;
  }

  /** Whether it stays open when it does not trade at once. */
  get mayStayOpen(): boolean {
    return this.type !== MARKET && (this.type !== LIMIT || this.timeInForce === GTC);
  }
}

/** Whether the fields go together; amounts that are given are at least 1. Comparisons with NaN are false. */
export function isWellFormed(terms: Terms): boolean {
  const { type, timeInForce, price, quantity, stopPrice, trailingDelta, iceberg, quoteOrderQty } = terms;
  if (isPriceless(type)) {
    if (isGiven(price) || isGiven(iceberg)) return false;
    if (type === MARKET && isGiven(quoteOrderQty)) {
      if (!(quoteOrderQty >= 1) || isGiven(quantity)) return false;
    } else if (!(quantity >= 1) || isGiven(quoteOrderQty)) return false;
  } else {
    if (!(price >= 1 && quantity >= 1) || isGiven(quoteOrderQty)) return false;
    if (type === LIMIT_MAKER && timeInForce !== GTC) return false;
    if (isGiven(iceberg) && !(iceberg >= 1 && iceberg <= quantity && timeInForce === GTC)) return false;
  }
  if (!isConditional(type)) return !isGiven(stopPrice) && !isGiven(trailingDelta);
  if (isGiven(stopPrice) && !(stopPrice >= 1)) return false;
  if (isGiven(trailingDelta) && !(trailingDelta >= 1)) return false;
  return isGiven(stopPrice) || isGiven(trailingDelta);
}

function isGiven(amount: number): boolean {
  return !Number.isNaN(amount);
}

/**
 * The first of the market's filters that the terms do not pass, or 0. Whether an amount is a multiple is asked by a
 * quotient: it is whole only if the true one is, since the true one is at least 1/divisor, more than its rounding,
 * away from any whole number while the dividend is below 2^53.
 */
export function filterFault(state: State, market: Market, terms: Terms, timeUs: number): number {
  const { rules, tick, lot } = market;
  terms.ticks = 0;
  terms.stopTicks = 0;
  terms.lots = 0;
  if (isGiven(terms.price)) {
    const ticks = terms.price / tick;
    if (ticks !== Math.floor(ticks) || terms.price < rules.priceMin || terms.price > rules.priceMax)
      return rejections.priceFilter;
    terms.ticks = ticks;
  }
  if (isGiven(terms.stopPrice)) {
    const ticks = terms.stopPrice / tick;
    if (ticks !== Math.floor(ticks) || terms.stopPrice < rules.priceMin || terms.stopPrice > rules.priceMax)
      return rejections.priceFilter;
    terms.stopTicks = ticks;
  }
  const { quantity } = terms;
  if (isGiven(quantity)) {
    const lots = quantity / lot;
    if (lots !== Math.floor(lots) || quantity < rules.quantityMin || quantity > rules.quantityMax)
      return rejections.lotSize;
    terms.lots = lots;
    if (isGiven(terms.iceberg) && !isLotSize(market, terms.iceberg)) return rejections.lotSize;
    if (isPriceless(terms.type) && quantity > rules.marketQuantityMax) return rejections.marketLotSize;
    if (isGiven(terms.iceberg) && Math.ceil(quantity / terms.iceberg) > rules.icebergPartsMax)
      return rejections.icebergParts;
  }
  if (isGiven(terms.trailingDelta) && !isTrailingDelta(market, terms)) return rejections.trailingDelta;
  return valueFault(state, market, terms, timeUs);
}

function isLotSize({ rules, lot }: Market, quantity: number): boolean {
  const lots = quantity / lot;
  return lots === Math.floor(lots) && quantity >= rules.quantityMin && quantity <= rules.quantityMax;
}

function isTrailingDelta({ rules }: Market, { side, type, trailingDelta }: Terms): boolean {
  return waitsForRise(side, type)
    ? trailingDelta >= rules.trailingAboveMin && trailingDelta <= rules.trailingAboveMax
    : trailingDelta >= rules.trailingBelowMin && trailingDelta <= rules.trailingBelowMax;
}

function valueFault(state: State, market: Market, terms: Terms, timeUs: number): number {
  const { rules, lastTicks } = market;
  const { ticks, lots } = terms;
  if (ticks !== 0) {
    const value = market.quoteUnits(ticks, lots);
    if (value < rules.notionalMin || value > rules.notionalMax) return rejections.notional;
    terms.value = value;
    if (!isNearAverage(market, terms.side, ticks, timeUs)) return rejections.percentPriceBySide;
    return restsExactly(state, market, terms);
  }
  terms.value = terms.quoteOrderQty;
  const estimate = isGiven(terms.quoteOrderQty) ? terms.quoteOrderQty : market.quoteUnits(lastTicks, lots);
  const isKnown = lastTicks > 0 || isGiven(terms.quoteOrderQty);
  if (isKnown && (estimate < rules.notionalMin || estimate > rules.notionalMax)) return rejections.notional;
  return 0;
}

/** PERCENT_PRICE_BY_SIDE. Products of the price are exact; those of the average keep their order beyond 2^53. */
function isNearAverage(market: Market, side: number, ticks: number, timeUs: number): boolean {
  const { rules } = market;
  const down = side === BUY ? rules.bidDown : rules.askDown;
  const up = side === BUY ? rules.bidUp : rules.askUp;
  if ((down === 0 && up === 0) || market.lastTicks === 0) return true;
  const average = market.average.ticksAt(timeUs, market.lastTicks);
  const price = ticks * MILLION;
  return price >= average * down && (up === 0 || price <= average * up);
}

/**
 * Refuses an order that may rest when a sum that neither notionalMax nor a supply bounds could reach 2^53: what a SELL
 * receives, first, as taker, at most all the quote there is, then at most its value at its limit; and the total of
 * its level. Ordinary listings never come near.
 */
function restsExactly(state: State, market: Market, terms: Terms): number {
  if (terms.type === LIMIT && terms.timeInForce !== GTC) return 0;
  if (terms.side !== BUY) {
    const { supply } = state.assets[market.quote]!;
    if (supply + terms.value > Number.MAX_SAFE_INTEGER) return rejections.notional;
  }
  if (isConditional(terms.type)) return 0;
  return fitsLevel(state, market, terms.side, terms.ticks, terms.lots) ? 0 : rejections.lotSize;
}
