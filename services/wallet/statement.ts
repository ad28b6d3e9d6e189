/**
 * What moved an account's balance of an asset in a time, from the ledger: `opening` and all movements make `closing`,
 * to the unit, and `closing` and `inWithdrawals` make the engine's `available + held`.
 */
import type { Kysely } from 'kysely';
import type { AccountId, AssetId, TimeUs, Units } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Database } from '#platform/database.ts';
import {
  readBalance,
  readStatement,
  type StatementLine,
  type StatementPlace,
} from '#platform/ledger-statement.ts';

export interface LedgerStatementQuery {
  readonly asset: { readonly id: AssetId; readonly name: string; readonly scale: number };
  /** Milliseconds since the epoch, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly after?: StatementPlace | undefined;
  /** Movements of a page. */
  readonly limit: number;
}

/** A page of a statement; opening and closing balance are those of the whole. */
export interface LedgerStatement {
  readonly asset: string;
  readonly from: number;
  readonly to: number;
  /** What the account had before `from`, and at the end of `to`, open orders' holds included. */
  readonly opening: string;
  readonly closing: string;
  /** Held by withdrawals at the end of `to`, and no part of the balances here. */
  readonly inWithdrawals: string;
  /** In the order in which they happened. */
  readonly movements: readonly ShownMovement[];
  /** Asks for the next page; null after the last. */
  readonly next: string | null;
}

type ShownMovement = ReturnType<typeof shownMovement>;

/** Of one moment: what is written meanwhile is in all of it or in none. */
export function readLedgerStatement(
  db: Kysely<Database>,
  account: AccountId,
  { asset, from, to, after, limit }: LedgerStatementQuery,
): Promise<LedgerStatement> {
  const [start, end] = [(from * 1_000) as TimeUs, (to * 1_000 + 999) as TimeUs];
  const shown = (units: Units) => formatDecimal(units, asset.scale);
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const balanceAt = (kind: 'account' | 'withdrawal', at: TimeUs) =>
        readBalance(transaction, { account, asset: asset.id, kind, at });
      const own = { account, asset: asset.id, kind: 'account', from: start, to: end } as const;
      const lines = await readStatement(transaction, {
        ...own,
        ...(after && { after }),
        limit: limit + 1,
      });
      const page = lines.slice(0, limit);
      return {
        asset: asset.name,
        from,
        to,
        opening: shown(await balanceAt('account', (start - 1) as TimeUs)),
        closing: shown(await balanceAt('account', end)),
        inWithdrawals: shown(await balanceAt('withdrawal', end)),
        movements: page.map((line) => shownMovement(line, asset.scale)),
        next: lines.length > limit ? cursorOf(page.at(-1)!) : null,
      };
    });
}

function shownMovement(line: StatementLine, scale: number) {
  const { at, event, amount, fee, balance, symbol, tradeId, reference } = line;
  return {
    time: Math.floor(at / 1_000),
    event,
    /** Below 0 for what went; of what came, what was left of it by the fee. */
    amount: formatDecimal(amount, scale),
    fee: formatDecimal(fee, scale),
    balance: formatDecimal(balance, scale),
    symbol,
    tradeId,
    reference,
  };
}

/** Time, sequence, entry and side of the last line; 99,999,999,999,999 sequences last longer than the journal. */
export const CURSOR = /^\d{1,16}\.\d{1,14}\.\d{1,9}\.[01]$/;

/** Of a text that is like {@link CURSOR}. */
export function placeOf(cursor: string): StatementPlace {
  const [at, seq, entry, side] = cursor.split('.').map(Number);
  return { at, seq, entry, side } as StatementPlace;
}

function cursorOf({ at, seq, entry, side }: StatementPlace): string {
  return [at, seq, entry, side].join('.');
}

const COLUMNS = ['time', 'event', 'amount', 'fee', 'balance', 'symbol', 'tradeId', 'reference'] as const;

/**
 * As RFC 4180: the opening balance before the first page's movements, the closing one behind the last page's, so that
 * the pages of a statement, one behind the other, are the statement.
 */
export function ledgerStatementCsv(statement: LedgerStatement, isFirst: boolean): string {
  const { from, to, opening, closing, next } = statement;
  const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();
  const balanceOf = (at: number, event: string, balance: string) => [
    timeOf(at),
    event,
    '',
    '',
    balance,
    '',
    '',
    '',
  ];
  const rows = [
    ...(isFirst ? [[...COLUMNS], balanceOf(from, 'opening', opening)] : []),
    ...statement.movements.map(({ time, ...rest }) => {
      const values: Record<string, unknown> = { ...rest, time: timeOf(time) };
      return COLUMNS.map((column) => fieldOf(values[column]));
    }),
    ...(next === null ? [balanceOf(to, 'closing', closing)] : []),
  ];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}

function fieldOf(value: unknown): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
