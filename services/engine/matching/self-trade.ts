/** What happens in place of a trade when a taker meets an order of its own account; the taker's mode rules. */
import type { AccountId, MarketId, OrderId, Price, Units } from '#domain/ids.ts';
import { SELF_TRADE_PREVENTIONS } from '#domain/orders.ts';
import { leaveBook, shorten } from './book.ts';
import { endedInList } from './ending.ts';
import type { Market } from './market.ts';
import { close } from './open-orders.ts';
import {
  dropRemaining,
  lessenHold,
  needOf,
  payingBalance,
  remainingLots,
  takeHold,
} from './order-amounts.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import { type Outcome, tellOrder } from './telling.ts';

const { DECREMENT, EXPIRED_IN_MATCH, EXPIRE_BOTH, EXPIRE_MAKER, EXPIRE_TAKER, NONE } = kinds;

/** The taker loses nothing and goes on. */
export const GOES_ON = 0;
/** The taker has ended. */
const ENDS = -1;

/**
 * Prevents the trade and tells it. `wanted` is what the taker still wants; of one with a quoteOrderQty, what that buys
 * or sells at this price, which may be more than can be told exactly. Returns {@link GOES_ON}, a negative number when
 * the taker ends, or for DECREMENT the lots that it wants no more.
 */
export function preventSelfTrade(
  state: State,
  outcome: Outcome,
  market: Market,
  taker: number,
  maker: number,
  mode: number,
  wanted: number,
): number {
  const { orders, positions } = state;
  const makerLots = remainingLots(state, maker);
  const both = Math.min(wanted, makerLots);
  const ofTaker = mode === DECREMENT ? both : wanted;
  const fromTaker = mode === EXPIRE_MAKER ? 0 : Math.min(ofTaker, exactLots(state, market, taker));
  const fromMaker = mode === DECREMENT ? both : mode === EXPIRE_TAKER ? 0 : makerLots;
  outcome.write({
    type: 'preventedMatch',
    market: market.id as MarketId,
    preventedMatchId: ++market.lastPreventedMatchId,
    account: positions.account(orders.position(taker)) as AccountId,
    mode: SELF_TRADE_PREVENTIONS[mode]!,
    price: (state.levels.ticks(orders.level(maker)) * market.tick) as Price,
    takerOrderId: orders.id(taker) as OrderId,
    makerOrderId: orders.id(maker) as OrderId,
    takerPreventedQuantity: (fromTaker * market.lot) as Units,
    makerPreventedQuantity: (fromMaker * market.lot) as Units,
  });
  if (fromTaker > 0) addPrevented(state, taker, fromTaker);
  if (fromMaker > 0) takeFromMaker(state, outcome, market, maker, fromMaker, makerLots);
  if (mode === EXPIRE_TAKER || mode === EXPIRE_BOTH) {
    orders.setLots(taker, 0);
    return ENDS;
  }
  return mode === DECREMENT ? both : GOES_ON;
}

/** How much more may be told of an order whose quantity must stay below 2^53 units. */
function exactLots(state: State, market: Market, slot: number): number {
  const { details, prevented } = state;
  const row = state.orders.details(slot);
  const executed = row === NONE ? 0 : details.executedLots(row);
  return market.lotsMax - executed - (prevented.get(slot) ?? 0);
}

function addPrevented(state: State, slot: number, lots: number): void {
  const { orders, details, prevented } = state;
  if (orders.details(slot) === NONE) orders.setDetails(slot, details.take());
  prevented.set(slot, (prevented.get(slot) ?? 0) + lots);
}

/** Takes lots off a maker, which expires when none are left; what was held for them is released. */
function takeFromMaker(
  state: State,
  outcome: Outcome,
  market: Market,
  maker: number,
  lots: number,
  remaining: number,
): void {
  const { orders, balances } = state;
  const paying = payingBalance(state, maker);
  if (lots < remaining) {
    const needBefore = needOf(state, maker);
    addPrevented(state, maker, lots);
    shorten(state, outcome, maker, lots);
    balances.release(paying, lessenHold(state, maker, needBefore));
    tellOrder(state, outcome, maker);
    return;
  }
  const held = takeHold(state, maker);
  addPrevented(state, maker, lots);
  leaveBook(state, outcome, market, maker);
  if (held > 0) balances.release(paying, held);
  dropRemaining(state, maker);
  orders.setStatus(maker, EXPIRED_IN_MATCH);
  tellOrder(state, outcome, maker);
  endedInList(state, outcome, market, maker, EXPIRED_IN_MATCH);
  close(state, maker);
}
