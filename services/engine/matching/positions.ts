/**
 * Each account on each market where it ever placed an order: its open orders there, oldest first, their numbers by
 * kind, and where its two balances are, so that an order finds everything of its account by one integer.
 */

import { kinds } from './order-kinds.ts';
import { PairIndex } from './pair-index.ts';

const { NONE } = kinds;

const INTS = 12;
const ORDERS = 6;
const ALGO_ORDERS = 7;
const ICEBERGS = 8;
const LISTS = 9;

export class Positions {
  /**
   * By row: account, market, its row of `accounts.ts`, base and quote rows of `balances.ts`, the account's next
   * position, open orders, conditional ones, icebergs, order lists, oldest and youngest order.
   */
  ints = new Int32Array(64 * INTS);
  used = 0;
  readonly rows = new PairIndex();

  /** The row, or NONE. */
  find(account: number, market: number): number {
    return this.rows.get(account, market);
  }

  add(
    account: number,
    market: number,
    accountRow: number,
    base: number,
    quote: number,
    next: number,
  ): number {
    const row = this.used++;
    if (row * INTS >= this.ints.length) {
      const grown = new Int32Array(this.ints.length * 2);
      grown.set(this.ints);
      this.ints = grown;
    }
    this.ints.set([account, market, accountRow, base, quote, next, 0, 0, 0, 0, NONE, NONE], row * INTS);
    this.rows.add(account, market, row);
    return row;
  }

  account(row: number): number {
    return this.ints[row * INTS]!;
  }

  market(row: number): number {
    return this.ints[row * INTS + 1]!;
  }

  accountRow(row: number): number {
    return this.ints[row * INTS + 2]!;
  }

  baseBalance(row: number): number {
    return this.ints[row * INTS + 3]!;
  }

  quoteBalance(row: number): number {
    return this.ints[row * INTS + 4]!;
  }

  next(row: number): number {
    return this.ints[row * INTS + 5]!;
  }

  orders(row: number): number {
    return this.ints[row * INTS + ORDERS]!;
  }

  algoOrders(row: number): number {
    return this.ints[row * INTS + ALGO_ORDERS]!;
  }

  icebergs(row: number): number {
    return this.ints[row * INTS + ICEBERGS]!;
  }

  lists(row: number): number {
    return this.ints[row * INTS + LISTS]!;
  }

  addOrders(row: number, count: number): void {
    this.ints[row * INTS + ORDERS] = this.ints[row * INTS + ORDERS]! + count;
  }

  addAlgoOrders(row: number, count: number): void {
    this.ints[row * INTS + ALGO_ORDERS] = this.ints[row * INTS + ALGO_ORDERS]! + count;
  }

  addIcebergs(row: number, count: number): void {
    this.ints[row * INTS + ICEBERGS] = this.ints[row * INTS + ICEBERGS]! + count;
  }

  addLists(row: number, count: number): void {
    this.ints[row * INTS + LISTS] = this.ints[row * INTS + LISTS]! + count;
  }

  oldest(row: number): number {
    return this.ints[row * INTS + 10]!;
  }

  setOldest(row: number, slot: number): void {
    this.ints[row * INTS + 10] = slot;
  }

  youngest(row: number): number {
    return this.ints[row * INTS + 11]!;
  }

  setYoungest(row: number, slot: number): void {
    this.ints[row * INTS + 11] = slot;
  }
}
