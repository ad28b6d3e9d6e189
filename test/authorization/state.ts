/** All that a refused request must leave alone, of people, keys, sessions, orders and money. */
import { sql } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import { ReadBarrier } from '#platform/read-barrier.ts';
import type { PeopleExchange } from '#test/support/people-exchange.ts';

/** What is written whether a request is refused or not: the record of attempts, where the services stand, what is due. */
const WRITTEN_ANYWAY = new Set([
  'accounts.security_events',
  'accounts.api_key_uses',
  'projector.position',
  // The first report is due at once.
  ...['reports', 'roots', 'leaves', 'nodes'].map((part) => `wallet.reserve_${part}`),
]);

/** A fingerprint of each table, and what the engine says of each account. */
export async function stateOf({ accounts, engine }: PeopleExchange): Promise<unknown> {
  const { db } = accounts;
  // What was done before this moment is in the read models only a moment later.
  const { seq } = await engine.ask({ type: 'position' });
  await new ReadBarrier(db).reach(seq);
  const tables = await sql<{ name: string }>`
    select schemaname || '.' || tablename as name from pg_tables
    where schemaname in ('accounts', 'projector', 'wallet', 'ledger') order by 1
  `.execute(db);
  const fingerprints: Record<string, string> = {};
  for (const { name } of tables.rows) {
    if (WRITTEN_ANYWAY.has(name)) continue;
    const { rows } = await sql<{ digest: string }>`
      select md5(coalesce(string_agg(row::text, '|' order by row::text), '')) as digest
      from ${sql.table(name)} as row
    `.execute(db);
    fingerprints[name] = rows[0]!.digest;
  }
  const users = await db.selectFrom('accounts.users').select('account_id').orderBy('account_id').execute();
  const ofEngine = [];
  for (const { account_id: account } of [{ account_id: 0 as AccountId }, ...users])
    ofEngine.push({
      account,
      balances: (await engine.ask({ type: 'balances', account })).records,
      orders: (await engine.ask({ type: 'openOrders', account, market: null })).records,
      lists: (await engine.ask({ type: 'openOrderLists', account })).records,
    });
  return { fingerprints, ofEngine };
}
