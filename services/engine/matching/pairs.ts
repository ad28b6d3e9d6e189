/** OCO pairs: what their prices must be, and how both orders start together. */
import { rejections } from '#domain/rejections.ts';
import { availableFor } from './admission.ts';
import { crosses } from './book.ts';
import type { Market } from './market.ts';
import { needOf } from './order-amounts.ts';
import { isConditional, kinds } from './order-kinds.ts';
import { type OrderList, pairOf } from './order-list.ts';
import { start } from './placing.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

const { LIMIT_MAKER, NEW } = kinds;

/**
 * Whether a pair's prices lie on the right sides of each other and of the last price; a 0 is a price that there is not.
 * For both sides the first order lies above the second:
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
 */
export function arePairPrices(upperTicks: number, lowerTicks: number, lastTicks: number): boolean {
  if (upperTicks !== 0 && lowerTicks !== 0 && upperTicks <= lowerTicks) return false;
  if (lastTicks === 0) return true;
  return (upperTicks === 0 || upperTicks > lastTicks) && (lowerTicks === 0 || lowerTicks < lastTicks);
}

/** Why a pair whose orders are there, but nowhere yet, cannot start now; 0 when it can. */
export function pairFault(state: State, market: Market, list: OrderList): number {
  const [first, second] = pairSlots(list);
  if (!arePairPrices(priceOf(state, first), priceOf(state, second), market.lastTicks))
    return rejections.orderListPrices;
  const { orders, positions, details } = state;
  for (const slot of [first, second]) {
    const isMaker = orders.type(slot) === LIMIT_MAKER;
    if (isMaker && crosses(market, orders.side(slot), details.limitTicks(orders.details(slot))))
      return rejections.wouldTake;
  }
  const position = orders.position(first);
  const available = availableFor(state, market, positions.account(position), position, orders.side(first));
  return Math.max(needOf(state, first), needOf(state, second)) > available
    ? rejections.insufficientBalance
    : 0;
}

/** Starts both, who hold the larger of their needs. */
export function startPair(state: State, outcome: Outcome, market: Market, list: OrderList): void {
  const [first, second] = pairSlots(list);
  list.pairNeeds = [needOf(state, first), needOf(state, second)];
  for (const slot of [first, second]) {
    const { orders, details } = state;
    orders.setStatus(slot, NEW);
    if (!isConditional(orders.type(slot))) details.setWorkingAt(orders.details(slot), outcome.timeUs);
    start(state, outcome, market, slot);
  }
}

function pairSlots(list: OrderList): readonly [number, number] {
  const [first, second] = pairOf(list.kind)!;
  return [list.slots[first]!, list.slots[second]!];
}

/** A LIMIT_MAKER's own price, any other order's stop; 0 for none. */
function priceOf({ orders, details }: State, slot: number): number {
  const row = orders.details(slot);
  return orders.type(slot) === LIMIT_MAKER ? details.limitTicks(row) : details.stopTicks(row);
}
