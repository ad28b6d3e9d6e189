/** A taker's run through the book, and what becomes of what it leaves. */
import type { OrderId, Price, TradeId, Units } from '#domain/ids.ts';
import { decide, end, leave } from './reference-ending.ts';
import { breaks, recordTrade } from './reference-prices.ts';
import {
  add,
  EXACT_MAX,
  FILLS_MAX,
  left,
  type Market,
  mayRest,
  min,
  notionalOf,
  type Order,
  type State,
  type Terms,
  tell,
} from './reference-state.ts';
import { meetPrice } from './reference-stops.ts';

/** Orders resting on a side, the best price first, then in the order of coming to rest. */
export function restingOn(state: State, market: Market, side: Terms['side']): Order[] {
  const worse = side === 'SELL' ? 1 : -1;
  return state.open
    .filter((order) => order.place === 'resting' && order.market === market && order.terms.side === side)
    .sort((a, b) => worse * (a.terms.price! - b.terms.price!) || a.turn - b.turn);
}

/** Orders that these terms would trade with, in the order in which they would meet. */
export function makersFor(state: State, market: Market, { side, price }: Terms): Order[] {
  const isWithin = (maker: Order) =>
    price === null || (side === 'BUY' ? maker.terms.price! <= price : maker.terms.price! >= price);
  return restingOn(state, market, side === 'BUY' ? 'SELL' : 'BUY').filter(isWithin);
}

/** Whether everything that would rest at a level with this order can be counted. */
export function levelHasRoom(state: State, market: Market, { side, price }: Terms, more: bigint): boolean {
  const lot = BigInt(market.listing.lot);
  const resting = restingOn(state, market, side).filter((order) => order.terms.price === price);
  const lots = resting.reduce((sum, order) => sum + left(order) / lot, 0n);
  return lots + more / lot <= EXACT_MAX / lot;
}

export function take(state: State, taker: Order): void {
  if (taker.terms.timeInForce === 'FOK' && taker.terms.price !== null && !canFill(state, taker)) {
    end(state, taker, 'EXPIRED');
    return;
  }
  const isPrevented = run(state, taker);
  settle(state, taker, isPrevented);
}

/** Whether the book has all that a fill-or-kill order asks for, ahead of an order that would stop it. */
function canFill(state: State, taker: Order): boolean {
  const { account, selfTradePrevention: mode } = taker.terms;
  let onOffer = 0n;
  for (const { maker, quantity } of offers(state, taker.market, taker.terms).slice(0, FILLS_MAX)) {
    const isOwn = mode !== 'NONE' && maker.terms.account === account;
    if (isOwn && mode !== 'EXPIRE_MAKER') break;
    if (!isOwn) onOffer += quantity;
  }
  return onOffer >= left(taker);
}

/** What a taker of everything would meet, slice by slice; of its own orders, which do not trade, all at once. */
export function offers(
  state: State,
  market: Market,
  terms: Terms,
): { readonly maker: Order; readonly quantity: bigint }[] {
  const met: { maker: Order; quantity: bigint }[] = [];
  const makers = makersFor(state, market, terms);
  for (const price of new Set(makers.map((maker) => maker.terms.price))) {
    const queue = makers
      .filter((maker) => maker.terms.price === price)
      .map((maker) => ({ maker, shown: maker.shown, total: left(maker) }));
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { maker, shown, total } = next;
      const { account, icebergQuantity } = maker.terms;
      const isOwn = terms.selfTradePrevention !== 'NONE' && account === terms.account;
      met.push({ maker, quantity: isOwn ? total : shown });
      const rest = isOwn ? 0n : total - shown;
      if (rest > 0n) queue.push({ maker, shown: min(BigInt(icebergQuantity!), rest), total: rest });
    }
  }
  return met;
}

/** Whether self-trade prevention ended it. */
function run(state: State, taker: Order): boolean {
  const { market, terms } = taker;
  let price = 0n;
  for (let met = 0; met < FILLS_MAX; met++) {
    const maker = makersFor(state, market, terms)[0];
    if (maker === undefined) return false;
    const makerPrice = BigInt(maker.terms.price!);
    const wanted = wants(taker, makerPrice);
    if (wanted === 0n) return false;
    if (terms.selfTradePrevention !== 'NONE' && maker.terms.account === terms.account) {
      state.fills++;
      if (prevent(state, taker, maker, wanted)) return true;
      continue;
    }
    const isFirst = makerPrice !== price;
    if (isFirst) {
      if (breaks(state, market, makerPrice)) {
        market.status = 'HALT';
        state.events.push({ type: 'marketStatus', market: market.listing.market, status: 'HALT' });
        return false;
      }
      market.lastAggregateId++;
    }
    price = makerPrice;
    state.fills++;
    trade(state, taker, maker, min(wanted, maker.shown));
    if (isFirst) meetPrice(state, market, price);
  }
  return false;
}

/** What a taker would have at this price: all that is left of it, or what it can still pay in whole lots. */
function wants(taker: Order, price: bigint): bigint {
  const { quoteOrderQty } = taker.terms;
  if (quoteOrderQty === null) return left(taker);
  const lot = BigInt(taker.market.listing.lot);
  return (unspent(taker) / notionalOf(taker.market, price, lot)) * lot;
}

const unspent = ({ terms, executedQuote, preventedQuote }: Order) =>
  BigInt(terms.quoteOrderQty!) - executedQuote - preventedQuote;

