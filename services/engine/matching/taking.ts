/**
 * Trading: a taker against the best resting orders, best price first, oldest order first, at the makers' prices,
 * each fill settled on the spot. The taker pays out of what is available; its holds are only for what rests.
 */
import type { MarketId } from '#domain/ids.ts';
import { MARKET_STATUSES } from '#domain/orders.ts';
import { crosses, leaveBook, mayRest, rest, takeShown } from './book.ts';
import { endedInList, tradedInList } from './ending.ts';
import { liquidity } from './liquidity.ts';
import type { Market } from './market.ts';
import { close, register } from './open-orders.ts';
import { heldUnits, payingBalance } from './order-amounts.ts';
import { isPriceless, kinds } from './order-kinds.ts';
import { forgetPlain, withdrawPlain } from './plain-orders.ts';
import { GOES_ON, preventSelfTrade } from './self-trade.ts';
import { settle } from './settling.ts';
import type { State } from './state.ts';
import { tellPrice } from './stops.ts';
import { type Outcome, tellOrder, tellTrade } from './telling.ts';

const {
  BUY,
  EXPIRED,
  EXPIRED_IN_MATCH,
  FILLED,
  FILLS_MAX,
  FOK,
  HALT,
  HIGHEST_TICKS,
  LOWEST_TICKS,
  NONE,
  PARTIALLY_FILLED,
  STP_NONE,
} = kinds;

/** The taker at work. One is used for all. */
class Taker {
  slot = NONE;
  limitTicks = 0;
  /** Lots that it still wants; Infinity when a quoteOrderQty decides. */
  remaining = 0.5;
  /** Quote units that it may still spend, or receive; Infinity without a quoteOrderQty. */
  quoteLeft = 0.5;
  quoteOrderQty = 0.5;
  isPrevented = false;
}

const taker = new Taker();

/** Runs an order that is nowhere and has been told as NEW; it rests or has ended afterwards. */
export function take(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  quoteOrderQty = Number.NaN,
): void {
  const { orders } = state;
  const side = orders.side(slot);
  const type = orders.type(slot);
  const limitTicks = isPriceless(type) ? (side === BUY ? HIGHEST_TICKS : LOWEST_TICKS) : orders.level(slot);
  if (!crosses(market, side, limitTicks)) {
    finish(state, outcome, market, slot, quoteOrderQty, false, false);
    return;
  }
  if (
    orders.timeInForce(slot) === FOK &&
    !isPriceless(type) &&
    !isFillable(state, market, slot, limitTicks)
  ) {
    finish(state, outcome, market, slot, quoteOrderQty, false, false);
    return;
  }
  taker.slot = slot;
  taker.limitTicks = limitTicks;
  taker.remaining = quoteOrderQty > 0 ? Infinity : orders.lots(slot);
  taker.quoteLeft = quoteOrderQty > 0 ? quoteOrderQty : Infinity;
  taker.quoteOrderQty = quoteOrderQty;
  taker.isPrevented = false;
  if (orders.details(slot) === NONE) orders.setDetails(slot, state.details.take());
  match(state, outcome, market, side);
  const isComplete =
    quoteOrderQty > 0 ? taker.quoteLeft < market.quoteUnits(market.lastTicks, 1) : taker.remaining === 0;
  finish(state, outcome, market, slot, quoteOrderQty, isComplete && !taker.isPrevented, taker.isPrevented);
}

/** Whether a FOK gets all it wants, within the bound on fills. */
function isFillable(state: State, market: Market, slot: number, limitTicks: number): boolean {
  const { orders, positions } = state;
  const lots = orders.lots(slot);
  const account = positions.account(orders.position(slot));
  const reach = liquidity(
    state,
    market,
    orders.side(slot),
    limitTicks,
    lots,
    Infinity,
    account,
    orders.prevention(slot),
  );
  return reach.lots === lots && reach.fills <= FILLS_MAX;
}

