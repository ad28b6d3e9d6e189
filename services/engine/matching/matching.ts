/** Trading: a taker against the best resting orders, each fill settled on the spot. */
import type { AssetId, Ppm, Price, TradeId, Units } from '#domain/ids.ts';
import { FEE_ACCOUNT } from '#domain/ids.ts';
import { feeOf } from '#domain/money.ts';
import { type Order, orderEvent } from './order.ts';
import type { OrderBook } from './order-book.ts';
import type { Outcome, State } from './state.ts';

/**
 * Most fills of one command. Each takes at most 520 bytes of events: a trade (128), the maker's order (224), its
 * two balances (112), its level (56). So one command's events stay below 5.3 MB, a third of what a frame may be.
 * What an order that meets more makers has left then, expires.
 */
export const FILLS_MAX = 10_000;

/**
 * Trades up to `lots` of `taker` with everything ranked at least `limitRank`, best price first, oldest order
 * first, at the makers' prices. The taker pays out of what is available; its holds are only for what rests.
 */
export function match(
  state: State,
  book: OrderBook,
  taker: Order,
  lots: number,
  limitRank: number,
  outcome: Outcome,
): void {
  const { market } = book;
  const side = book.opposite(taker.side);
  let remaining = lots;
  let aggregateTicks = 0;
  for (let fills = 0; fills < FILLS_MAX && remaining > 0; fills++) {
    const level = side.bestWithin(limitRank);
    if (level === undefined) return;
    if (level.ticks !== aggregateTicks) {
      aggregateTicks = level.ticks;
      market.lastAggregateId++;
    }
    const maker = level.oldest!;
    const filled = Math.min(remaining, maker.remainingLots);
    remaining -= filled;
    market.lastTicks = level.ticks;
    market.lastTradeId++;
    trade(state, taker, maker, filled, outcome);
    book.execute(maker, level, filled);
    tellMaker(state, book, maker, outcome);
  }
}

/** Settles one fill and tells it. */
function trade(state: State, taker: Order, maker: Order, lots: number, outcome: Outcome): void {
  const { market } = taker;
  const { base, quote, makerFee: makerRate, takerFee: takerRate } = market.listing;
  const quantity = lots * market.lot;
  const quoteQuantity = market.quoteUnits(maker.ticks, lots);
  taker.executedLots += lots;
  taker.executedQuote += quoteQuantity;
  maker.executedQuote += quoteQuantity;

  let makerFee: Units;
  let takerFee: Units;
  if (taker.side === 'BUY') {
    state.balances.spend(taker.account, quote, quoteQuantity);
    state.balances.spendHeld(maker.account, base, quantity);
    takerFee = receive(state, taker, base, quantity, takerRate);
    makerFee = receive(state, maker, quote, quoteQuantity, makerRate);
  } else {
    state.balances.spend(taker.account, base, quantity);
    state.balances.spendHeld(maker.account, quote, quoteQuantity);
    takerFee = receive(state, taker, quote, quoteQuantity, takerRate);
    makerFee = receive(state, maker, base, quantity, makerRate);
  }
  outcome.write({
    type: 'trade',
    market: market.id,
    tradeId: market.lastTradeId as TradeId,
    aggregateId: market.lastAggregateId,
    price: (maker.ticks * market.tick) as Price,
    quantity: quantity as Units,
    quoteQuantity: quoteQuantity as Units,
    takerSide: taker.side,
    makerOrderId: maker.id,
    takerOrderId: taker.id,
    makerAccount: maker.account,
    takerAccount: taker.account,
    makerFee,
    takerFee,
  });
}

/** Credits what a trade brings, less the fee, which it returns. */
function receive({ balances }: State, order: Order, asset: AssetId, amount: number, rate: Ppm): Units {
  const fee = feeOf(amount as Units, rate);
  balances.credit(order.account, asset, amount - fee);
  if (fee > 0) balances.credit(FEE_ACCOUNT, asset, fee);
  return fee;
}

/** A maker stands in the book with what is left of it, or has ended. */
function tellMaker(state: State, book: OrderBook, maker: Order, outcome: Outcome): void {
  const filled = maker.remainingLots === 0;
  maker.status = filled ? 'FILLED' : 'PARTIALLY_FILLED';
  outcome.write(orderEvent(maker));
  if (!filled) return;
  book.remove(maker);
  state.openOrders.delete(maker);
  state.pool.give(maker);
}
