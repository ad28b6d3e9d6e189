/** Makes a report of what is owed and held, with a tree for each asset, of one moment of the ledger. */
import { randomBytes } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { AccountId, AssetId, Seq, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { type ReadCustody, settledHoldings } from '../reconciliation/custody-side.ts';
import { buildTree, type ReservesTree } from './tree.ts';

/** So many reports can be proven to accounts; of those before, the roots stay. */
export const PROVABLE_MAX = 8;
/** A row of nodes takes about 100 bytes. */
const ROWS_PER_STATEMENT_MAX = 5_000;
const SALT_BYTES = 32;

export interface PublishDeps {
  readonly db: Kysely<Database>;
  readonly readCustody: ReadCustody;
  readonly assetOf: (id: AssetId) => { readonly name: string; readonly scale: number };
}

/**
 * The sequence of a new report, or undefined while the last one is younger than this, or nothing has happened since.
 * Of several processes that publish at once one does.
 */
export async function publishWhenDue(deps: PublishDeps, everyMs: number): Promise<Seq | undefined> {
  const held = new Map((await deps.readCustody()).map((one) => [one.asset, settledHoldings(one)]));
  return deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      await sql`lock table wallet.reserve_reports in share row exclusive mode`.execute(transaction);
      const madeAt = systemClock.nowUs() as TimeUs;
      const last = await transaction
        .selectFrom('wallet.reserve_reports')
        .select(['seq', 'made_at'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (last !== undefined && madeAt - last.made_at < everyMs * 1_000) return undefined;
      const { seq } = await transaction
        .selectFrom('projector.position')
        .select('seq')
        .executeTakeFirstOrThrow();
      if (last !== undefined && seq <= last.seq) return undefined;
      await transaction.insertInto('wallet.reserve_reports').values({ seq, made_at: madeAt }).execute();
      for (const [asset, owed] of Map.groupBy(await readOwed(transaction), ({ asset }) => asset)) {
        const { name, scale } = deps.assetOf(asset);
        const tree = treeOf(name, seq, owed);
        await storeTree(transaction, name, scale, seq, tree, held.get(asset) ?? 0);
      }
      await forgetOld(transaction);
      return seq;
    });
}

interface Owed {
  readonly account: AccountId;
  readonly asset: AssetId;
  readonly amount: number;
}

/** All that accounts own, whatever holds it; what the exchange has earned is owed to nobody. */
async function readOwed(db: Kysely<Database>): Promise<Owed[]> {
  const { rows } = await sql<Owed>`
    select account_id as account, asset_id as asset, sum(balance)::int8 as amount
    from projector.ledger_balances where kind in ('account', 'withdrawal')
    group by account_id, asset_id having sum(balance) > 0 order by asset_id
  `.execute(db);
  return rows;
}

function treeOf(asset: string, seq: Seq, owed: readonly Owed[]): ReservesTree {
  return buildTree(
    owed.map(({ account, amount }) => {
      const salt = randomBytes(SALT_BYTES).toString('hex');
      return { asset, seq, account, amount: BigInt(amount), salt };
    }),
  );
}

async function storeTree(
  db: Transaction<Database>,
  asset: string,
  scale: number,
  seq: Seq,
  { leaves, levels, root }: ReservesTree,
  held: number,
): Promise<void> {
  const owed = Number(root.sum);
  await db
    .insertInto('wallet.reserve_roots')
    .values({ seq, asset, scale, leaves: leaves.length, owed, held, hash: root.hash })
    .execute();
  const leafRows = leaves.map(({ account, amount, salt }, index) => [index, account, amount, salt] as const);
  for (const rows of chunks(leafRows)) {
    await sql`
      insert into wallet.reserve_leaves (seq, asset, index, account_id, amount, salt)
      select ${seq}::int8, ${asset}::text, index, account_id, amount, decode(salt, 'hex')
      from unnest(${column(rows, 0)}::int[], ${column(rows, 1)}::int8[], ${column(rows, 2)}::int8[],
        ${column(rows, 3)}::text[]) as leaves (index, account_id, amount, salt)
    `.execute(db);
  }
  const nodeRows = levels.flatMap((nodes, level) =>
    nodes.map(({ hash, sum }, index) => [level, index, sum, hash] as const),
  );
  for (const rows of chunks(nodeRows)) {
    await sql`
      insert into wallet.reserve_nodes (seq, asset, level, index, sum, hash)
      select ${seq}::int8, ${asset}::text, level, index, sum, decode(hash, 'hex')
      from unnest(${column(rows, 0)}::int[], ${column(rows, 1)}::int[], ${column(rows, 2)}::int8[],
        ${column(rows, 3)}::text[]) as nodes (level, index, sum, hash)
    `.execute(db);
  }
}

async function forgetOld(db: Transaction<Database>): Promise<void> {
  const oldest = await db
    .selectFrom('wallet.reserve_reports')
    .select('seq')
    .orderBy('seq', 'desc')
    .offset(PROVABLE_MAX - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await db.deleteFrom('wallet.reserve_leaves').where('seq', '<', oldest.seq).execute();
  await db.deleteFrom('wallet.reserve_nodes').where('seq', '<', oldest.seq).execute();
}

function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT_MAX)
    yield rows.slice(at, at + ROWS_PER_STATEMENT_MAX);
}

function column(rows: readonly (readonly unknown[])[], at: number): unknown[] {
  return rows.map((row) => row[at]);
}
