/**
 * The clients' ids of open orders, 40 bytes each. An order's lies at the order's own slot, so that no integer names its
 * place and both are fetched from memory at once: one behind the other, a cancel waited for two. Memory begins when the
 * first order has an id.
 *
 *   int 0 the text's length in 6 bits and the hash above | 1 to 9 its characters
 *
 * Measured against an id among what only some orders have (`order-details.ts`): W2 17 % faster.
 */
import type { Records } from '#domain/codec.ts';
import type { OrderPool } from './order-pool.ts';

const INTS = 10;
const ID_INTS = 9;
/** Of the first integer: the rest is the hash. */
const LENGTH = 63;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class OrderIds {
  readonly orders: OrderPool;
  ints = new Int32Array(0);

  constructor(orders: OrderPool) {
    this.orders = orders;
  }

  /** Takes over the text whose length is in the word at `at`, not empty, and its account's {@link markOf} it. */
  set(slot: number, mark: number, records: Records, at: number): void {
    if (slot * INTS >= this.ints.length) this.grow();
    this.orders.setHasId(slot);
    const { ints } = this;
    const int = slot * INTS;
    ints[int] = mark;
    const source = (at + 1) * 2;
    const count = ((mark & LENGTH) + 3) >> 2;
    // Whole integers: what fills up the last is zero there too.
    for (let index = 0; index < count; index++)
      ints[(int + 1 + index) | 0] = records.ints[(source + index) | 0]!;
  }

  /** Of an order that has an id. */
  mark(slot: number): number {
    return this.ints[slot * INTS]!;
  }

  length(slot: number): number {
    return this.orders.hasId(slot) ? this.ints[slot * INTS]! & LENGTH : 0;
  }

  /** Whether the id is the text whose length is in the word at `at`. */
  is(slot: number, records: Records, at: number): boolean {
    const length = records.words[at]!;
    if (this.length(slot) !== length) return false;
    const int = slot * INTS + 1;
    const source = (at + 1) * 2;
    const count = (length + 3) >> 2;
    for (let index = 0; index < count; index++) {
      if (this.ints[(int + index) | 0] !== records.ints[(source + index) | 0]) return false;
    }
    return true;
  }

  text(slot: number): string {
    if (!this.orders.hasId(slot)) return '';
    return utf8.decode(new Uint8Array(this.ints.buffer, this.firstInt(slot) * 4, this.length(slot)));
  }

  /** Where the id's characters begin among {@link ints}. */
  firstInt(slot: number): number {
    return slot * INTS + 1;
  }

  private grow(): void {
    const grown = new Int32Array(this.orders.capacity * INTS);
    grown.set(this.ints);
    this.ints = grown;
  }
}

/** An account's text as one integer: its length, and a hash of both. Of no text it is 0. */
export function markOf(account: number, { words, ints }: Records, at: number): number {
  const length = words[at]! | 0;
  return length === 0 ? 0 : (hashOf(account, ints, (at + 1) * 2, length) & ~LENGTH) | length;
}

/** Four bytes at a time, mixed as MurmurHash3 does (Austin Appleby, public domain). */
function hashOf(account: number, ints: Int32Array, from: number, length: number): number {
  let hash = Math.imul(account, 0x9e3779b1 | 0) ^ length;
  const end = from + ((length + 3) >> 2);
  for (let at = from; at < end; at = (at + 1) | 0) {
    hash = Math.imul(hash ^ ints[at]!, 0x85ebca6b | 0);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35 | 0);
  return hash ^ (hash >>> 13);
}

/** Words that a text of the longest id takes, its length included. */
export const ID_WORDS_MAX = 1 + Math.ceil((ID_INTS * 4) / 8);
