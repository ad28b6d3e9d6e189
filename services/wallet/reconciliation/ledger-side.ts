/** Balances of the ledger as they were at a sequence that it has reached. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { AccountId, AssetId, Seq } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';

const POLL_MS = 20;
/** How long the ledger may trail the engine before nothing can be compared. */
const CATCH_UP_MS = 30_000;
/** Most balances read at once. */
const PAGE_MAX = 1_000;

/** The ledger does not follow the engine: what it says is old, not wrong. */
class LedgerBehind extends Error {
  override name = 'LedgerBehind';
}

export interface OwnBalance {
  readonly account: AccountId;
  readonly asset: AssetId;
  /** Units, all kinds of the account together. */
  readonly balance: number;
}

/** @throws {LedgerBehind} */
export async function awaitLedger(db: Kysely<Database>, seq: Seq): Promise<void> {
  const until = performance.now() + CATCH_UP_MS;
  for (;;) {
    const position = await db.selectFrom('projector.position').select('seq').executeTakeFirstOrThrow();
    if (position.seq >= seq) return;
    if (performance.now() > until) {
      throw new LedgerBehind(
        `the ledger stands at sequence ${position.seq}, and the engine at ${seq}: see the projector's log`,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * What these accounts had at `seq`: what they have less what moved since, in one statement and so of one moment. Those
 * without a balance are left out.
 */
export async function ledgerAt(
  db: Kysely<Database>,
  seq: Seq,
  keys: readonly Omit<OwnBalance, 'balance'>[],
): Promise<OwnBalance[]> {
  const accounts = keys.map(({ account }) => account);
  const assets = keys.map(({ asset }) => asset);
  const { rows } = await sql<OwnBalance>`
    with wanted as (
      select * from unnest(${accounts}::int[], ${assets}::int[]) as wanted (account_id, asset_id)
    )
    select account_id as account, asset_id as asset, sum(amount)::int8 as balance from (
      select account_id, asset_id, balance as amount from wanted
        join projector.ledger_balances using (account_id, asset_id) where kind <> 'custody'
      union all
      select account_id, asset_id, -amount from wanted
        join projector.ledger_postings using (account_id, asset_id) where kind <> 'custody' and seq > ${seq}
    ) parts
    group by account_id, asset_id
  `.execute(db);
  return rows;
}

/** All that have a balance now, in no order, page by page. */
export async function* ledgerAccounts(db: Kysely<Database>): AsyncGenerator<readonly OwnBalance[]> {
  let after = { account: -1, asset: -1 };
  for (;;) {
    const { rows } = await sql<OwnBalance>`
      select account_id as account, asset_id as asset, sum(balance)::int8 as balance
      from projector.ledger_balances
      where kind <> 'custody' and (account_id, asset_id) > (${after.account}::int, ${after.asset}::int)
      group by account_id, asset_id order by account_id, asset_id limit ${PAGE_MAX}
    `.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE_MAX) return;
    after = rows.at(-1)!;
  }
}

export interface AssetInLedger {
  readonly asset: AssetId;
  /** What custodians should hold. */
  readonly custody: number;
  /** Of all accounts of the chart: 0, or the ledger is broken. */
  readonly sum: number;
}

export async function ledgerTotals(db: Kysely<Database>): Promise<AssetInLedger[]> {
  const { rows } = await sql<AssetInLedger>`
    select asset_id as asset, sum(balance)::int8 as sum,
      coalesce(-sum(balance) filter (where kind = 'custody'), 0)::int8 as custody
    from projector.ledger_balances group by asset_id order by asset_id
  `.execute(db);
  return rows;
}
