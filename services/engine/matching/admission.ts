/**
 * Whether an order is accepted. Nothing changes here, so that a refusal leaves no trace. The checks, in order; the
 * first that fails is the answer:
 *
 *   1. unknownMarket           the market is not listed
 *   2. invalidOrder            fields that do not go together, an amount below 1, no real account
 *   3. priceFilter             price not a multiple of tick, or out of range
 *   4. lotSize                 quantity not a multiple of lot, or out of range
 *   5. marketLotSize           MARKET quantity above marketQuantityMax
 *   6. notional                value out of range
 *   7. notional, lotSize       sums that would not stay exact, see `exactnessFault`
 *   8. maxNumOrders            an order that may rest, when as many as allowed do
 *   9. duplicateClientOrderId  an open order of the account has the id
 *  10. wouldTake               LIMIT_MAKER at a price that trades
 *  11. insufficientBalance
 *
 * From here on no product is inexact: a limit order's value is at most notionalMax < 2^53 (`Market.quoteUnits` says
 * why the comparison holds before that is known), every fill of it is a part of that, and whatever is paid
 * comes out of balances, whose sum is the supply < 2^53.
 */
import type { CommandOf } from '#domain/commands.ts';
import { FEE_ACCOUNT } from '#domain/ids.ts';
import type { Side } from '#domain/orders.ts';
import { rejections } from '#domain/rejections.ts';
import { type Liquidity, liquidity } from './liquidity.ts';
import type { Market } from './market.ts';
import { rankOf } from './order.ts';
import type { OrderBook } from './order-book.ts';
import type { State } from './state.ts';

type Place = CommandOf<'place'>;

/** An accepted order in the engine's terms. */
export interface Admitted {
  readonly book: OrderBook;
  /** The limit price; 0 for MARKET. */
  readonly ticks: number;
  /** What it wants to trade; for a quoteOrderQty, what that buys or sells of the book as it stands. */
  readonly lots: number;
}

/** No price is out of reach of a MARKET order. */
export const NO_LIMIT = -Infinity;

/** The order's terms, or the code of its rejection. */
export function admit(state: State, command: Place): Admitted | number {
  const book = state.books[command.market];
  if (book === undefined) return rejections.unknownMarket;
  if (!isWellFormed(command)) return rejections.invalidOrder;
  return command.orderType === 'MARKET'
    ? admitMarket(state, book, command)
    : admitLimit(state, book, command);
}

/** The opposite side's rank at this limit: levels ranked at least so high trade with the order. */
export function limitRank(side: Side, ticks: number): number {
  return rankOf(side === 'BUY' ? 'SELL' : 'BUY', ticks);
}

/** A time in force means nothing to MARKET, which takes any; a LIMIT_MAKER can only be GTC. */
function isWellFormed(command: Place): boolean {
  const { account, orderType, timeInForce, price, quantity, quoteOrderQty } = command;
  if (account <= FEE_ACCOUNT) return false;
  if (orderType === 'MARKET') {
    if (price !== null) return false;
    return quantity === null
      ? quoteOrderQty !== null && quoteOrderQty >= 1
      : quoteOrderQty === null && quantity >= 1;
  }
  if (orderType === 'LIMIT_MAKER' && timeInForce !== 'GTC') return false;
  return quoteOrderQty === null && price !== null && price >= 1 && quantity !== null && quantity >= 1;
}

