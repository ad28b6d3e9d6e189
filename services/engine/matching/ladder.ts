/**
 * One side's levels by price. Prices lie in pages of 64 ticks, each with a bitmap of those that have orders; a page
 * is found through a small cache by its number, else by binary search, and the best page is the last. So the way to
 * a price near the touch is a few instructions however deep the book, and a market that is not traded takes half a
 * kilobyte. Measured against one sorted vector of levels: W2 28 to 35 ns for 48 to 54, XC 41 for 124 to 191.
 */
import assert from 'node:assert/strict';
import { kinds } from './order-kinds.ts';

const { NONE } = kinds;

const PAGE_TICKS = 64;
/** Per page: the levels of its ticks, then two halves of the bitmap. */
const PAGE_INTS = PAGE_TICKS + 2;
const BITS = PAGE_TICKS;
/** Pages around the touch that are found without a search; a power of two. */
const CACHED = 64;

/** Pages that stay though they are empty. */
const KEPT = 16;

/** Pages of all ladders. */
export class LadderPages {
  ints = new Int32Array(16 * PAGE_INTS);
  used = 0;
  /** The page freed last, which holds the one before it. */
  free = NONE;

  take(): number {
    let page = this.free;
    if (page === NONE) {
      page = this.used++;
      if (page * PAGE_INTS >= this.ints.length) {
        const grown = new Int32Array(Math.ceil(this.ints.length / PAGE_INTS) * 2 * PAGE_INTS);
        grown.set(this.ints);
        this.ints = grown;
      }
    } else {
      this.free = this.ints[page * PAGE_INTS]!;
    }
    const at = page * PAGE_INTS;
    this.ints.fill(NONE, at, at + PAGE_TICKS);
    this.ints[at + BITS] = 0;
    this.ints[at + BITS + 1] = 0;
    return page;
  }

  give(page: number): void {
    this.ints[page * PAGE_INTS] = this.free;
    this.free = page;
  }
}

export class Ladder {
  readonly pages: LadderPages;
  /** Whether higher prices are better: of bids, and of stops that wait for a fall. */
  readonly highest: boolean;
  /** The best price that has orders; 0 for none. */
  best = 0;
  /** The level at the best price. */
  bestLevel = NONE;
  /** Page numbers (ticks / 64) of this side, the best last, and their pages. */
  numbers = new Int32Array(4);
  slots = new Int32Array(4);
  count = 0;
  /** By the low bits of a page's number: the number, and the page. */
  cachedNumbers = new Int32Array(CACHED).fill(NONE);
  cachedSlots = new Int32Array(CACHED);

  constructor(pages: LadderPages, highest: boolean) {
    this.pages = pages;
    this.highest = highest;
  }

  /** The level at a price, with or without orders; NONE when there is none. */
  find(ticks: number): number {
    const page = this.findPage(ticks >> 6);
    return page === NONE ? NONE : this.pages.ints[page * PAGE_INTS + (ticks & 63)]!;
  }

  /** Adds a level, which has no orders yet. */
  add(ticks: number, level: number): void {
    const number = ticks >> 6;
    let page = this.findPage(number);
    if (page === NONE) page = this.addPage(number);
    this.pages.ints[page * PAGE_INTS + (ticks & 63)] = level;
  }

  /** A level got its first order. */
  show(ticks: number, level: number): void {
    const page = this.findPage(ticks >> 6);
    const at = page * PAGE_INTS + BITS + ((ticks >> 5) & 1);
    this.pages.ints[at] = this.pages.ints[at]! | (1 << (ticks & 31));
    if (this.best === 0 || (this.highest ? ticks > this.best : ticks < this.best)) {
      this.best = ticks;
      this.bestLevel = level;
    }
  }

  /** A level lost its last order. It stays until it is removed, or shown again. */
  hide(ticks: number): void {
    const page = this.findPage(ticks >> 6);
    const at = page * PAGE_INTS + BITS + ((ticks >> 5) & 1);
    this.pages.ints[at] = this.pages.ints[at]! & ~(1 << (ticks & 31));
    if (ticks === this.best) {
      this.best = this.nextPrice(ticks);
      this.bestLevel = this.best === 0 ? NONE : this.find(this.best);
    }
  }

