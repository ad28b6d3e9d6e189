/**
 * Who has what: per account and asset a row of what is available and what is held, in units. No sum here
 * reaches 2^53: every unit came from a deposit, and deposits of an asset stay below that in total (`funding.ts`).
 */
import assert from 'node:assert/strict';
import { PairIndex } from './pair-index.ts';

const FLOATS = 4;
const INTS = 4;

export class Balances {
  /** By row: available, held, and both as they were before the command, while it is touched. */
  floats = new Float64Array(64 * FLOATS);
  /** By row: account, asset, the account's next row, 1 while it is touched. */
  ints = new Int32Array(64 * INTS);
  used = 0;
  readonly rows = new PairIndex();
  /** Rows that this command touched, in order of their first change. */
  touched = new Int32Array(64);
  touchedCount = 0;

  /** The account's row, or NONE when it never had any of the asset. */
  find(account: number, asset: number): number {
    return this.rows.get(account, asset);
  }

  /** The account's row; a new one continues the chain that `nextOf` was the head of. */
  add(account: number, asset: number, nextOf: number): number {
    const row = this.used++;
    if (row * FLOATS >= this.floats.length) this.grow();
    const int = row * INTS;
    this.ints[int] = account;
    this.ints[int + 1] = asset;
    this.ints[int + 2] = nextOf;
    this.rows.add(account, asset, row);
    return row;
  }

  account(row: number): number {
    return this.ints[row * INTS]!;
  }

  asset(row: number): number {
    return this.ints[row * INTS + 1]!;
  }

  next(row: number): number {
    return this.ints[row * INTS + 2]!;
  }

  available(row: number): number {
    return this.floats[row * FLOATS]!;
  }

  held(row: number): number {
    return this.floats[row * FLOATS + 1]!;
  }

  /** From outside the account: a deposit, or what a trade brings. */
  credit(row: number, amount: number): void {
    this.touch(row);
    this.floats[row * FLOATS] = this.floats[row * FLOATS]! + amount;
  }

  /** What is available is held by an open order or a withdrawal from now on. */
  hold(row: number, amount: number): void {
    this.touch(row);
    const left = this.floats[row * FLOATS]! - amount;
    if (left < 0) assert.fail('more is held than is available');
    this.floats[row * FLOATS] = left;
    this.floats[row * FLOATS + 1] = this.floats[row * FLOATS + 1]! + amount;
  }

  release(row: number, amount: number): void {
    this.touch(row);
    const left = this.floats[row * FLOATS + 1]! - amount;
    if (left < 0) assert.fail('more is released than is held');
    this.floats[row * FLOATS + 1] = left;
    this.floats[row * FLOATS] = this.floats[row * FLOATS]! + amount;
  }

  /** What is held leaves the account. */
  spend(row: number, amount: number): void {
    this.touch(row);
    const left = this.floats[row * FLOATS + 1]! - amount;
    if (left < 0) assert.fail('more is spent than is held');
    this.floats[row * FLOATS + 1] = left;
  }

  /** Whether a touched row differs from before the command; from now on it is not touched. */
  settle(row: number): boolean {
    this.ints[row * INTS + 3] = 0;
    const at = row * FLOATS;
    const { floats } = this;
    return floats[at] !== floats[at + 2] || floats[at + 1] !== floats[at + 3];
  }

  /** Notes how it is before the command changes it. */
  touch(row: number): void {
    const flag = row * INTS + 3;
    if (this.ints[flag] !== 0) return;
    this.ints[flag] = 1;
    const at = row * FLOATS;
    this.floats[at + 2] = this.floats[at]!;
    this.floats[at + 3] = this.floats[at + 1]!;
    if (this.touchedCount === this.touched.length) {
      const grown = new Int32Array(this.touched.length * 2);
      grown.set(this.touched);
      this.touched = grown;
    }
    this.touched[this.touchedCount++] = row;
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
