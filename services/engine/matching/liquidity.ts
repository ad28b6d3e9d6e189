/** What a taker would get from one side of a book, found level by level without touching it. */
import type { BookSide } from './order-book.ts';

export interface Liquidity {
  readonly lots: number;
  /** Their value in quote units at the makers' prices; comparable with any amount as `Market.quoteUnits` is. */
  readonly quote: number;
  /** Resting orders at the levels reached: at least as many as would trade. */
  readonly orders: number;
}

/**
 * Walks from the best level to the last within `limitRank`, up to `lotsMax` lots worth up to `quoteMax`. It stops
 * at the first level that it cannot take whole, so that no better price is ever passed over for a worse one.
 * `step` is the market's.
 */
export function liquidity(
  { levels }: BookSide,
  step: number,
  limitRank: number,
  lotsMax: number,
  quoteMax: number,
): Liquidity {
  let lots = 0;
  let quote = 0;
  let orders = 0;
  for (let index = levels.length - 1; index >= 0; index--) {
    const level = levels[index]!;
    if (level.rank < limitRank) break;
    // One lot's price is at most the notional of an order resting here, so below 2^53. With a quoteMax, quote and
    // the difference are exact too, and so is the floor of their quotient: it could come out too high only
    // if the dividend were 2^53 or more.
    const lotPrice = level.ticks * step;
    const affordable = Math.floor((quoteMax - quote) / lotPrice);
    const taken = Math.min(level.lots, lotsMax - lots, affordable);
    if (taken === 0) break;
    lots += taken;
    quote += taken * lotPrice;
    orders += level.orders;
    if (taken < level.lots) break;
  }
  return { lots, quote, orders };
}
