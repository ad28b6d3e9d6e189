/** A listed market: its rules, its counters, and the arithmetic between units, ticks and lots. */
import type { CommandOf } from '#domain/commands.ts';
import type { MarketId } from '#domain/ids.ts';

export class Market {
  readonly listing: CommandOf<'listMarket'>;
  readonly id: MarketId;
  readonly tick: number;
  readonly lot: number;
  /** Quote units of one lot at a price of one tick; whole, at least 1. */
  readonly step: number;
  /** Most lots whose units stay below 2^53. */
  readonly lotsMax: number;
  /** The last trade's price in ticks; 0 before the first trade. */
  lastTicks = 0;
  lastTradeId = 0;
  lastAggregateId = 0;

  constructor(listing: CommandOf<'listMarket'>, step: number) {
    this.listing = listing;
    this.id = listing.market;
    this.tick = listing.tick;
    this.lot = listing.lot;
    this.step = step;
    this.lotsMax = Math.floor(Number.MAX_SAFE_INTEGER / listing.lot);
  }

  /**
   * The value of `lots` at `ticks`. Exact below 2^53; a true value of 2^53 or more comes out as 2^53 or more,
   * since rounding keeps order and 2^53 is a number: so comparing it with any amount gives the exact answer.
   */
  quoteUnits(ticks: number, lots: number): number {
    return ticks * lots * this.step;
  }
}