  /** Removes a level that is hidden. */
  remove(ticks: number): void {
    const number = ticks >> 6;
    const page = this.findPage(number);
    const at = page * PAGE_INTS;
    const { ints } = this.pages;
    ints[at + (ticks & 63)] = NONE;
    if (ints[at + BITS] !== 0 || ints[at + BITS + 1] !== 0) return;
    // Not the few pages of a small book: they would come and go with every order.
    if (this.count <= KEPT) return;
    // No level has orders; one that is hidden may still be there.
    for (let tick = at; tick < at + PAGE_TICKS; tick++) if (ints[tick] !== NONE) return;
    this.removePage(number, page);
  }

  /** The best price with orders that is worse than `ticks`, where there may be none now; 0 when there is none. */
  nextPrice(ticks: number): number {
    const number = ticks >> 6;
    let index = this.indexOf(number);
    if (index < this.count && this.numbers[index] === number) {
      const price = this.nextInPage(index, ticks & 63);
      if (price !== 0) return price;
    }
    while (--index >= 0) {
      const price = this.nextInPage(index, this.highest ? PAGE_TICKS : -1);
      if (price !== 0) return price;
    }
    return 0;
  }

  /** The best price with orders among those of a page that are worse than its `tick`; 0 when there is none. */
  private nextInPage(index: number, tick: number): number {
    const { ints } = this.pages;
    const at = this.slots[index]! * PAGE_INTS + BITS;
    const first = this.numbers[index]! << 6;
    const low = ints[at]!;
    const high = ints[at + 1]!;
    if (this.highest) {
      const last = tick - 1;
      if (last < 0) return 0;
      const highBits = last < 32 ? 0 : high & (-1 >>> (63 - last));
      if (highBits !== 0) return first + 63 - Math.clz32(highBits);
      const lowBits = last < 32 ? low & (-1 >>> (31 - last)) : low;
      return lowBits === 0 ? 0 : first + 31 - Math.clz32(lowBits);
    }
    const from = tick + 1;
    if (from > 63) return 0;
    const lowBits = from < 32 ? low & (-1 << from) : 0;
    if (lowBits !== 0) return first + 31 - Math.clz32(lowBits & -lowBits);
    const highBits = from < 32 ? high : high & (-1 << (from - 32));
    return highBits === 0 ? 0 : first + 63 - Math.clz32(highBits & -highBits);
  }

  private findPage(number: number): number {
    const cached = number & (CACHED - 1);
    if (this.cachedNumbers[cached] === number) return this.cachedSlots[cached]!;
    const index = this.indexOf(number);
    if (index >= this.count || this.numbers[index] !== number) return NONE;
    const page = this.slots[index]!;
    this.cachedNumbers[cached] = number;
    this.cachedSlots[cached] = page;
    return page;
  }

  /** Where a page of this number is or belongs. */
  private indexOf(number: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.numbers[middle]!;
      if (this.highest ? other < number : other > number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private addPage(number: number): number {
    if (this.count === this.numbers.length) {
      const numbers = new Int32Array(this.count * 2);
      numbers.set(this.numbers);
      this.numbers = numbers;
      const slots = new Int32Array(this.count * 2);
      slots.set(this.slots);
      this.slots = slots;
    }
    const index = this.indexOf(number);
    this.numbers.copyWithin(index + 1, index, this.count);
    this.slots.copyWithin(index + 1, index, this.count);
    const page = this.pages.take();
    this.numbers[index] = number;
    this.slots[index] = page;
    this.count++;
    this.cachedNumbers[number & (CACHED - 1)] = number;
    this.cachedSlots[number & (CACHED - 1)] = page;
    return page;
  }

  private removePage(number: number, page: number): void {
    const index = this.indexOf(number);
    assert(this.slots[index] === page, 'a page is where its number says');
    this.numbers.copyWithin(index, index + 1, this.count);
    this.slots.copyWithin(index, index + 1, this.count);
    this.count--;
    this.pages.give(page);
    if (this.cachedNumbers[number & (CACHED - 1)] === number)
      this.cachedNumbers[number & (CACHED - 1)] = NONE;
  }
}