function match(state: State, outcome: Outcome, market: Market, side: number): void {
  const { orders, positions, levels } = state;
  const ladder = market.opposite(side);
  const { slot, limitTicks } = taker;
  const position = orders.position(slot);
  const prevention = orders.prevention(slot);
  const takesQuote = taker.quoteOrderQty > 0;
  let priceAt = 0;
  for (let fills = 0; fills < FILLS_MAX && taker.remaining > 0; fills++) {
    const ticks = ladder.best;
    if (ticks === 0 || (side === BUY ? ticks > limitTicks : ticks < limitTicks)) return;
    const maker = levels.oldest(ladder.bestLevel);
    let wanted = taker.remaining;
    if (takesQuote) {
      wanted = Math.floor(taker.quoteLeft / (ticks * market.step));
      if (wanted === 0) return;
    }
    if (
      prevention !== STP_NONE &&
      positions.account(orders.position(maker)) === positions.account(position)
    ) {
      outcome.fills++;
      const prevented = preventSelfTrade(state, outcome, market, slot, maker, prevention, wanted);
      if (prevented === GOES_ON) continue;
      if (prevented < 0) {
        taker.isPrevented = true;
        return;
      }
      // DECREMENT: what did not trade is wanted no more.
      if (takesQuote) taker.quoteLeft -= market.quoteUnits(ticks, prevented);
      else taker.remaining -= prevented;
      orders.setLots(slot, takesQuote ? 0 : taker.remaining);
      if (takesQuote ? taker.quoteLeft < ticks * market.step : taker.remaining === 0) {
        taker.isPrevented = true;
        return;
      }
      continue;
    }
    const isFirst = ticks !== priceAt;
    if (isFirst && market.breaker.wouldHalt(outcome.timeUs, ticks)) {
      halt(outcome, market);
      return;
    }
    outcome.fills++;
    trade(state, outcome, market, maker, wanted, isFirst);
    if (isFirst) {
      priceAt = ticks;
      market.breaker.addTrade(outcome.timeUs, ticks);
      if (market.atStop !== 0 || market.trailedFirst !== NONE) tellPrice(state, outcome, market, ticks);
    }
  }
}

function halt(outcome: Outcome, market: Market): void {
  market.status = HALT;
  outcome.write({ type: 'marketStatus', market: market.id as MarketId, status: MARKET_STATUSES[HALT]! });
}

/** One fill of at most `wanted` lots at the best price: settles and tells it, and what becomes of the maker. */
function trade(
  state: State,
  outcome: Outcome,
  market: Market,
  maker: number,
  wanted: number,
  isFirst: boolean,
): void {
  const { orders, details } = state;
  const { slot } = taker;
  const ticks = market.opposite(orders.side(slot)).best;
  const lots = Math.min(wanted, orders.lots(maker));
  const quote = market.quoteUnits(ticks, lots);
  market.lastTicks = ticks;
  market.lastTradeId++;
  if (isFirst) market.lastAggregateId++;
  market.average.addTrade(outcome.timeUs, ticks, lots);

  outcome.trade[0] = lots;
  outcome.trade[1] = quote;
  settle(state, outcome, market, slot, maker);
  tellTrade(state, outcome, market, slot, maker);

  if (taker.quoteOrderQty > 0) {
    taker.quoteLeft -= quote;
  } else {
    taker.remaining -= lots;
    orders.setLots(slot, taker.remaining);
  }
  details.addExecuted(orders.details(slot), lots, quote);
  if (orders.details(maker) === NONE) {
    if (lots === orders.lots(maker)) {
      fillPlain(state, outcome, market, maker);
      return;
    }
    orders.setDetails(maker, details.take());
  }
  details.addExecuted(orders.details(maker), lots, quote);
  takeShown(state, outcome, maker, lots);
  if (orders.lots(maker) > 0) {
    orders.setStatus(maker, PARTIALLY_FILLED);
    tellOrder(state, outcome, maker);
    tradedInList(state, outcome, market, maker);
    return;
  }
  orders.setStatus(maker, FILLED);
  leaveBook(state, outcome, market, maker);
  tellOrder(state, outcome, maker);
  tradedInList(state, outcome, market, maker);
  endedInList(state, outcome, market, maker, FILLED);
  close(state, maker);
}

/** A maker that the trade at hand fills whole, and that has no details: the ordinary one. */
function fillPlain(state: State, outcome: Outcome, market: Market, maker: number): void {
  outcome.noteLevel(state, withdrawPlain(state, market, maker, FILLED));
  tellOrder(state, outcome, maker);
  forgetPlain(state, maker);
}

/** Tells the taker's trades, then rests or ends what is left. */
function finish(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  quoteOrderQty: number,
  isComplete: boolean,
  isPrevented: boolean,
): void {
  const { orders, details } = state;
  const row = orders.details(slot);
  const hasExecuted = row !== NONE && details.executedLots(row) > 0;
  if (hasExecuted) {
    orders.setStatus(slot, isComplete ? FILLED : PARTIALLY_FILLED);
    tellOrder(state, outcome, slot, quoteOrderQty);
    if (isComplete) {
      end(state, outcome, market, slot, FILLED);
      return;
    }
  }
  if (!isPrevented && mayRest(state, market, slot)) {
    // Self-trade prevention took some of it, without a trade to tell.
    if (!hasExecuted && state.prevented.has(slot)) tellOrder(state, outcome, slot, quoteOrderQty);
    state.balances.hold(payingBalance(state, slot), heldUnits(state, slot));
    rest(state, outcome, market, slot);
    if (!orders.isRegistered(slot)) register(state, slot);
    return;
  }
  const status = isPrevented ? EXPIRED_IN_MATCH : EXPIRED;
  orders.setStatus(slot, status);
  tellOrder(state, outcome, slot, quoteOrderQty);
  end(state, outcome, market, slot, status);
}

function end(state: State, outcome: Outcome, market: Market, slot: number, status: number): void {
  endedInList(state, outcome, market, slot, status);
  close(state, slot);
}
