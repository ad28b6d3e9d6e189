/**
 * Where stops trigger: every price at which a taker trades is told here once, in order. What it triggers joins the
 * market's queue and starts when the taker is done (`cascade.ts`).
 * Rules of trailing: https://developers.binance.com/docs/binance-spot-api-docs/faqs/trailing-stop-faq
 */
import { tradedInList } from './ending.ts';
import type { Ladder } from './ladder.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';
import { enqueue, leaveStop, leaveTrail, trail } from './waiting.ts';

const { BUY, NONE } = kinds;

const BASIS_POINTS = 10_000;

export function tellPrice(state: State, outcome: Outcome, market: Market, ticks: number): void {
  followTrailed(state, outcome, market, ticks);
  const { rising, falling } = market;
  while (rising.best !== 0 && rising.best <= ticks) reachStop(state, outcome, market, rising, ticks);
  while (falling.best !== 0 && falling.best >= ticks) reachStop(state, outcome, market, falling, ticks);
}

/** The oldest order at the nearest stop is triggered, or if it has a trailing delta, trailed from now on. */
function reachStop(state: State, outcome: Outcome, market: Market, ladder: Ladder, ticks: number): void {
  const { orders, details, levels } = state;
  const slot = levels.oldest(ladder.bestLevel);
  leaveStop(state, market, slot);
  if (details.trailingDelta(orders.details(slot)) > 0) trail(state, market, slot, ticks);
  else trigger(state, outcome, market, slot);
}

function followTrailed(state: State, outcome: Outcome, market: Market, ticks: number): void {
  const { orders } = state;
  let slot = market.trailedFirst;
  while (slot !== NONE) {
    // Triggering one can end another, of its list: where to go on is known afterwards only if it stays.
    const next = orders.next(slot);
    if (isReached(state, slot, ticks)) {
      leaveTrail(state, market, slot);
      const following = next === NONE ? NONE : orders.id(next);
      trigger(state, outcome, market, slot);
      slot = next !== NONE && orders.id(next) === following ? next : market.trailedFirst;
    } else {
      slot = next;
    }
  }
}

/** Moves the extreme, or says whether the price has turned from it by the order's delta. All products are exact. */
function isReached({ orders, details }: State, slot: number, ticks: number): boolean {
  const row = orders.details(slot);
  const extreme = details.extreme(row);
  const delta = details.trailingDelta(row);
  const isBuy = orders.side(slot) === BUY;
  if (extreme === 0 || (isBuy ? ticks < extreme : ticks > extreme)) {
    details.setExtreme(row, ticks);
    return false;
  }
  return isBuy
    ? ticks * BASIS_POINTS >= extreme * (BASIS_POINTS + delta)
    : ticks * BASIS_POINTS <= extreme * (BASIS_POINTS - delta);
}

/** The order is to start; the other of its pair ends at once. */
function trigger(state: State, outcome: Outcome, market: Market, slot: number): void {
  enqueue(state, market, slot);
  tradedInList(state, outcome, market, slot);
}
