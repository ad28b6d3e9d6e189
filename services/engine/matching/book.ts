/** Resting in a market's book, and leaving it. */

import type { Market } from './market.ts';
import { limitTicksOf } from './order-amounts.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

const { GTC, IN_BOOK, NONE, NOWHERE } = kinds;

/** Puts an order that is nowhere at the end of its price's queue. All it has left is shown, or a slice of it. */
export function rest(state: State, outcome: Outcome, market: Market, slot: number): void {
  const { orders, details, icebergs, levels } = state;
  const ticks = orders.level(slot);
  const side = orders.side(slot);
  const ladder = market.side(side);
  let level = ladder.find(ticks);
  if (level === NONE) {
    level = levels.take(side, ticks);
    ladder.add(ticks, level);
  }
  if (levels.orders(level) === 0) ladder.show(ticks, level);
  const row = orders.details(slot);
  const iceberg = row === NONE ? NONE : details.iceberg(row);
  if (iceberg !== NONE) {
    const all = orders.lots(slot) + icebergs.hiddenLots(iceberg);
    const shown = Math.min(icebergs.sliceLots(iceberg), all);
    orders.setLots(slot, shown);
    icebergs.setHiddenLots(iceberg, all - shown);
    levels.addHiddenLots(level, all - shown);
  }
  levels.append(orders, level, slot);
  levels.addLots(level, orders.lots(slot));
  orders.setPlace(slot, IN_BOOK);
  outcome.noteLevel(state, level);
}

/** Takes an order out of the book, with whatever of it is left. */
export function leaveBook(state: State, outcome: Outcome, market: Market, slot: number): void {
  const { orders, details, icebergs, levels } = state;
  const level = orders.level(slot);
  const ticks = levels.ticks(level);
  const row = orders.details(slot);
  const iceberg = row === NONE ? NONE : details.iceberg(row);
  if (iceberg !== NONE) levels.addHiddenLots(level, -icebergs.hiddenLots(iceberg));
  levels.addLots(level, -orders.lots(slot));
  if (levels.unlink(orders, level, slot)) market.side(levels.side(level)).hide(ticks);
  orders.setPlace(slot, NOWHERE);
  orders.setLevel(slot, ticks);
  outcome.noteLevel(state, level);
}

/**
 * Takes lots off what a resting order shows, which executed or were prevented. When nothing is shown any more and
 * some is hidden, a new slice joins the end of the queue.
 */
export function takeShown(state: State, outcome: Outcome, slot: number, lots: number): void {
  const { orders, details, icebergs, levels } = state;
  const level = orders.level(slot);
  const shown = orders.lots(slot) - lots;
  orders.setLots(slot, shown);
  levels.addLots(level, -lots);
  outcome.noteLevel(state, level);
  if (shown > 0) return;
  const row = orders.details(slot);
  const iceberg = row === NONE ? NONE : details.iceberg(row);
  const hidden = iceberg === NONE ? 0 : icebergs.hiddenLots(iceberg);
  if (hidden === 0) return;
  const slice = Math.min(icebergs.sliceLots(iceberg), hidden);
  orders.setLots(slot, slice);
  icebergs.setHiddenLots(iceberg, hidden - slice);
  levels.addHiddenLots(level, -slice);
  levels.addLots(level, slice);
  levels.unlink(orders, level, slot);
  levels.append(orders, level, slot);
}

/** Takes lots off a resting order that keeps its place: hidden ones first. */
export function shorten(state: State, outcome: Outcome, slot: number, lots: number): void {
  const { orders, details, icebergs, levels } = state;
  const level = orders.level(slot);
  const row = orders.details(slot);
  const iceberg = row === NONE ? NONE : details.iceberg(row);
  const fromHidden = iceberg === NONE ? 0 : Math.min(lots, icebergs.hiddenLots(iceberg));
  if (fromHidden > 0) {
    icebergs.setHiddenLots(iceberg, icebergs.hiddenLots(iceberg) - fromHidden);
    levels.addHiddenLots(level, -fromHidden);
  }
  orders.setLots(slot, orders.lots(slot) - (lots - fromHidden));
  levels.addLots(level, fromHidden - lots);
  outcome.noteLevel(state, level);
}

/** Whether what is left of a taker may rest: a good-till-cancelled limit that does not cross, where sums stay exact. */
export function mayRest(state: State, market: Market, slot: number): boolean {
  const { orders } = state;
  const ticks = limitTicksOf(state, slot);
  if (ticks === 0 || orders.timeInForce(slot) !== GTC) return false;
  return (
    !crosses(market, orders.side(slot), ticks) &&
    fitsLevel(state, market, orders.side(slot), ticks, orders.lots(slot))
  );
}

/** Whether an order with this limit would trade. */
export function crosses(market: Market, side: number, limitTicks: number): boolean {
  const { best } = market.opposite(side);
  return best !== 0 && (side === 0 ? best <= limitTicks : best >= limitTicks);
}

/**
 * Whether a level's total stays below 2^53 units with `lots` more. At a low price, little quote bids for much base,
 * more than there is of it: at 0.0001 USDT a bid of 900,000 USDT asks for 9 × 10^9 XRP, 9 × 10^15 units at scale 6.
 */
export function fitsLevel(state: State, market: Market, side: number, ticks: number, lots: number): boolean {
  const { levels } = state;
  const level = market.side(side).find(ticks);
  const resting = level === NONE ? 0 : levels.lots(level) + levels.hiddenLots(level);
  return resting + lots <= market.lotsMax;
}
