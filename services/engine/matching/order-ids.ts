/**
 * The clients' ids of open orders. An order's lies at the order's own slot, so that no integer names its place and both
 * are fetched from memory at once: one behind the other, a cancel waited for two. Most ids are short: what all have is
 * in 24 bytes, what the longer ones have beside it in 20 more. Each begins when the first order needs it.
 *
 *   heads: int 0 the text's length in 6 bits and the hash above | 1 the next order in the chain of `client-ids.ts` |
 *   2 to 5 its first characters; tails: the others
 *
 * What counts is how much of it stays in the cache. Measured against records of 80 bytes for all that only some orders
 * have, found by a table of hashes and slots: a cancel among 10,000 orders takes 270 ns for 450.
 */
import type { Records } from '#domain/codec.ts';
import type { OrderPool } from './order-pool.ts';

const HEAD_INTS = 6;
const TEXT = 2;
const HEAD_TEXT_INTS = HEAD_INTS - TEXT;
const TAIL_INTS = 5;
/** Of the first integer: the rest is the hash. */
const LENGTH = 63;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class OrderIds {
  readonly orders: OrderPool;
  heads = new Int32Array(0);
  tails = new Int32Array(0);

  constructor(orders: OrderPool) {
    this.orders = orders;
  }

  /** Takes over the text whose length is in the word at `at`, not empty, and the {@link markOf} it. */
  set(slot: number, mark: number, records: Records, at: number): void {
    if (slot * HEAD_INTS >= this.heads.length) this.heads = this.grown(this.heads, HEAD_INTS);
    this.orders.setHasId(slot);
    const { heads } = this;
    const { ints } = records;
    const head = slot * HEAD_INTS;
    const source = (at + 1) * 2;
    heads[head] = mark;
    // Whole words, as the text comes: what fills up the last is zero.
    heads[(head + 2) | 0] = ints[source]!;
    heads[(head + 3) | 0] = ints[(source + 1) | 0]!;
    if ((mark & LENGTH) <= 8) return;
    heads[(head + 4) | 0] = ints[(source + 2) | 0]!;
    heads[(head + 5) | 0] = ints[(source + 3) | 0]!;
    if ((mark & LENGTH) > HEAD_TEXT_INTS * 4)
      this.setTail(slot, mark & LENGTH, ints, source + HEAD_TEXT_INTS);
  }

  /** Of an order that has an id. */
  mark(slot: number): number {
    return this.heads[slot * HEAD_INTS]!;
  }

  /** Of an order that has an id and can be found by it: the order that comes next in its chain. */
  next(slot: number): number {
    return this.heads[slot * HEAD_INTS + 1]!;
  }

  setNext(slot: number, next: number): void {
    this.heads[slot * HEAD_INTS + 1] = next;
  }

  length(slot: number): number {
    return this.orders.hasId(slot) ? this.heads[slot * HEAD_INTS]! & LENGTH : 0;
  }

  /** The integer of the text, of which an order with an id has as many as its length takes. */
  int(slot: number, index: number): number {
    return index < HEAD_TEXT_INTS
      ? this.heads[slot * HEAD_INTS + TEXT + index]!
      : this.tails[slot * TAIL_INTS + (index - HEAD_TEXT_INTS)]!;
  }

  /** Whether the id is the text whose length is in the word at `at`. */
  is(slot: number, records: Records, at: number): boolean {
    const length = records.words[at]! | 0;
    if (this.length(slot) !== length) return false;
    const source = (at + 1) * 2;
    const count = (length + 3) >> 2;
    for (let index = 0; index < count; index++) {
      if (this.int(slot, index) !== records.ints[(source + index) | 0]) return false;
    }
    return true;
  }

  /** Writes the id as a text at `at`, zero behind its end; returns where it ends. There is room for the longest. */
  write(slot: number, { words, ints }: Records, at: number): number {
    const length = this.length(slot);
    words[at] = length;
    if (length === 0) return (at + 1) | 0;
    const { heads } = this;
    const head = slot * HEAD_INTS;
    const target = ((at + 1) * 2) | 0;
    // As it was taken over: whole words.
    ints[target] = heads[(head + 2) | 0]!;
    ints[(target + 1) | 0] = heads[(head + 3) | 0]!;
    if (length <= 8) return (at + 2) | 0;
    ints[(target + 2) | 0] = heads[(head + 4) | 0]!;
    ints[(target + 3) | 0] = heads[(head + 5) | 0]!;
    if (length <= HEAD_TEXT_INTS * 4) return (at + 3) | 0;
    return this.writeTail(slot, length, ints, target);
  }

  text(slot: number): string {
    const length = this.length(slot);
    const ints = Int32Array.from({ length: (length + 3) >> 2 }, (_, index) => this.int(slot, index));
    return utf8.decode(new Uint8Array(ints.buffer, 0, length));
  }

  private writeTail(slot: number, length: number, ints: Int32Array, target: number): number {
    const count = (length + 3) >> 2;
    for (let index = HEAD_TEXT_INTS; index < count; index++)
      ints[target + index] = this.tails[slot * TAIL_INTS + index - HEAD_TEXT_INTS]!;
    if ((count & 1) === 1) ints[target + count] = 0;
    return (target + count + 1) >> 1;
  }

  private setTail(slot: number, length: number, ints: Int32Array, source: number): void {
    if (slot * TAIL_INTS >= this.tails.length) this.tails = this.grown(this.tails, TAIL_INTS);
    const count = ((length + 3) >> 2) - HEAD_TEXT_INTS;
    for (let index = 0; index < count; index++) this.tails[slot * TAIL_INTS + index] = ints[source + index]!;
  }

  private grown(old: Int32Array, width: number): Int32Array<ArrayBuffer> {
    const grown = new Int32Array(this.orders.capacity * width);
    grown.set(old);
    return grown;
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
export const ID_WORDS_MAX = 1 + Math.ceil(((HEAD_TEXT_INTS + TAIL_INTS) * 4) / 8);
