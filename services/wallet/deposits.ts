/** Where deposits go, and what the custodian's notices make of them. */
import { type Kysely, sql } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Asset } from './assets.ts';
import type { Notice } from './custody.ts';
import type { Deposit, DepositDeps } from './deposit-steps.ts';

const NOTICES_MAX = 200;
/** The name under which it is kept how far the notices have been read. */
const SOURCE = 'custody';

/** The account's address for an asset, the same at every call. */
export async function depositAddress(
  { db, custody }: Pick<DepositDeps, 'db' | 'custody'>,
  account: AccountId,
  asset: Asset,
): Promise<string> {
  const address = await custody.depositAddress(asset.name, account);
  await db
    .insertInto('wallet.deposit_addresses')
    .values({ account_id: account, asset: asset.name, address })
    .onConflict((conflict) => conflict.columns(['account_id', 'asset']).doNothing())
    .execute();
  return address;
}

/** Which deposits of an account: those of which all that is given holds. */
export interface DepositFilter {
  readonly asset?: string | undefined;
  readonly txId?: string | undefined;
  readonly statuses?: readonly Deposit['status'][] | undefined;
  /** When they were first heard of: from the one on, and before the other. */
  readonly since?: TimeUs | undefined;
  readonly until?: TimeUs | undefined;
  /** Those older than the one of this id. */
  readonly before?: number | undefined;
  /** How many to leave out, and at most to give then. */
  readonly offset?: number | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listDeposits(
  db: Kysely<Database>,
  account: AccountId,
  { asset, txId, statuses, since, until, before, offset, limit }: DepositFilter,
): Promise<Deposit[]> {
  if (statuses?.length === 0) return [];
  let query = db
    .selectFrom('wallet.deposits')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('id', 'desc')
    .limit(limit);
  if (asset !== undefined) query = query.where('asset', '=', asset);
  if (txId !== undefined) query = query.where('tx_id', '=', txId);
  if (statuses !== undefined) query = query.where('status', 'in', statuses);
  if (since !== undefined) query = query.where('created_at', '>=', since);
  if (until !== undefined) query = query.where('created_at', '<', until);
  if (before !== undefined) query = query.where('id', '<', before);
  if (offset !== undefined) query = query.offset(offset);
  return query.execute();
}

/** Reads all notices that there are; what was read is not read again, unless this is cut short. */
export async function readNotices(deps: DepositDeps): Promise<void> {
  const { db, custody } = deps;
  for (;;) {
    const row = await db
      .selectFrom('wallet.notices')
      .select('last_id')
      .where('source', '=', SOURCE)
      .executeTakeFirst();
    const notices = await custody.notices(row?.last_id ?? 0, NOTICES_MAX);
    for (const notice of notices) await hear(deps, notice);
    const last = notices.at(-1);
    if (last === undefined) return;
    await db
      .insertInto('wallet.notices')
      .values({ source: SOURCE, last_id: last.id })
      .onConflict((conflict) => conflict.column('source').doUpdateSet({ last_id: last.id }))
      .execute();
  }
}

/** A notice is a reason to look at the chain, and nothing else: it may be old, or come twice. */
async function hear({ db, custody, assets }: DepositDeps, { txId, output }: Notice): Promise<void> {
  const found = await custody.output({ txId, output });
  if (found === undefined || assets.find(found.asset) === undefined) return;
  const { asset, address, amount, state } = found;
  const owner = await db
    .selectFrom('wallet.deposit_addresses')
    .select('account_id')
    .where('asset', '=', asset)
    .where('address', '=', address)
    .executeTakeFirst();
  if (owner === undefined) return;
  const now = systemClock.nowUs() as TimeUs;
  await db
    .insertInto('wallet.deposits')
    .values({
      account_id: owner.account_id,
      asset,
      tx_id: txId,
      output,
      address,
      amount,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.columns(['tx_id', 'output']).doNothing())
    .execute();
  // What was given up and is on the chain after all begins afresh.
  if (state !== 'mined') return;
  await db
    .updateTable('wallet.deposits')
    .set({ status: 'pending', reversed: 0 as Deposit['amount'], updated_at: now })
    // An operator's word was about the time before; without one the account waits for it still.
    .set({
      lost_at: sql`case when released_at is null then lost_at end`,
      released_at: null,
      released_by: null,
    })
    .where('tx_id', '=', txId)
    .where('output', '=', output)
    .where('status', 'in', ['gone', 'reversed'])
    .execute();
}
