/** The last report, and an account's place in it. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { AccountId, Seq, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { LeafProof } from './proof.ts';
import { pathPlaces } from './tree.ts';

export interface Report {
  readonly seq: Seq;
  readonly madeAt: TimeUs;
  readonly roots: readonly Selectable<Database['wallet.reserve_roots']>[];
}

/** Undefined before the first. */
export async function readReport(db: Kysely<Database>): Promise<Report | undefined> {
  const report = await db
    .selectFrom('wallet.reserve_reports')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (report === undefined) return undefined;
  const { seq, made_at: madeAt } = report;
  const roots = await db
    .selectFrom('wallet.reserve_roots')
    .selectAll()
    .where('seq', '=', seq)
    .orderBy('asset')
    .execute();
  return { seq, madeAt, roots };
}

/** One for each asset that the account had. */
export async function readProofs(
  db: Kysely<Database>,
  { seq, roots }: Report,
  account: AccountId,
): Promise<LeafProof[]> {
  const leaves = await db
    .selectFrom('wallet.reserve_leaves')
    .selectAll()
    .where('seq', '=', seq)
    .where('account_id', '=', account)
    .orderBy('asset')
    .execute();
  return Promise.all(
    leaves.map(async ({ asset, index, amount, salt }) => {
      const root = roots.find((one) => one.asset === asset)!;
      return {
        asset,
        seq,
        account,
        amount: String(amount),
        salt: salt.toString('hex'),
        index,
        leaves: root.leaves,
        path: await readPath(db, seq, asset, index, root.leaves),
        root: { hash: root.hash, sum: String(root.owed) },
      };
    }),
  );
}

async function readPath(db: Kysely<Database>, seq: Seq, asset: string, index: number, leaves: number) {
  const places = pathPlaces(index, leaves);
  const { rows } = await sql<{ hash: string; sum: string }>`
    select encode(hash, 'hex') as hash, sum::text as sum
    from unnest(${places.map((place) => place.level)}::int[], ${places.map((place) => place.index)}::int[])
      as wanted (level, index)
    join wallet.reserve_nodes using (level, index)
    where seq = ${seq} and asset = ${asset} order by level
  `.execute(db);
  return rows;
}
