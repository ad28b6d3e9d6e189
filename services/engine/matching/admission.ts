/**
 * Whether an order is accepted, beyond the filters that `terms.ts` knows. Nothing changes here, so that a refusal
 * leaves no trace. The order in which all the checks are made is the order in which `placing.ts` calls them; the first
 * that fails is the answer.
 *
 * From here on no product is inexact: a limit order's value is at most notionalMax < 2^53 (`Market.quoteUnits` says
 * why the comparison holds before that is known), every fill of it is a part of that, and whatever is paid
 * comes out of balances, whose sum is the supply < 2^53.
 */
import { FEE_ACCOUNT } from '#domain/ids.ts';
import { rejections } from '#domain/rejections.ts';
import { crosses } from './book.ts';
import { liquidity } from './liquidity.ts';
import type { Market } from './market.ts';
import { remainingLots } from './order-amounts.ts';
import { isConditional, isPriceless, kinds, waitsForRise } from './order-kinds.ts';
import type { State } from './state.ts';
import type { Terms } from './terms.ts';

const {
  BUY,
  DECREMENT,
  EXPIRE_MAKER,
  HIGHEST_TICKS,
  LIMIT_MAKER,
  LOWEST_TICKS,
  MARKET,
  NONE,
  PENDING_NEW,
  TRAILING_MAX,
} = kinds;

/** Account ids are 32-bit integers here. */
const ACCOUNT_MAX = 2 ** 31 - 1;

export function isAccount(account: number): boolean {
  return account > FEE_ACCOUNT && account <= ACCOUNT_MAX;
}

/** How many orders of each kind are to be added. */
export interface OrderCounts {
  orders: number;
  algoOrders: number;
  icebergs: number;
  trailing: number;
}

/** `position` is NONE for an account that has none on the market. */
export function countFault(state: State, market: Market, position: number, added: OrderCounts): number {
  const { positions } = state;
  const { rules } = market;
  const open = position === NONE ? 0 : positions.orders(position);
  if (open + added.orders > rules.ordersMax) return rejections.maxNumOrders;
  if (added.algoOrders > 0) {
    const algoOrders = position === NONE ? 0 : positions.algoOrders(position);
    if (algoOrders + added.algoOrders > rules.algoOrdersMax) return rejections.maxNumAlgoOrders;
    if (added.trailing > 0 && market.trailing + added.trailing > TRAILING_MAX)
      return rejections.maxNumAlgoOrders;
  }
  if (added.icebergs > 0) {
    const icebergs = position === NONE ? 0 : positions.icebergs(position);
    if (icebergs + added.icebergs > rules.icebergOrdersMax) return rejections.maxNumIcebergOrders;
  }
  return 0;
}

/** MAX_POSITION: what a buyer has of the base asset, bids for, and now wants. Sums pass the bound before 2^53. */
export function positionFault(
  state: State,
  market: Market,
  account: number,
  position: number,
  quantity: number,
): number {
  const { positionMax } = market.rules;
  if (positionMax === Infinity) return 0;
  const { balances, orders } = state;
  const row = balances.find(account, market.base);
  let total = quantity;
  if (row !== NONE) total += balances.available(row) + balances.held(row);
  let slot = position === NONE ? NONE : state.positions.oldest(position);
  for (; slot !== NONE && total <= positionMax; slot = orders.accountNext(slot)) {
    if (orders.side(slot) === BUY && orders.status(slot) !== PENDING_NEW)
      total += remainingLots(state, slot) * market.lot;
  }
  return total > positionMax ? rejections.maxPosition : 0;
}

/** Whether the order would trigger, or trade, where it must not. */
export function arrivalFault(market: Market, terms: Terms): number {
  if (isConditional(terms.type)) return wouldTrigger(market, terms) ? rejections.wouldTrigger : 0;
  return terms.type === LIMIT_MAKER && crosses(market, terms.side, terms.ticks) ? rejections.wouldTake : 0;
}

function wouldTrigger({ lastTicks }: Market, { side, type, stopTicks }: Terms): boolean {
  if (lastTicks === 0 || stopTicks === 0) return false;
  return waitsForRise(side, type) ? stopTicks <= lastTicks : stopTicks >= lastTicks;
}

/**
 * What the account must have available to place an order, of quote to BUY and of base to SELL. A MARKET order must
 * cover what was asked for: the quantity to sell, the quoteOrderQty to spend; and where the book decides (a quantity
 * to buy, an amount to receive), what the book as it stands demands. A conditional BUY without a price needs nothing
 * before it starts.
 */
export function needOfTerms(state: State, market: Market, terms: Terms, account: number): number {
  const { side, type, quantity, quoteOrderQty } = terms;
  if (!isPriceless(type)) return side === BUY ? terms.value : quantity;
  if (type !== MARKET) return side === BUY ? 0 : quantity;
  if (side === BUY && quoteOrderQty > 0) return quoteOrderQty;
  if (side !== BUY && quantity > 0) return quantity;
  const lotsMax = quantity > 0 ? terms.lots : Infinity;
  const quoteMax = quoteOrderQty > 0 ? quoteOrderQty : Infinity;
  return bookDemands(state, market, side, lotsMax, quoteMax, account, terms.prevention);
}

/**
 * Quote units that buying so much takes, or base units that receiving so much takes, as the book stands. A DECREMENT
 * taker covers what it would take if its own orders were not there: it can come to no more.
 */
export function bookDemands(
  state: State,
  market: Market,
  side: number,
  lotsMax: number,
  quoteMax: number,
  account: number,
  prevention: number,
): number {
  const limitTicks = side === BUY ? HIGHEST_TICKS : LOWEST_TICKS;
  const mode = prevention === DECREMENT ? EXPIRE_MAKER : prevention;
  const reach = liquidity(state, market, side, limitTicks, lotsMax, quoteMax, account, mode);
  return side === BUY ? reach.quote : reach.lots * market.lot;
}

/** What the account could pay with; `position` is NONE for an account that has none on the market. */
export function availableFor(
  { positions, balances }: State,
  market: Market,
  account: number,
  position: number,
  side: number,
): number {
  const { base, quote } = market;
  let row: number;
  if (position === NONE) row = balances.find(account, side === BUY ? quote : base);
  else row = side === BUY ? positions.quoteBalance(position) : positions.baseBalance(position);
  return row === NONE ? 0 : balances.available(row);
}
