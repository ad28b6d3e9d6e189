/** What the custodians hold, put so that it can be compared with the ledger. */
import { type Kysely, sql } from 'kysely';
import type { AssetId, Units } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { Assets } from '../assets.ts';
import type { Custody } from '../custody.ts';

export interface AssetInCustody {
  readonly asset: AssetId;
  /** All that custodians hold of it. */
  readonly held: Units;
  /** Of that, deposits that the engine does not know of yet. */
  readonly uncredited: Units;
  /** What has left for withdrawals that the engine still holds. */
  readonly unsettled: Units;
}

/** Reads custody and what is under way; assets that are not told are not held. */
export type ReadCustody = () => Promise<readonly AssetInCustody[]>;

/** What the ledger should say that custodians hold. */
export function settledHoldings({ held, uncredited, unsettled }: AssetInCustody): number {
  return held - uncredited + unsettled;
}

export interface CustodyDeps {
  readonly db: Kysely<Database>;
  readonly custody: Custody;
  readonly assets: Assets;
  /** Deposits under this reference came by no custodian, and count as held; empty for none. */
  readonly unbackedReference: string;
}

/** By asset; what is named by nobody is 0. */
type Sums = ReadonlyMap<string, number>;

export async function readCustody(deps: CustodyDeps): Promise<readonly AssetInCustody[]> {
  const [holdings, uncredited, unsettled, unbacked] = await Promise.all([
    deps.custody.holdings(),
    uncreditedDeposits(deps.db),
    unsettledWithdrawals(deps),
    unbackedDeposits(deps),
  ]);
  return deps.assets.listedAll().map(({ id, name }) => ({
    asset: id,
    held: ((holdings.get(name) ?? 0) + (unbacked.get(id) ?? 0)) as Units,
    uncredited: (uncredited.get(name) ?? 0) as Units,
    unsettled: (unsettled.get(name) ?? 0) as Units,
  }));
}

/** In a block, and not deep enough yet. */
async function uncreditedDeposits(db: Kysely<Database>): Promise<Sums> {
  const rows = await db
    .selectFrom('wallet.deposits')
    .select(['asset', sql<number>`sum(amount)::int8`.as('units')])
    .where('status', 'in', ['pending', 'crediting'])
    .where('confirmations', '>', 0)
    .groupBy('asset')
    .execute();
  return new Map(rows.map(({ asset, units }) => [asset, units]));
}

/** In a block, and not known to be. */
async function unsettledWithdrawals({ db, custody }: CustodyDeps): Promise<Sums> {
  const sums = new Map<string, number>();
  const rows = await db
    .selectFrom('wallet.withdrawals')
    .select(['id', 'asset', 'amount', 'fee'])
    .where('status', 'in', ['sent', 'arrived'])
    .execute();
  for (const { id, asset, amount, fee } of rows) {
    if ((await custody.sending(id)).state !== 'mined') continue;
    sums.set(asset, (sums.get(asset) ?? 0) + amount - fee);
  }
  return sums;
}

async function unbackedDeposits({
  db,
  unbackedReference,
}: CustodyDeps): Promise<ReadonlyMap<AssetId, number>> {
  if (unbackedReference === '') return new Map();
  const rows = await db
    .selectFrom('projector.ledger_movements')
    .select(['asset_id', sql<number>`sum(amount)::int8`.as('units')])
    .where('reference', '=', unbackedReference)
    .where('event', '=', 'deposited')
    .groupBy('asset_id')
    .execute();
  return new Map(rows.map(({ asset_id, units }) => [asset_id, units]));
}
