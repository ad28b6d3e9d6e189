/**
 * Finds a row by two integers: (account, asset) or (account, market). Rows are never removed. Open addressing in one
 * typed array of which a lookup touches one cache line, almost always.
 */
import { kinds } from './order-kinds.ts';

const { NONE } = kinds;

export class PairIndex {
  /** Per entry: first, second, row + 1; at most half of the entries are used, and 0 in the last marks a free one. */
  entries = new Int32Array(64 * 4);
  mask = 63;
  size = 0;

  /** The row, or NONE. */
  get(first: number, second: number): number {
    for (let at = hash(first, second) & this.mask; ; at = (at + 1) & this.mask) {
      const row = this.entries[at * 4 + 2]!;
      if (row === 0) return NONE;
      if (this.entries[at * 4] === first && this.entries[at * 4 + 1] === second) return row - 1;
    }
  }

  /** Adds a pair that is not there yet. */
  add(first: number, second: number, row: number): void {
    if (++this.size * 2 > this.mask) this.grow();
    let at = hash(first, second) & this.mask;
    while (this.entries[at * 4 + 2] !== 0) at = (at + 1) & this.mask;
    this.entries[at * 4] = first;
    this.entries[at * 4 + 1] = second;
    this.entries[at * 4 + 2] = row + 1;
  }

  private grow(): void {
    const old = this.entries;
    this.mask = this.mask * 2 + 1;
    this.entries = new Int32Array((this.mask + 1) * 4);
    this.size = 1;
    for (let at = 0; at < old.length; at += 4) {
      if (old[at + 2] !== 0) this.add(old[at]!, old[at + 1]!, old[at + 2]! - 1);
    }
  }
}

/** Mixes both so that neighbours spread; multipliers of MurmurHash3's finalizer (Austin Appleby, public domain). */
function hash(first: number, second: number): number {
  let mixed = Math.imul(first, 0x85ebca6b) ^ Math.imul(second + 1, 0xc2b2ae35 | 0);
  mixed ^= mixed >>> 15;
  return mixed ^ (mixed >>> 7);
}
