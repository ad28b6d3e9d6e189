/** One market's book as the public sees it: the total quantity at each price. */
import type { EventOf } from '#domain/events.ts';
import type { MarketId, Price, Units } from '#domain/ids.ts';
import { SIDES, type Side } from '#domain/orders.ts';

/** Price and total quantity, both in units. */
export type PriceLevel = readonly [price: number, quantity: number];

class BookSide {
  readonly #isBetter: (a: number, b: number) => boolean;
  readonly #quantities = new Map<number, number>();
  /** From best to worst. */
  readonly #prices: number[] = [];

  constructor(isBetter: (a: number, b: number) => boolean) {
    this.#isBetter = isBetter;
  }

  set(price: number, quantity: number): void {
    const known = this.#quantities.has(price);
    if (quantity > 0) this.#quantities.set(price, quantity);
    else this.#quantities.delete(price);
    if (known === quantity > 0) return;
    this.#prices.splice(this.#place(price), known ? 1 : 0, ...(known ? [] : [price]));
  }

  quantity(price: number): number {
    return this.#quantities.get(price) ?? 0;
  }

  get prices(): Iterable<number> {
    return this.#quantities.keys();
  }

  levels(depth: number): PriceLevel[] {
    return this.#prices.slice(0, depth).map((price) => [price, this.#quantities.get(price)!]);
  }

  #place(price: number): number {
    let low = 0;
    let high = this.#prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBetter(this.#prices[middle]!, price)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class Book {
  /** The sequence after which it began to be kept: changes up to there are in it already. */
  readonly seq: number;
  readonly #sides: Readonly<Record<Side, BookSide>> = {
    BUY: new BookSide((a, b) => a > b),
    SELL: new BookSide((a, b) => a < b),
  };

  /** A book as it stood after `seq`. */
  constructor(seq: number, levels: readonly EventOf<'level'>[] = []) {
    this.seq = seq;
    for (const level of levels) this.set(level);
  }

  set({ side, price, quantity }: EventOf<'level'>): void {
    this.#sides[side].set(price, quantity);
  }

  /** The best `depth` bids, from the highest. */
  bids(depth: number): PriceLevel[] {
    return this.#sides.BUY.levels(depth);
  }

  /** The best `depth` asks, from the lowest. */
  asks(depth: number): PriceLevel[] {
    return this.#sides.SELL.levels(depth);
  }

  /** What has to be set in `before`, the same market's book, to make it like this one. */
  changesSince(before: Book, market: MarketId): EventOf<'level'>[] {
    return SIDES.flatMap((side) => {
      const [old, now] = [before.#sides[side], this.#sides[side]];
      return [...new Set([...old.prices, ...now.prices])]
        .filter((price) => old.quantity(price) !== now.quantity(price))
        .map((price) => ({
          type: 'level' as const,
          market,
          side,
          price: price as Price,
          quantity: now.quantity(price) as Units,
        }));
    });
  }
}
