/** What a taker would get from one side of a book, found without touching it. */
import type { Market } from './market.ts';
import { remainingLots } from './order-amounts.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';

const { BUY, EXPIRE_MAKER, FILLS_MAX, NONE, STP_NONE } = kinds;

export interface Liquidity {
  /** Lots that it would trade, hidden ones too. */
  lots: number;
  /** Their value in quote units at the makers' prices; comparable with any amount as `Market.quoteUnits` is. */
  quote: number;
  /** Makers it would meet, each slice of an iceberg for one; at least as many as that while they are few. */
  fills: number;
}

const found: Liquidity = { lots: 0, quote: 0, fills: 0 };

/**
 * Walks from the best level to the last within `limitTicks`, up to `lotsMax` lots worth up to `quoteMax`, and stops
 * where less than a whole maker can be taken, so that no better price is ever passed over for a worse one. Of the
 * account's own orders it counts none unless `prevention` is NONE: an EXPIRE_MAKER taker goes on behind them, any
 * other ends there. The result is overwritten by the next call.
 */
export function liquidity(
  state: State,
  market: Market,
  side: number,
  limitTicks: number,
  lotsMax: number,
  quoteMax: number,
  account: number,
  prevention: number,
): Liquidity {
  const ladder = market.opposite(side);
  found.lots = 0;
  found.quote = 0;
  found.fills = 0;
  for (let ticks = ladder.best; ticks !== 0; ticks = ladder.nextPrice(ticks)) {
    if (side === BUY ? ticks > limitTicks : ticks < limitTicks) break;
    const level = ladder.find(ticks);
    // One lot's price is at most the notional of an order resting here, so below 2^53. With a quoteMax, quote and
    // the difference are exact too, and so is the floor of their quotient: it could come out too high only
    // if the dividend were 2^53 or more.
    const lotPrice = ticks * market.step;
    const affordable = Math.min(lotsMax - found.lots, Math.floor((quoteMax - found.quote) / lotPrice));
    countOffered(state, level, account, prevention);
    const taken = Math.min(offer.lots, affordable);
    found.lots += taken;
    found.quote += taken * lotPrice;
    // Counted one by one only where it matters: of a crowd, a small order meets few.
    const isCrowd = found.fills + offer.fills > FILLS_MAX;
    found.fills += isCrowd ? countFills(state, level, taken, account, prevention) : offer.fills;
    if (taken < offer.lots || offer.isBlocked || affordable === 0) break;
  }
  return found;
}

/** What a level offers a taker; overwritten by every count. */
const offer = { lots: 0, fills: 0, isBlocked: false };

function countOffered(state: State, level: number, account: number, prevention: number): void {
  const { orders, positions, levels, icebergs, details } = state;
  const hidden = levels.hiddenLots(level);
  offer.lots = levels.lots(level) + hidden;
  offer.fills = levels.orders(level);
  offer.isBlocked = false;
  if (prevention === STP_NONE && hidden === 0) return;
  let shown = 0;
  let all = 0;
  let fills = 0;
  for (let slot = levels.oldest(level); slot !== NONE; slot = orders.next(slot)) {
    if (prevention !== STP_NONE && positions.account(orders.position(slot)) === account) {
      fills++;
      if (prevention === EXPIRE_MAKER) continue;
      // What others before it hide would only come behind it.
      offer.lots = shown;
      offer.fills = fills;
      offer.isBlocked = true;
      return;
    }
    const remaining = remainingLots(state, slot);
    const row = orders.details(slot);
    const iceberg = row === NONE ? NONE : details.iceberg(row);
    shown += orders.lots(slot);
    all += remaining;
    fills += iceberg === NONE ? 1 : 1 + Math.ceil(icebergs.hiddenLots(iceberg) / icebergs.sliceLots(iceberg));
  }
  offer.lots = all;
  offer.fills = fills;
}

/** Makers that a taker of so many lots meets at a level, in their order, up to one more than it may. */
function countFills(state: State, level: number, lots: number, account: number, prevention: number): number {
  const { orders, positions, levels, icebergs, details } = state;
  const slices: { hidden: number; slice: number }[] = [];
  let left = lots;
  let fills = 0;
  for (
    let slot = levels.oldest(level);
    slot !== NONE && left > 0 && fills <= FILLS_MAX;
    slot = orders.next(slot)
  ) {
    fills++;
    if (prevention !== STP_NONE && positions.account(orders.position(slot)) === account) continue;
    left -= orders.lots(slot);
    const hidden = remainingLots(state, slot) - orders.lots(slot);
    if (hidden > 0) slices.push({ hidden, slice: icebergs.sliceLots(details.iceberg(orders.details(slot))) });
  }
  // Each slice joins the end of the queue: now they come in turns.
  for (
    let turn = slices.shift();
    turn !== undefined && left > 0 && fills <= FILLS_MAX;
    turn = slices.shift()
  ) {
    fills++;
    const shown = Math.min(turn.slice, turn.hidden);
    left -= shown;
    if (turn.hidden > shown) slices.push({ hidden: turn.hidden - shown, slice: turn.slice });
  }
  return fills;
}
