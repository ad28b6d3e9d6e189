/** Why an order is refused: its own terms, its market's rules, what its account has open, and what it can pay. */
import type { RejectionName } from '#domain/rejections.ts';
import { referencePrice } from './reference-prices.ts';
import {
  available,
  EXACT_MAX,
  isAccount,
  isConditional,
  isMarketType,
  isRising,
  isSame,
  left,
  type Market,
  mayRest,
  min,
  notionalOf,
  type Order,
  type State,
  type Terms,
  TRAILING_MAX,
  totalOf,
} from './reference-state.ts';
import { levelHasRoom, makersFor, offers } from './reference-taking.ts';

type Refusal = RejectionName | undefined;

const isWithin = (value: bigint, least: number, most: number) =>
  value >= BigInt(least) && value <= BigInt(most);

export function fieldsGoTogether(terms: Terms): boolean {
  const { account, orderType, timeInForce, price, quantity, quoteOrderQty } = terms;
  const { stopPrice, trailingDelta, icebergQuantity } = terms;
  if (!isAccount(account)) return false;
  const amounts = [price, quantity, quoteOrderQty, stopPrice, trailingDelta, icebergQuantity];
  if (amounts.some((amount) => amount !== null && amount < 1)) return false;
  if ((price !== null) === isMarketType(terms)) return false;
  if (orderType === 'MARKET') {
    if ((quantity === null) === (quoteOrderQty === null)) return false;
  } else if (quantity === null || quoteOrderQty !== null) {
    return false;
  }
  if (orderType === 'LIMIT_MAKER' && timeInForce !== 'GTC') return false;
  if ((stopPrice !== null || trailingDelta !== null) !== isConditional(terms)) return false;
  return icebergQuantity === null || (mayRest(terms) && icebergQuantity <= quantity!);
}

/** Everything about one order that neither its account nor the other orders of its list have a say in. */
export function filterFault(state: State, market: Market, terms: Terms): Refusal {
  return (
    priceFault(market, terms) ??
    quantityFault(market, terms) ??
    trailingFault(market, terms) ??
    notionalFault(market, terms) ??
    percentageFault(state, market, terms) ??
    exactnessFault(state, market, terms)
  );
}

function priceFault({ listing, rules }: Market, { price, stopPrice }: Terms): Refusal {
  for (const each of [price, stopPrice]) {
    if (each === null) continue;
    if (each % listing.tick !== 0 || each < rules.priceMin || each > rules.priceMax) return 'priceFilter';
  }
  return undefined;
}

export function isLotSize({ listing, rules }: Market, quantity: number): boolean {
  return quantity % listing.lot === 0 && quantity >= rules.quantityMin && quantity <= rules.quantityMax;
}

function quantityFault(market: Market, terms: Terms): Refusal {
  const { quantity, icebergQuantity } = terms;
  const { marketQuantityMax, icebergPartsMax } = market.rules;
  if (quantity !== null && !isLotSize(market, quantity)) return 'lotSize';
  if (icebergQuantity !== null && !isLotSize(market, icebergQuantity)) return 'lotSize';
  if (isMarketType(terms) && quantity !== null && quantity > marketQuantityMax) return 'marketLotSize';
  if (icebergQuantity === null) return undefined;
  const parts = (BigInt(quantity!) + BigInt(icebergQuantity) - 1n) / BigInt(icebergQuantity);
  return parts > BigInt(icebergPartsMax) ? 'icebergParts' : undefined;
}

function trailingFault({ rules }: Market, terms: Terms): Refusal {
  const { trailingDelta } = terms;
  if (trailingDelta === null) return undefined;
  const [least, most] = isRising(terms)
    ? [rules.trailingAboveMin, rules.trailingAboveMax]
    : [rules.trailingBelowMin, rules.trailingBelowMax];
  return trailingDelta < least || trailingDelta > most ? 'trailingDelta' : undefined;
}

function notionalFault(market: Market, { price, quantity, quoteOrderQty }: Terms): Refusal {
  if (price === null && quoteOrderQty === null && market.lastPrice === 0n) return undefined;
  const at = price === null ? market.lastPrice : BigInt(price);
  const value = quoteOrderQty === null ? notionalOf(market, at, BigInt(quantity!)) : BigInt(quoteOrderQty);
  return isWithin(value, market.rules.notionalMin, market.rules.notionalMax) ? undefined : 'notional';
}

function percentageFault(state: State, market: Market, { side, price }: Terms): Refusal {
  const reference = referencePrice(state, market);
  if (price === null || reference === 0n) return undefined;
  const { bidDown, bidUp, askDown, askUp } = market.rules;
  const [down, up] = side === 'BUY' ? [bidDown, bidUp] : [askDown, askUp];
  const at = BigInt(price) * 1_000_000n;
  if (down > 0 && at < reference * BigInt(down)) return 'percentPriceBySide';
  return up > 0 && at > reference * BigInt(up) ? 'percentPriceBySide' : undefined;
}

