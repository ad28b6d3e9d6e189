/** Price levels, each a queue of orders in the order of their arrival, linked through the orders themselves. */

import { kinds } from './order-kinds.ts';
import type { OrderPool } from './order-pool.ts';

const { NONE } = kinds;

const FLOATS = 2;
const INTS = 6;

export class Levels {
  /** By level: lots shown, and lots hidden behind them. */
  floats = new Float64Array(64 * FLOATS);
  /** By level: ticks, oldest order, youngest order, number of orders, whether it is to be told, side. */
  ints = new Int32Array(64 * INTS);
  used = 0;
  /** The level freed last, which holds the one before it as its oldest order. */
  free = NONE;

  take(side: number, ticks: number): number {
    let level = this.free;
    if (level === NONE) {
      level = this.used++;
      if (level * INTS >= this.ints.length) this.grow();
    } else {
      this.free = this.ints[level * INTS + 1]!;
    }
    this.floats[level * FLOATS] = 0;
    this.floats[level * FLOATS + 1] = 0;
    const int = level * INTS;
    this.ints[int] = ticks;
    this.ints[int + 1] = NONE;
    this.ints[int + 2] = NONE;
    this.ints[int + 3] = 0;
    this.ints[int + 4] = 0;
    this.ints[int + 5] = side;
    return level;
  }

  give(level: number): void {
    this.ints[level * INTS + 1] = this.free;
    this.free = level;
  }

  ticks(level: number): number {
    return this.ints[level * INTS]!;
  }

  oldest(level: number): number {
    return this.ints[level * INTS + 1]!;
  }

  orders(level: number): number {
    return this.ints[level * INTS + 3]!;
  }

  side(level: number): number {
    return this.ints[level * INTS + 5]!;
  }

  /** Marks it as changed in this command; false when it was already. */
  mark(level: number): boolean {
    const at = level * INTS + 4;
    if (this.ints[at] !== 0) return false;
    this.ints[at] = 1;
    return true;
  }

  unmark(level: number): void {
    this.ints[level * INTS + 4] = 0;
  }

  isMarked(level: number): boolean {
    return this.ints[level * INTS + 4] !== 0;
  }

  lots(level: number): number {
    return this.floats[level * FLOATS]!;
  }

  addLots(level: number, lots: number): void {
    this.floats[level * FLOATS] = this.floats[level * FLOATS]! + lots;
  }

  hiddenLots(level: number): number {
    return this.floats[level * FLOATS + 1]!;
  }

  addHiddenLots(level: number, lots: number): void {
    this.floats[level * FLOATS + 1] = this.floats[level * FLOATS + 1]! + lots;
  }

  /** Puts an order at the end of the queue; its lots are the caller's to count. */
  append(orders: OrderPool, level: number, slot: number): void {
    const int = level * INTS;
    const youngest = this.ints[int + 2]!;
    orders.setLevel(slot, level);
    orders.setNext(slot, NONE);
    orders.setPrevious(slot, youngest);
    if (youngest === NONE) this.ints[int + 1] = slot;
    else orders.setNext(youngest, slot);
    this.ints[int + 2] = slot;
    this.ints[int + 3] = this.ints[int + 3]! + 1;
  }

  /** Takes an order out of the queue; true when it was the last. */
  unlink(orders: OrderPool, level: number, slot: number): boolean {
    const int = level * INTS;
    const next = orders.next(slot);
    const previous = orders.previous(slot);
    if (previous === NONE) this.ints[int + 1] = next;
    else orders.setNext(previous, next);
    if (next === NONE) this.ints[int + 2] = previous;
    else orders.setPrevious(next, previous);
    const left = this.ints[int + 3]! - 1;
    this.ints[int + 3] = left;
    return left === 0;
  }

  private grow(): void {
    const floats = new Float64Array(this.floats.length * 2);
    floats.set(this.floats);
    this.floats = floats;
    const ints = new Int32Array(this.ints.length * 2);
    ints.set(this.ints);
    this.ints = ints;
  }
}
