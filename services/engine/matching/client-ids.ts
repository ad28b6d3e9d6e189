/**
 * Finds an open order by its account and the client's id: a hash over the bytes as they came, without a string, names
 * one of many chains of orders. A chain goes through the ids themselves (`order-ids.ts`): four bytes an order are all
 * that must stay in the cache beside them.
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
  /** By chain: the slot of its first order, + 1; 0 for none. There are at least twice as many as orders: few have two. */
  chains = new Int32Array(256);
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
  findMarked(mark: number, account: number, records: Records, at: number): number {
    const { ids } = this;
    let slot = (this.chains[chainOf(mark) & this.mask]! - 1) | 0;
    while (slot !== NONE && !(ids.mark(slot) === mark && this.matches(slot, account, records, at)))
      slot = ids.next(slot);
    return slot;
  }

  /** Adds an order whose id is no other's of its account; does nothing for one without. */
  add(slot: number): void {
    if (!this.orders.hasId(slot)) return;
    if (++this.size * 2 > this.mask) this.grow();
    this.insert(slot);
  }

  delete(slot: number): void {
    if (!this.orders.hasId(slot)) return;
    this.size--;
    const { ids, chains } = this;
    const chain = chainOf(ids.mark(slot)) & this.mask;
    const next = ids.next(slot);
    let before = (chains[chain]! - 1) | 0;
    if (before === slot) {
      chains[chain] = next + 1;
      return;
    }
    while (ids.next(before) !== slot) before = ids.next(before);
    ids.setNext(before, next);
  }

  private insert(slot: number): void {
    const { ids, chains } = this;
    const chain = chainOf(ids.mark(slot)) & this.mask;
    ids.setNext(slot, chains[chain]! - 1);
    chains[chain] = slot + 1;
  }

  private matches(slot: number, account: number, records: Records, at: number): boolean {
    return this.positions.account(this.orders.position(slot)) === account && this.ids.is(slot, records, at);
  }

  /** Twice as many chains. */
  private grow(): void {
    const old = this.chains;
    this.mask = this.mask * 2 + 1;
    this.chains = new Int32Array(this.mask + 1);
    for (const first of old) {
      let slot = first - 1;
      while (slot !== NONE) {
        const next = this.ids.next(slot);
        this.insert(slot);
        slot = next;
      }
    }
  }
}

/** The part of a mark that chooses the chain: not the length, which is alike for all of a client. */
function chainOf(mark: number): number {
  return mark >>> 6;
}
