/**
 * Finds an open order by its account and the client's id: a hash over the bytes as they came, without a string. A
 * Map of strings costs 104 ns an order, more than matching; this one 42.
 */
import type { Records } from '#domain/codec.ts';
import { markOf, type OrderIds } from './order-ids.ts';
import { kinds } from './order-kinds.ts';
import type { OrderPool } from './order-pool.ts';
import type { Positions } from './positions.ts';

const { NONE } = kinds;

export class ClientIds {
  readonly orders: OrderPool;
  readonly ids: OrderIds;
  readonly positions: Positions;
  /** Per entry: slot + 1, 0 for free, and the id's mark; at most half of the entries are used. */
  entries = new Int32Array(256 * 2);
  mask = 255;
  size = 0;

  constructor(orders: OrderPool, ids: OrderIds, positions: Positions) {
    this.orders = orders;
    this.ids = ids;
    this.positions = positions;
  }

  /** The open order of the account that has the text at `at` as its id; NONE when there is none or the text is empty. */
  find(account: number, records: Records, at: number): number {
    const mark = markOf(account, records, at);
    return mark === 0 ? NONE : this.findMarked(mark, account, records, at);
  }

  /** The same for a text that is not empty, whose mark is known. */
  findMarked(wanted: number, account: number, records: Records, at: number): number {
    const { entries, mask } = this;
    for (let entry = homeOf(wanted) & mask; ; entry = (entry + 1) & mask) {
      const slot = (entries[entry * 2]! - 1) | 0;
      if (slot === NONE) return NONE;
      if (entries[entry * 2 + 1] === wanted && this.matches(slot, account, records, at)) return slot;
    }
  }

  /** Adds an order whose id is no other's of its account; does nothing for one without. */
  add(slot: number): void {
    if (!this.orders.hasId(slot)) return;
    if (++this.size * 2 > this.mask) this.grow();
    this.insert(slot, this.ids.mark(slot));
  }

  /** Closes the gap that the order leaves, so that no search ends too early. */
  delete(slot: number): void {
    if (!this.orders.hasId(slot)) return;
    const { entries, mask } = this;
    let gap = homeOf(this.ids.mark(slot)) & mask;
    while (entries[gap * 2] !== slot + 1) gap = (gap + 1) & mask;
    for (let entry = (gap + 1) & mask; entries[entry * 2] !== 0; entry = (entry + 1) & mask) {
      const home = homeOf(entries[entry * 2 + 1]!) & mask;
      // It may move to the gap unless its home lies behind the gap.
      if (((entry - home) & mask) < ((entry - gap) & mask)) continue;
      entries[gap * 2] = entries[entry * 2]!;
      entries[gap * 2 + 1] = entries[entry * 2 + 1]!;
      gap = entry;
    }
    entries[gap * 2] = 0;
    this.size--;
  }

  private insert(slot: number, added: number): void {
    const { entries, mask } = this;
    let entry = homeOf(added) & mask;
    while (entries[entry * 2] !== 0) entry = (entry + 1) & mask;
    entries[entry * 2] = slot + 1;
    entries[entry * 2 + 1] = added;
  }

  private matches(slot: number, account: number, records: Records, at: number): boolean {
    return this.positions.account(this.orders.position(slot)) === account && this.ids.is(slot, records, at);
  }

  private grow(): void {
    const old = this.entries;
    this.mask = this.mask * 2 + 1;
    this.entries = new Int32Array((this.mask + 1) * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0) this.insert(old[at]! - 1, old[at + 1]!);
  }
}

/** Where a search for a mark begins: the length, which is alike for all of a client, is left out. */
function homeOf(mark: number): number {
  return mark >>> 6;
}
