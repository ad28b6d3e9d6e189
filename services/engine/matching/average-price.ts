/**
 * The average price of the last minutes, weighted by quantity: what a percent price filter compares with. Kept in
 * twelfths of those minutes, so that it takes no list of trades.
 */
const BUCKETS = 12;
/** A bucket that would come to this counts no further trade: so twelve of them stay below 2^53, exactly. */
const SUM_MAX = 2 ** 49;

export class AveragePrice {
  readonly minutes: number;
  /** Microseconds of a bucket. */
  readonly length: number;
  /** By bucket: its number, lots, and sum of ticks × lots. */
  buckets = new Float64Array(BUCKETS * 3);
  /** The average as it was computed last: ticks, and of which bucket number; -1 when a trade came since. */
  ticks = 0;
  computedAt = -1;

  constructor(minutes: number) {
    this.minutes = minutes;
    this.length = (minutes * 60_000_000) / BUCKETS;
  }

  /** Whether {@link ticks} is the average at this time, 0 when nothing traded in time. */
  isCurrent(timeUs: number): boolean {
    return this.computedAt === Math.floor(timeUs / this.length);
  }

  addTrade(timeUs: number, ticks: number, lots: number): void {
    if (this.minutes === 0) return;
    const number = Math.floor(timeUs / this.length);
    const at = (number % BUCKETS) * 3;
    const { buckets } = this;
    if (buckets[at] !== number) {
      buckets[at] = number;
      buckets[at + 1] = 0;
      buckets[at + 2] = 0;
    }
    const sum = buckets[at + 2]! + ticks * lots;
    if (sum >= SUM_MAX) return;
    buckets[at + 1] = buckets[at + 1]! + lots;
    buckets[at + 2] = sum;
    this.computedAt = -1;
  }

  /** In whole ticks, rounded down; `lastTicks` when nothing traded in time. */
  ticksAt(timeUs: number, lastTicks: number): number {
    if (this.minutes === 0) return lastTicks;
    const number = Math.floor(timeUs / this.length);
    if (number !== this.computedAt) this.compute(number);
    return this.ticks === 0 ? lastTicks : this.ticks;
  }

  private compute(number: number): void {
    let lots = 0;
    let sum = 0;
    for (let at = 0; at < BUCKETS * 3; at += 3) {
      if (this.buckets[at]! <= number - BUCKETS) continue;
      lots += this.buckets[at + 1]!;
      sum += this.buckets[at + 2]!;
    }
    this.ticks = lots === 0 ? 0 : Math.floor(sum / lots);
    this.computedAt = number;
  }
}
