/** Halts a market when a trade would move its price too far from any of the last seconds, told to an eighth of them. */
const BUCKETS = 8;
const MILLION = 1_000_000;

export class CircuitBreaker {
  /** Millionths; 0 when it never halts. */
  readonly move: number;
  readonly seconds: number;
  /** Microseconds of a bucket. */
  readonly length: number;
  /** By bucket: its number, lowest and highest ticks. */
  buckets = new Float64Array(BUCKETS * 3).fill(-1);

  constructor(move: number, seconds: number) {
    this.move = move;
    this.seconds = seconds;
    this.length = (seconds * 1_000_000) / BUCKETS;
  }

  /** Whether a trade at this price must not happen. All products stay below 2^31 × 2 × 10^6 < 2^53. */
  wouldHalt(timeUs: number, ticks: number): boolean {
    if (this.move === 0) return false;
    const oldest = Math.floor(timeUs / this.length) - BUCKETS;
    const price = ticks * MILLION;
    for (let at = 0; at < BUCKETS * 3; at += 3) {
      if (this.buckets[at]! <= oldest || this.buckets[at]! < 0) continue;
      if (price > this.buckets[at + 1]! * (MILLION + this.move)) return true;
      if (price < this.buckets[at + 2]! * (MILLION - this.move)) return true;
    }
    return false;
  }

  addTrade(timeUs: number, ticks: number): void {
    if (this.move === 0) return;
    const number = Math.floor(timeUs / this.length);
    const at = (number % BUCKETS) * 3;
    const { buckets } = this;
    if (buckets[at] !== number) {
      buckets[at] = number;
      buckets[at + 1] = ticks;
      buckets[at + 2] = ticks;
    } else {
      if (ticks < buckets[at + 1]!) buckets[at + 1] = ticks;
      if (ticks > buckets[at + 2]!) buckets[at + 2] = ticks;
    }
  }

  /** Forgets every trade, so that the market may open at any price. */
  reset(): void {
    this.buckets.fill(-1);
  }
}
