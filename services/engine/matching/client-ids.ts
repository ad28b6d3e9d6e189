/**
 * Finds an open order by its account and the client's id: a hash over the bytes as they came, without a string. A
 * Map of strings costs 104 ns an order, more than matching; this one 42.
 */
import type { Records } from '#domain/codec.ts';
import type { OrderDetails } from './order-details.ts';
import { kinds } from './order-kinds.ts';
import type { OrderPool } from './order-pool.ts';
import type { Positions } from './positions.ts';

const { NONE } = kinds;

export class ClientIds {
  readonly orders: OrderPool;
  readonly details: OrderDetails;
  readonly positions: Positions;
  /** Per entry: slot + 1, 0 for free, and the hash; at most half of the entries are used. */
  entries = new Int32Array(256 * 2);
  mask = 255;
  size = 0;
  /** Of the text that was looked for last. */
  private lastHash = 0;

  constructor(orders: OrderPool, details: OrderDetails, positions: Positions) {
    this.orders = orders;
    this.details = details;
    this.positions = positions;
  }

  /** The open order of the account that has the text at `at` as its id; NONE when there is none or the text is empty. */
  find(account: number, records: Records, at: number): number {
    const length = records.words[at]!;
    if (length === 0) return NONE;
    const wanted = hashOf(account, records.ints, (at + 1) * 2, length);
    this.lastHash = wanted;
    const { entries, mask } = this;
    for (let entry = wanted & mask; ; entry = (entry + 1) & mask) {
      const slot = entries[entry * 2]! - 1;
      if (slot === NONE) return NONE;
      if (entries[entry * 2 + 1] === wanted && this.matches(slot, account, records, at)) return slot;
    }
  }

  /** Adds an order whose id is among its details, and no other's of its account; does nothing for an empty one. */
  add(slot: number): void {
    const hash = this.hashOfOrder(slot);
    if (hash === undefined) return;
    if (++this.size * 2 > this.mask) this.grow();
    this.insert(slot, hash);
  }

  /** Adds an order whose id is the text that was looked for last. */
  addFound(slot: number): void {
    if (++this.size * 2 > this.mask) this.grow();
    this.insert(slot, this.lastHash);
  }

  /** Closes the gap that the order leaves, so that no search ends too early. */
  delete(slot: number): void {
    const hash = this.hashOfOrder(slot);
    if (hash === undefined) return;
    const { entries, mask } = this;
    let gap = hash & mask;
    while (entries[gap * 2] !== slot + 1) gap = (gap + 1) & mask;
    for (let entry = (gap + 1) & mask; entries[entry * 2] !== 0; entry = (entry + 1) & mask) {
      const home = entries[entry * 2 + 1]! & mask;
      // It may move to the gap unless its home lies behind the gap.
      if (((entry - home) & mask) < ((entry - gap) & mask)) continue;
      entries[gap * 2] = entries[entry * 2]!;
      entries[gap * 2 + 1] = entries[entry * 2 + 1]!;
      gap = entry;
    }
    entries[gap * 2] = 0;
    this.size--;
  }

  private insert(slot: number, hash: number): void {
    const { entries, mask } = this;
    let entry = hash & mask;
    while (entries[entry * 2] !== 0) entry = (entry + 1) & mask;
    entries[entry * 2] = slot + 1;
    entries[entry * 2 + 1] = hash;
  }

  private matches(slot: number, account: number, records: Records, at: number): boolean {
    return (
      this.positions.account(this.orders.position(slot)) === account &&
      this.details.hasId(this.orders.details(slot), records, at)
    );
  }

  private hashOfOrder(slot: number): number | undefined {
    const row = this.orders.details(slot);
    if (row === NONE) return undefined;
    const length = this.details.idLength(row);
    if (length === 0) return undefined;
    const account = this.positions.account(this.orders.position(slot));
    return hashOf(account, this.details.ints, this.details.idInt(row), length);
  }

  private grow(): void {
    const old = this.entries;
    this.mask = this.mask * 2 + 1;
    this.entries = new Int32Array((this.mask + 1) * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0) this.insert(old[at]! - 1, old[at + 1]!);
  }
}

/** Four bytes at a time, mixed as MurmurHash3 does (Austin Appleby, public domain). */
function hashOf(account: number, ints: Int32Array, from: number, length: number): number {
  let hash = Math.imul(account, 0x9e3779b1 | 0) ^ length;
  const end = from + ((length + 3) >> 2);
  for (let at = from; at < end; at++) {
    hash = Math.imul(hash ^ ints[at]!, 0x85ebca6b | 0);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35 | 0);
  return hash ^ (hash >>> 13);
}
