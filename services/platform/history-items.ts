/** What happened to an account, as items of the table `transaction-history`. Amounts are in units, times in microseconds. */
import type { Side } from '#domain/orders.ts';

/** The index by account and asset. */
export const HISTORY_BY_ASSET = 'by-asset';

interface HistoryKeys {
  readonly account_id: number;
  /** In the order in which it happened; see {@link entryId}. */
  readonly entry_id: string;
  /** The account and the asset that it is about, a market's base, as `42#BTC`. */
  readonly account_asset: string;
  readonly happened_at: number;
}

export interface TradeEntry extends HistoryKeys {
  readonly kind: 'TRADE';
  readonly symbol: string;
  readonly trade_id: number;
  readonly order_id: number;
  readonly side: Side;
  readonly is_maker: boolean;
  readonly price: number;
  readonly quantity: number;
  readonly quote_quantity: number;
  /** In what the account received: base for a buyer, quote for a seller. */
  readonly fee: number;
}

export interface MovementEntry extends HistoryKeys {
  readonly kind: 'DEPOSIT' | 'TRANSFER_IN' | 'TRANSFER_OUT';
  readonly asset: string;
  readonly amount: number;
  readonly reference: string;
}

/** `amount` is all that the withdrawal takes from the account, `fee` in it. */
export interface WithdrawalEntry extends Omit<MovementEntry, 'kind'> {
  readonly kind: 'WITHDRAWAL_HELD' | 'WITHDRAWAL_SETTLED' | 'WITHDRAWAL_RELEASED';
  readonly fee: number;
}

/** Never changes, and what it is made of names it: written again, it is the same. */
export type HistoryEntry = TradeEntry | MovementEntry | WithdrawalEntry;

/** So that texts sort as numbers do: a time does until the year 2286, an id for good. */
const DIGITS = 16;

/**
 * No two commands have one time, and of all that a command does to an account there are many of trades alone, numbered in
 * their order.
 */
export function entryId(timeUs: number, what: string, number?: number): string {
  const sorted = (value: number) => String(value).padStart(DIGITS, '0');
  return [sorted(timeUs), ...(number === undefined ? [] : [sorted(number)]), what].join('-');
}

export function accountAsset(account: number, asset: string): string {
  return `${account}#${asset}`;
}
