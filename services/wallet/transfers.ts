/** Transfers between accounts: written down, then done in the engine under their id, then told. */
import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AccountId, TimeUs, Units } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { type EngineClient, EngineUnavailable } from '#platform/engine-client.ts';
import type { Asset, Assets } from './assets.ts';
import { executeOnce } from './engine-once.ts';
import { advance } from './locked-row.ts';
import { refusals } from './refusal.ts';
import { exists, lockAccount, mayLetGo } from './standing.ts';
import { requireStanding } from './withdrawals.ts';

export type Transfer = Selectable<Database['wallet.transfers']>;

export interface TransferDeps {
  readonly db: Kysely<Database>;
  readonly engine: EngineClient;
  readonly assets: Assets;
}

export interface TransferRequest {
  readonly asset: Asset;
  readonly amount: Units;
  readonly toAccount: AccountId;
  readonly clientId: string | null;
}

/**
 * Asked for again under its `clientId` it is the same one. While the engine is away it stays `requested`, and goes on by
 * itself. @throws {Refusal}
 */
export async function transfer(
  deps: TransferDeps,
  account: AccountId,
  request: TransferRequest,
): Promise<Transfer> {
  if (request.toAccount === account) throw refusals.invalidField('toAccount', 'must be another account');
  if (!(await exists(deps.db, request.toAccount))) throw refusals.unknownAccount('toAccount');
  const written = await deps.db.transaction().execute((transaction) => write(transaction, account, request));
  const stands = await advanceNow(deps, written);
  if (stands.status === 'refused') throw refusals.insufficientBalance();
  return stands;
}

async function write(
  transaction: Transaction<Database>,
  account: AccountId,
  { asset, amount, toAccount, clientId }: TransferRequest,
): Promise<Transfer> {
  const tier = await lockAccount(transaction, account);
  const before =
    clientId === null
      ? undefined
      : await transaction
          .selectFrom('wallet.transfers')
          .selectAll()
          .where('account_id', '=', account)
          .where('client_id', '=', clientId)
          .executeTakeFirst();
  if (before !== undefined) {
    const isSame = before.asset === asset.name && before.amount === amount && before.to_account === toAccount;
    if (!isSame) throw refusals.clientIdTaken();
    return before;
  }
  await requireStanding(transaction, account, asset, amount, tier);
  const now = systemClock.nowUs() as TimeUs;
  return transaction
    .insertInto('wallet.transfers')
    .values({
      id: randomUUID(),
      account_id: account,
      to_account: toAccount,
      client_id: clientId,
      asset: asset.name,
      amount,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function advanceNow(deps: TransferDeps, written: Transfer): Promise<Transfer> {
  try {
    return (await advanceTransfer(deps, written.id, false)) ?? written;
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    return written;
  }
}

/** Does what was asked for, once. @throws {EngineUnavailable} */
export function advanceTransfer(
  { db, engine, assets }: TransferDeps,
  id: string,
  skipLocked = true,
): Promise<Transfer | undefined> {
  return advance<Transfer>(
    db,
    {
      lock: (transaction, skip) => {
        const query = transaction.selectFrom('wallet.transfers').selectAll().where('id', '=', id).forUpdate();
        return (skip ? query.skipLocked() : query).executeTakeFirst();
      },
      step: async ({ status, account_id: from, to_account: to, asset: name, amount }) => {
        const asset = assets.find(name)?.id;
        if (status !== 'requested' || asset === undefined || !(await mayLetGo(db, from))) return undefined;
        const reference = `t:${id}`;
        const rejection = await executeOnce(engine, { type: 'transfer', from, to, asset, amount, reference });
        return { patch: { status: rejection === null ? 'completed' : 'refused' }, again: false };
      },
      save: async (transaction, patch) => {
        await transaction
          .updateTable('wallet.transfers')
          .set({ ...patch, updated_at: systemClock.nowUs() as TimeUs })
          .where('id', '=', id)
          .execute();
      },
    },
    { skipLocked },
  );
}

/** What the account sent and received, the newest first, those made before `before`. */
export function listTransfers(
  db: Kysely<Database>,
  account: AccountId,
  { before, limit }: { before?: TimeUs | undefined; limit: number },
): Promise<Transfer[]> {
  let query = db
    .selectFrom('wallet.transfers')
    .selectAll()
    .where((transfer) =>
      transfer.or([transfer('account_id', '=', account), transfer('to_account', '=', account)]),
    )
    .where('status', '!=', 'refused')
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit);
  if (before !== undefined) query = query.where('created_at', '<', before);
  return query.execute();
}