/** Two orders of one account meet; whether that ends the taker. */
function prevent(state: State, taker: Order, maker: Order, wanted: bigint): boolean {
  const { market } = taker;
  const mode = taker.terms.selfTradePrevention;
  const price = BigInt(maker.terms.price!);
  const endsTaker = mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH';
  let ofTaker = endsTaker ? min(wanted, countable(taker)) : 0n;
  let ofMaker = mode === 'EXPIRE_MAKER' || mode === 'EXPIRE_BOTH' ? left(maker) : 0n;
  if (mode === 'DECREMENT') {
    ofTaker = min(wanted, left(maker));
    ofMaker = ofTaker;
  }
  taker.prevented += ofTaker;
  taker.preventedQuote += notionalOf(market, price, ofTaker);
  maker.prevented += ofMaker;
  state.events.push({
    type: 'preventedMatch',
    market: market.listing.market,
    preventedMatchId: ++market.lastPreventedMatchId,
    account: taker.terms.account,
    mode,
    price: maker.terms.price!,
    takerOrderId: taker.id as OrderId,
    makerOrderId: maker.id as OrderId,
    takerPreventedQuantity: Number(ofTaker) as Units,
    makerPreventedQuantity: Number(ofMaker) as Units,
  });
  if (left(maker) === 0n) {
    end(state, maker, 'EXPIRED_IN_MATCH');
  } else if (ofMaker > 0n) {
    maker.shown = min(maker.shown, left(maker));
    tell(state, maker);
  }
  return endsTaker || ofTaker === wanted;
}

/** The most lots that can be counted of an order beside what it has executed and lost already. */
function countable({ market, executed, prevented }: Order): bigint {
  const lot = BigInt(market.listing.lot);
  return (EXACT_MAX / lot) * lot - executed - prevented;
}

function trade(state: State, taker: Order, maker: Order, quantity: bigint): void {
  const { market } = taker;
  const { base, quote } = market.listing;
  const price = BigInt(maker.terms.price!);
  const value = notionalOf(market, price, quantity);
  const [buyer, seller] = taker.terms.side === 'BUY' ? [taker, maker] : [maker, taker];
  const rate = (order: Order) => {
    const tier = state.accountTiers.get(order.terms.account) ?? 0;
    const { makerFee, takerFee } = tier > 0 ? state.feeTiers.get(tier)! : market.rules;
    return BigInt(order === taker ? takerFee : makerFee);
  };
  const buyerFee = (quantity * rate(buyer)) / 1_000_000n;
  const sellerFee = (value * rate(seller)) / 1_000_000n;
  add(state, buyer.terms.account, quote, -value);
  add(state, seller.terms.account, base, -quantity);
  add(state, buyer.terms.account, base, quantity - buyerFee);
  add(state, seller.terms.account, quote, value - sellerFee);
  add(state, 0, base, buyerFee);
  add(state, 0, quote, sellerFee);
  for (const order of [taker, maker]) {
    order.executed += quantity;
    order.executedQuote += value;
  }
  market.lastPrice = price;
  recordTrade(state, market, price, quantity);
  state.events.push({
    type: 'trade',
    market: market.listing.market,
    tradeId: ++market.lastTradeId as TradeId,
    aggregateId: market.lastAggregateId,
    price: Number(price) as Price,
    quantity: Number(quantity) as Units,
    quoteQuantity: Number(value) as Units,
    takerSide: taker.terms.side,
    makerOrderId: maker.id as OrderId,
    takerOrderId: taker.id as OrderId,
    makerAccount: maker.terms.account,
    takerAccount: taker.terms.account,
    makerFee: Number(maker === buyer ? buyerFee : sellerFee) as Units,
    takerFee: Number(taker === buyer ? buyerFee : sellerFee) as Units,
  });
  maker.status = left(maker) === 0n ? 'FILLED' : 'PARTIALLY_FILLED';
  maker.shown -= quantity;
  tell(state, maker);
  decide(state, maker);
  if (maker.status === 'FILLED') leave(state, maker);
  else if (maker.shown === 0n) show(state, maker);
}

/** Puts an order's next slice, or all of it, behind what rests at its price. */
function show(state: State, order: Order): void {
  const { icebergQuantity } = order.terms;
  order.shown = icebergQuantity === null ? left(order) : min(BigInt(icebergQuantity), left(order));
  order.turn = ++state.lastTurn;
}

/** Whether what is left to spend does not pay for one lot at the last price. */
function isSpent(taker: Order): boolean {
  const { listing, lastPrice } = taker.market;
  return notionalOf(taker.market, lastPrice, BigInt(listing.lot)) > unspent(taker);
}

function settle(state: State, taker: Order, isPrevented: boolean): void {
  const { market, terms } = taker;
  const isByAmount = terms.quoteOrderQty !== null;
  const isComplete =
    !isPrevented && taker.executed > 0n && (isByAmount ? isSpent(taker) : left(taker) === 0n);
  if (isByAmount && isComplete) taker.quantity = taker.executed + taker.prevented;
  if (taker.executed > 0n) {
    taker.status = isComplete ? 'FILLED' : 'PARTIALLY_FILLED';
    tell(state, taker);
  }
  if (isComplete) {
    leave(state, taker);
    return;
  }
  const rests =
    !isPrevented &&
    mayRest(terms) &&
    makersFor(state, market, terms).length === 0 &&
    levelHasRoom(state, market, terms, left(taker));
  if (rests) {
    // Lots that self-trade prevention took out are told though nothing was executed.
    if (taker.executed === 0n && taker.prevented > 0n) tell(state, taker);
    taker.place = 'resting';
    show(state, taker);
    state.open.push(taker);
    return;
  }
  if (isByAmount) taker.quantity = taker.executed + taker.prevented;
  end(state, taker, isPrevented ? 'EXPIRED_IN_MATCH' : 'EXPIRED');
}
