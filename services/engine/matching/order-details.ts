/**
 * What only some orders have, 48 bytes each: progress, conditions. An order takes one when it first needs one.
 *
 *   float 0 executed lots, or while it is trailed the extreme price in ticks | 1 executed quote units | 2 working
 *   since, 0 for since acceptance, -1 for not yet | int 6 amendments, trailing delta | 7 stop, 8 limit in ticks, 0
 *   for none | 9 order list | 10 iceberg | 11 unused
 */
import { kinds } from './order-kinds.ts';

const { NONE } = kinds;

const FLOATS = 6;
const INTS = FLOATS * 2;
const FIRST_CAPACITY = 1024;

export class OrderDetails {
  floats = new Float64Array(FIRST_CAPACITY * FLOATS);
  ints = new Int32Array(this.floats.buffer);
  used = 0;
  free = NONE;

  take(): number {
    let row = this.free;
    if (row === NONE) {
      row = this.used++;
      if (this.used * FLOATS > this.floats.length) this.grow();
    } else {
      this.free = this.ints[row * INTS + 6]!;
    }
    const float = row * FLOATS;
    this.floats[float] = 0;
    this.floats[float + 1] = 0;
    this.floats[float + 2] = 0;
    const int = row * INTS;
    this.ints[int + 6] = 0;
    this.ints[int + 7] = 0;
    this.ints[int + 8] = 0;
    this.ints[int + 9] = 0;
    this.ints[int + 10] = NONE;
    return row;
  }

  give(row: number): void {
    this.ints[row * INTS + 6] = this.free;
    this.free = row;
  }

  executedLots(row: number): number {
    return this.floats[row * FLOATS]!;
  }

  executedQuote(row: number): number {
    return this.floats[row * FLOATS + 1]!;
  }

  addExecuted(row: number, lots: number, quote: number): void {
    this.floats[row * FLOATS] = this.floats[row * FLOATS]! + lots;
    this.floats[row * FLOATS + 1] = this.floats[row * FLOATS + 1]! + quote;
  }

  /** The best price since it is trailed, in ticks; 0 before the first. Nothing has executed then: the place is free. */
  extreme(row: number): number {
    return this.floats[row * FLOATS]!;
  }

  setExtreme(row: number, ticks: number): void {
    this.floats[row * FLOATS] = ticks;
  }

  /** Microseconds; 0 when it works since it was accepted, -1 when it does not work yet. */
  workingAt(row: number): number {
    return this.floats[row * FLOATS + 2]!;
  }

  setWorkingAt(row: number, timeUs: number): void {
    this.floats[row * FLOATS + 2] = timeUs;
  }

  amendments(row: number): number {
    return this.ints[row * INTS + 6]! & 0xffff;
  }

  addAmendment(row: number): void {
    this.ints[row * INTS + 6] = this.ints[row * INTS + 6]! + 1;
  }

  /** In basis points; 0 for none. */
  trailingDelta(row: number): number {
    return this.ints[row * INTS + 6]! >>> 16;
  }

  setConditions(row: number, stopTicks: number, limitTicks: number, trailingDelta: number): void {
    const int = row * INTS;
    this.ints[int + 6] = (this.ints[int + 6]! & 0xffff) | (trailingDelta << 16);
    this.ints[int + 7] = stopTicks;
    this.ints[int + 8] = limitTicks;
  }

  stopTicks(row: number): number {
    return this.ints[row * INTS + 7]!;
  }

  limitTicks(row: number): number {
    return this.ints[row * INTS + 8]!;
  }

  /** Plain, and nothing executed: but for what was prevented, it is as if it were not there. */
  isUntouched(row: number): boolean {
    return this.isPlain(row) && this.floats[row * FLOATS] === 0 && this.floats[row * FLOATS + 2] === 0;
  }

  /** Neither conditional nor an iceberg, and of no list. */
  isPlain(row: number): boolean {
    const int = row * INTS;
    return (
      this.ints[int + 7] === 0 &&
      this.trailingDelta(row) === 0 &&
      this.ints[int + 9] === 0 &&
      this.ints[int + 10] === NONE
    );
  }

  /** The list's place in `order-lists.ts`, from 1; 0 for none. */
  list(row: number): number {
    return this.ints[row * INTS + 9]!;
  }

  setList(row: number, list: number): void {
    this.ints[row * INTS + 9] = list;
  }

  iceberg(row: number): number {
    return this.ints[row * INTS + 10]!;
  }

  setIceberg(row: number, iceberg: number): void {
    this.ints[row * INTS + 10] = iceberg;
  }

  private grow(): void {
    const capacity = Math.max(this.used, Math.ceil((this.floats.length / FLOATS) * 1.5));
    const grown = new Float64Array(capacity * FLOATS);
    grown.set(this.floats);
    this.floats = grown;
    this.ints = new Int32Array(grown.buffer);
  }
}
