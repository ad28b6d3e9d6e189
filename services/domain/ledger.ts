/**
 * The double-entry ledger: what moves value is a movement of an asset from one account of the chart to another, of which
 * a fee may go to the exchange. Its postings are `−amount`, `amount − fee` and `fee`, so that no movement can fail to
 * sum to zero (`docs/decisions/0016`).
 */
import type { AccountId, AssetId, Units } from './ids.ts';

/**
 * The chart of accounts, for each asset. A positive balance is what the exchange owes, a negative one what it is owed;
 * all balances of an asset sum to zero.
 * - `account`: an account's own, to trade with or held by its open orders.
 * - `withdrawal`: what an account's withdrawals hold until they are settled or released.
 * - `fees`: what the exchange has earned, at the fee account.
 * - `custody`: what the custodians hold for all of the above, at {@link CUSTODY_ACCOUNT}; never positive.
 */
export const LEDGER_KINDS = ['account', 'withdrawal', 'fees', 'custody'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** The custodians are no account of the engine; the kind tells it from the fee account. */
export const CUSTODY_ACCOUNT = 0 as AccountId;

/** The events that move value. */
export const LEDGER_EVENTS = [
  'deposited',
  'trade',
  'withdrawalHeld',
  'withdrawalSettled',
  'withdrawalReleased',
  'transferred',
] as const;
export type LedgerEvent = (typeof LEDGER_EVENTS)[number];

export interface LedgerAccount {
  readonly kind: LedgerKind;
  readonly account: AccountId;
}

export interface Movement {
  readonly asset: AssetId;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  /** What `from` gives, at least 1. */
  readonly amount: Units;
  /** What of it does not reach `to`. */
  readonly fee: Units;
}
