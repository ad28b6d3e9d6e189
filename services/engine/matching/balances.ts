/** Who has what: per account and asset, what is available and what open orders hold. */
import assert from 'node:assert/strict';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';

/**
 * In units. No sum here reaches 2^53: every unit came from a deposit, and deposits of an asset stay below that
 * in total (`funding.ts`).
 */
export class Balance {
  readonly account: AccountId;
  readonly asset: AssetId;
  available = 0;
  held = 0;
  /** As they stood before the command being applied, while `touched`. */
  availableBefore = 0;
  heldBefore = 0;
  touched = false;

  constructor(account: AccountId, asset: AssetId) {
    this.account = account;
    this.asset = asset;
  }
}

export class Balances {
  readonly #accounts = new Map<AccountId, Balance[]>();
  /** Touched by this command, in order of their first change. */
  readonly #touched: Balance[] = [];

  /** What may be spent or held; 0 for an account that never had any. */
  available(account: AccountId, asset: AssetId): number {
    return this.#accounts.get(account)?.[asset]?.available ?? 0;
  }

  /** From outside the account: a deposit, or what a trade brings. */
  credit(account: AccountId, asset: AssetId, amount: number): void {
    this.#touch(account, asset).available += amount;
  }

  /** Pays out of what is available. */
  spend(account: AccountId, asset: AssetId, amount: number): void {
    const balance = this.#touch(account, asset);
    balance.available -= amount;
    assert(balance.available >= 0, 'no more is spent than is available');
  }

  /** Pays out of what an open order holds. */
  spendHeld(account: AccountId, asset: AssetId, amount: number): void {
    const balance = this.#touch(account, asset);
    balance.held -= amount;
    assert(balance.held >= 0, 'no more is spent than is held');
  }

  hold(account: AccountId, asset: AssetId, amount: number): void {
    this.spend(account, asset, amount);
    this.#touch(account, asset).held += amount;
  }

  release(account: AccountId, asset: AssetId, amount: number): void {
    this.spendHeld(account, asset, amount);
    this.#touch(account, asset).available += amount;
  }

  /** Hands each balance that differs from before the command to `each`, and starts afresh. */
  drainChanged(each: (balance: Balance) => void): void {
    for (const balance of this.#touched) {
      balance.touched = false;
      if (balance.available !== balance.availableBefore || balance.held !== balance.heldBefore) each(balance);
    }
    this.#touched.length = 0;
  }

  /** An account's balances that are not zero, in the order of their assets. */
  of(account: AccountId): Balance[] {
    return (this.#accounts.get(account) ?? []).filter(({ available, held }) => available !== 0 || held !== 0);
  }

  /** All balances that are not zero, by account, then asset. */
  all(): Balance[] {
    return [...this.#accounts.keys()].sort((a, b) => a - b).flatMap((account) => this.of(account));
  }

  #touch(account: AccountId, asset: AssetId): Balance {
    let assets = this.#accounts.get(account);
    if (assets === undefined) {
      assets = [];
      this.#accounts.set(account, assets);
    }
    let balance = assets[asset];
    if (balance === undefined) {
      balance = new Balance(account, asset);
      assets[asset] = balance;
    }
    if (!balance.touched) {
      balance.touched = true;
      balance.availableBefore = balance.available;
      balance.heldBefore = balance.held;
      this.#touched.push(balance);
    }
    return balance;
  }
}

export function balanceEvent(balance: Balance): EventOf<'balance'> {
  return {
    type: 'balance',
    account: balance.account,
    asset: balance.asset,
    available: balance.available as Units,
    held: balance.held as Units,
  };
}