function exactnessFault(state: State, market: Market, terms: Terms): Refusal {
  const { side, price, quantity } = terms;
  if (price === null || (!isConditional(terms) && !mayRest(terms))) return undefined;
  const { supply } = state.assets[market.listing.quote]!;
  const value = notionalOf(market, BigInt(price), BigInt(quantity!));
  if (side === 'SELL' && supply + value > EXACT_MAX) return 'notional';
  if (isConditional(terms)) return undefined;
  return levelHasRoom(state, market, terms, BigInt(quantity!)) ? undefined : 'lotSize';
}

/** Whether the account has too much open for these as well, all of which count. */
export function countFault(state: State, market: Market, legs: readonly Terms[]): Refusal {
  const { rules } = market;
  const here = state.open.filter((order) => order.market === market);
  const own = here.filter(({ terms }) => terms.account === legs[0]!.account);
  const isOver = (is: (terms: Terms) => boolean, most: number) => {
    const more = legs.filter(is).length;
    return more > 0 && own.filter(({ terms }) => is(terms)).length + more > most;
  };
  if (isOver(() => true, rules.ordersMax)) return 'maxNumOrders';
  if (isOver(isConditional, rules.algoOrdersMax)) return 'maxNumAlgoOrders';
  const isTrailing = ({ trailingDelta }: Terms) => trailingDelta !== null;
  const trailing = here.filter(({ terms }) => isTrailing(terms)).length;
  if (legs.some(isTrailing) && trailing >= TRAILING_MAX) return 'maxNumAlgoOrders';
  return isOver(({ icebergQuantity }) => icebergQuantity !== null, rules.icebergOrdersMax)
    ? 'maxNumIcebergOrders'
    : undefined;
}

export function positionFault(state: State, market: Market, { account, side, quantity }: Terms): Refusal {
  const { positionMax } = market.rules;
  if (side !== 'BUY' || positionMax === null) return undefined;
  const bids = state.open
    .filter((order) => order.market === market && order.terms.account === account)
    .filter((order) => order.terms.side === 'BUY' && order.place !== 'pending')
    .reduce((sum, order) => sum + left(order), 0n);
  const position = totalOf(state, account, market.listing.base) + bids + BigInt(quantity ?? 0);
  return position > BigInt(positionMax) ? 'maxPosition' : undefined;
}

/** Whether one of the account's open orders, other than `itself`, has this id. */
export function isOrderIdTaken(state: State, account: number, id: string, itself?: Order): boolean {
  return state.open.some(
    (order) => order !== itself && order.terms.account === account && isSame(order.clientOrderId, id),
  );
}

export function wouldTrigger(market: Market, terms: Terms): boolean {
  if (terms.stopPrice === null || market.lastPrice === 0n) return false;
  const stop = BigInt(terms.stopPrice);
  return isRising(terms) ? market.lastPrice >= stop : market.lastPrice <= stop;
}

export function wouldTake(state: State, market: Market, terms: Terms): boolean {
  return terms.orderType === 'LIMIT_MAKER' && makersFor(state, market, terms).length > 0;
}

/** What the account must have available: of quote to buy, of base to sell. */
export function needs(state: State, market: Market, terms: Terms): bigint {
  const { side, orderType, price, quantity, quoteOrderQty } = terms;
  if (side === 'SELL' && quantity !== null) return BigInt(quantity);
  if (side === 'BUY' && price !== null) return notionalOf(market, BigInt(price), BigInt(quantity!));
  if (side === 'BUY' && quoteOrderQty !== null) return BigInt(quoteOrderQty);
  return orderType === 'MARKET' ? demandOfBook(state, market, terms) : 0n;
}

/** What the book decides: the cost of a quantity to buy, or the quantity to sell for an amount. */
export function demandOfBook(state: State, market: Market, terms: Terms): bigint {
  const { account, quantity, quoteOrderQty, selfTradePrevention: mode } = terms;
  const lot = BigInt(market.listing.lot);
  let unspent = BigInt(quoteOrderQty ?? 0);
  let unfilled = BigInt(quantity ?? 0);
  let cost = 0n;
  let size = 0n;
  for (const { maker, quantity: offered } of offers(state, market, terms)) {
    const isOwn = mode !== 'NONE' && maker.terms.account === account;
    // With DECREMENT, as much as if its own orders were not there.
    if (isOwn && (mode === 'EXPIRE_MAKER' || mode === 'DECREMENT')) continue;
    if (isOwn) break;
    const price = BigInt(maker.terms.price!);
    const wanted = quantity === null ? (unspent / notionalOf(market, price, lot)) * lot : unfilled;
    const taken = min(wanted, offered);
    const value = notionalOf(market, price, taken);
    unspent -= value;
    unfilled -= taken;
    cost += value;
    size += taken;
    if (taken === wanted) break;
  }
  return terms.side === 'BUY' ? cost : size;
}

export function canPay(state: State, market: Market, { account, side }: Terms, need: bigint): boolean {
  return need <= available(state, account, side === 'BUY' ? market.listing.quote : market.listing.base);
}
