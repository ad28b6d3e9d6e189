/** What moved an account's balance of an asset, in order, each line with the balance after it. */
import { type Kysely, sql } from 'kysely';
import type { AccountId, AssetId, Seq, TimeUs, TradeId, Units } from '#domain/ids.ts';
import type { LedgerEvent, LedgerKind } from '#domain/ledger.ts';
import type { Database } from './database.ts';

/** Most lines of a page, whatever is asked for: a thousand, and one that tells whether there are more. */
const LINES_MAX = 1_001;

export interface StatementQuery {
  readonly account: AccountId;
  readonly asset: AssetId;
  readonly kind: Extract<LedgerKind, 'account' | 'withdrawal'>;
  /** Microseconds, both inclusive. */
  readonly from: TimeUs;
  readonly to: TimeUs;
  /** Where the page before ended. */
  readonly after?: StatementPlace;
  /** At most {@link LINES_MAX} count. */
  readonly limit: number;
}

/** A line's place among all of its account and asset. */
export interface StatementPlace {
  readonly at: TimeUs;
  readonly seq: Seq;
  /** Of one sequence, from 0. */
  readonly entry: number;
  /** 0 for what an entry took, 1 for what it brought: a trade with oneself does both. */
  readonly side: 0 | 1;
}

export interface StatementLine extends StatementPlace {
  readonly event: LedgerEvent;
  /** Units: what came, less its fee, or below 0 what went. */
  readonly amount: Units;
  /** Of what came. */
  readonly fee: Units;
  readonly balance: Units;
  /** Of a trade. */
  readonly symbol: string | null;
  readonly tradeId: TradeId | null;
  /** Of a deposit, a withdrawal or a transfer. */
  readonly reference: string | null;
}

/**
 * A page, the oldest line first; a full one may have another behind its last line. Each side is limited by itself, so
 * that its index serves it, and then both together.
 */
export async function readStatement(db: Kysely<Database>, query: StatementQuery): Promise<StatementLine[]> {
  const { rows } = await sql<StatementLine>`
    (${sideOf(query, 'from')}) union all (${sideOf(query, 'to')})
    order by at, seq, entry, side limit ${Math.min(query.limit, LINES_MAX)}
  `.execute(db);
  return rows;
}

/** What the account had at the end of the microsecond `at`: 0 before its first movement. */
export async function readBalance(
  db: Kysely<Database>,
  { account, asset, kind, at }: Pick<StatementQuery, 'account' | 'asset' | 'kind'> & { readonly at: TimeUs },
): Promise<Units> {
  const lastOf = (side: 'from' | 'to') => sql`
    (select happened_at, seq, entry, ${sql.lit(side === 'from' ? 0 : 1)} as side, ${sql.ref(`${side}_balance`)} as balance
    from projector.ledger_movements
    where ${sql.ref(`${side}_account`)} = ${account} and ${sql.ref(`${side}_account`)} > 0 and asset_id = ${asset}
      and ${sql.ref(`${side}_kind`)} = ${kind} and happened_at <= ${at}
    order by happened_at desc, seq desc, entry desc limit 1)
  `;
  const { rows } = await sql<{ balance: Units }>`
    select balance from (${lastOf('from')} union all ${lastOf('to')}) as last
    order by happened_at desc, seq desc, entry desc, side desc limit 1
  `.execute(db);
  return rows[0]?.balance ?? (0 as Units);
}

function sideOf({ account, asset, kind, from, to, after, limit }: StatementQuery, name: 'from' | 'to') {
  const column = (suffix: string) => sql.ref(`${name}_${suffix}`);
  const isFrom = name === 'from';
  const side = sql.lit(isFrom ? 0 : 1);
  const begin =
    after === undefined
      ? sql``
      : sql`and (happened_at, seq, entry, ${side}) > (${after.at}, ${after.seq}, ${after.entry}, ${after.side})`;
  return sql`
    select happened_at as at, seq, entry, ${side} as side, event,
      ${isFrom ? sql`-amount` : sql`amount - fee`} as amount, ${isFrom ? sql`0::int8` : sql`fee`} as fee,
      ${column('balance')} as balance, symbol, trade_id as "tradeId", reference
    from projector.ledger_movements left join projector.markets using (market_id)
    where ${column('account')} = ${account} and ${column('account')} > 0 and asset_id = ${asset}
      and ${column('kind')} = ${kind} and happened_at between ${from} and ${to} ${begin}
    order by happened_at, seq, entry limit ${limit}
  `;
}
