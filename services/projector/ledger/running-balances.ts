/** The balances of the chart's accounts while movements are added to them. */
import assert from 'node:assert/strict';
import type { Insertable } from 'kysely';
import { FEE_ACCOUNT, type Units } from '#domain/ids.ts';
import type { LedgerAccount, Movement } from '#domain/ledger.ts';
import type { Database } from '#platform/database.ts';

export type BalanceRow = Insertable<Database['projector.ledger_balances']>;

const fees: LedgerAccount = { kind: 'fees', account: FEE_ACCOUNT };

export class RunningBalances {
  readonly #rows = new Map<string, BalanceRow>();

  /** Every account that the movements touch, at zero. */
  constructor(movements: readonly Movement[]) {
    for (const { asset, from, to, fee } of movements) {
      this.#open(asset, from);
      this.#open(asset, to);
      if (fee > 0) this.#open(asset, fees);
    }
  }

  get rows(): readonly BalanceRow[] {
    return [...this.#rows.values()];
  }

  /** What an account has before the movements. */
  begin(row: BalanceRow): void {
    this.#rows.set(keyOf(row.asset_id, { kind: row.kind, account: row.account_id }), row);
  }

  /** @returns what both accounts have after it. */
  move({ asset, from, to, amount, fee }: Movement): { fromBalance: Units; toBalance: Units } {
    const fromBalance = this.#add(asset, from, -amount);
    const toBalance = this.#add(asset, to, amount - fee);
    if (fee > 0) this.#add(asset, fees, fee);
    return { fromBalance, toBalance };
  }

  #open(asset: Movement['asset'], account: LedgerAccount): void {
    const key = keyOf(asset, account);
    if (this.#rows.has(key)) return;
    const { kind, account: account_id } = account;
    this.#rows.set(key, { kind, account_id, asset_id: asset, balance: 0 as Units });
  }

  #add(asset: Movement['asset'], account: LedgerAccount, change: number): Units {
    const row = this.#rows.get(keyOf(asset, account))!;
    const balance = row.balance + change;
    assert(
      Number.isSafeInteger(balance),
      `${account.kind} ${account.account} has more of ${asset} than fits`,
    );
    row.balance = balance as Units;
    return row.balance;
  }
}

function keyOf(asset: number, { kind, account }: LedgerAccount): string {
  return `${kind} ${account} ${asset}`;
}