function admitLimit(state: State, book: OrderBook, command: Place): Admitted | number {
  const { market } = book;
  const { listing, tick, lot } = market;
  const { account, side, orderType, timeInForce, clientOrderId } = command;
  const price = command.price!;
  const quantity = command.quantity!;
  if (price % tick !== 0 || price < listing.priceMin || price > listing.priceMax)
    return rejections.priceFilter;
  if (!isLotSize(market, quantity)) return rejections.lotSize;
  const ticks = price / tick;
  const lots = quantity / lot;
  const notional = market.quoteUnits(ticks, lots);
  if (!isNotional(market, notional)) return rejections.notional;

  if (timeInForce === 'GTC') {
    const fault = exactnessFault(state, book, side, ticks, lots, notional);
    if (fault !== null) return fault;
    if (state.openOrders.count(account, market.id) >= listing.ordersMax) return rejections.maxNumOrders;
  }
  if (state.openOrders.hasClientId(account, clientOrderId)) return rejections.duplicateClientOrderId;
  if (orderType === 'LIMIT_MAKER' && book.opposite(side).bestWithin(limitRank(side, ticks)) !== undefined) {
    return rejections.wouldTake;
  }
  const affordable =
    side === 'BUY'
      ? notional <= state.balances.available(account, listing.quote)
      : quantity <= state.balances.available(account, listing.base);
  return affordable ? { book, ticks, lots } : rejections.insufficientBalance;
}

function admitMarket(state: State, book: OrderBook, command: Place): Admitted | number {
  const { market } = book;
  const { listing, lot, step, lastTicks } = market;
  const { account, side, quantity, quoteOrderQty, clientOrderId } = command;
  if (quantity !== null) {
    if (!isLotSize(market, quantity)) return rejections.lotSize;
    if (quantity > listing.marketQuantityMax) return rejections.marketLotSize;
    const estimate = market.quoteUnits(lastTicks, quantity / lot);
    if (lastTicks > 0 && !isNotional(market, estimate)) return rejections.notional;
  } else if (!isNotional(market, quoteOrderQty!)) {
    return rejections.notional;
  }
  if (state.openOrders.hasClientId(account, clientOrderId)) return rejections.duplicateClientOrderId;
  const lotsMax = quantity === null ? Infinity : quantity / lot;
  const reach = liquidity(book.opposite(side), step, NO_LIMIT, lotsMax, quoteOrderQty ?? Infinity);
  if (!canPay(state, market, command, reach)) return rejections.insufficientBalance;
  return { book, ticks: 0, lots: quantity === null ? reach.lots : lotsMax };
}

/**
 * A MARKET order must cover what was asked for: the quantity to sell, the quoteOrderQty to spend; and where the
 * book decides (a quantity to buy, an amount to receive), what the book as it stands demands.
 */
function canPay(state: State, { listing, lot }: Market, command: Place, reach: Liquidity): boolean {
  const { account, side, quantity, quoteOrderQty } = command;
  return side === 'BUY'
    ? (quoteOrderQty ?? reach.quote) <= state.balances.available(account, listing.quote)
    : (quantity ?? reach.lots * lot) <= state.balances.available(account, listing.base);
}

function isLotSize({ listing, lot }: Market, quantity: number): boolean {
  return quantity % lot === 0 && quantity >= listing.quantityMin && quantity <= listing.quantityMax;
}

function isNotional({ listing }: Market, value: number): boolean {
  return value >= listing.notionalMin && value <= listing.notionalMax;
}

/**
 * Refuses an order that may rest when a sum that neither notionalMax nor a supply bounds could reach 2^53:
 * - What a SELL receives: first, as taker, at most all the quote there is, then at most its value at its limit.
 *   Ordinary listings never come near.
 * - A level's total: at a low price, little quote bids for much base, more than there is of it. At 0.0001 USDT
 *   a bid of 900,000 USDT asks for 9 × 10^9 XRP, which at scale 6 is 9 × 10^15 units.
 */
function exactnessFault(
  state: State,
  book: OrderBook,
  side: Side,
  ticks: number,
  lots: number,
  notional: number,
): number | null {
  const { listing, lotsMax } = book.market;
  const { supply } = state.assets[listing.quote]!;
  if (side === 'SELL' && supply + notional > Number.MAX_SAFE_INTEGER) return rejections.notional;
  const resting = book.side(side).at(ticks)?.lots ?? 0;
  return resting + lots > lotsMax ? rejections.lotSize : null;
}
