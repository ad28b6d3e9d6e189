/** Accounts that ever had money or an order: their fee tiers, and where their balances and positions begin. */
import { kinds } from './order-kinds.ts';

const { NONE } = kinds;

export class Accounts {
  readonly rows = new Map<number, number>();
  tiers = new Uint8Array(64);
  /** By row: the first row of its balances, and of its positions. */
  firsts = new Int32Array(64 * 2);

  find(account: number): number {
    return this.rows.get(account) ?? NONE;
  }

  findOrAdd(account: number): number {
    const found = this.rows.get(account);
    if (found !== undefined) return found;
    const row = this.rows.size;
    if (row >= this.tiers.length) {
      const tiers = new Uint8Array(row * 2);
      tiers.set(this.tiers);
      this.tiers = tiers;
      const firsts = new Int32Array(row * 4);
      firsts.set(this.firsts);
      this.firsts = firsts;
    }
    this.firsts[row * 2] = NONE;
    this.firsts[row * 2 + 1] = NONE;
    this.rows.set(account, row);
    return row;
  }

  firstBalance(row: number): number {
    return this.firsts[row * 2]!;
  }

  setFirstBalance(row: number, balance: number): void {
    this.firsts[row * 2] = balance;
  }

  firstPosition(row: number): number {
    return this.firsts[row * 2 + 1]!;
  }

  setFirstPosition(row: number, position: number): void {
    this.firsts[row * 2 + 1] = position;
  }
}
