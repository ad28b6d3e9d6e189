/** Withdrawals: asked for, listed, called off by their owner, decided on by operators. */
import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AccountId, TimeUs, Units } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database, WithdrawalStatus } from '#platform/database.ts';
import { EngineUnavailable } from '#platform/engine-client.ts';
import { type AddressName, usableAddress } from './addresses.ts';
import { type Asset, Assets } from './assets.ts';
import { refusals } from './refusal.ts';
import { hasMissingDeposit, leftOf, lockAccount, unitsToday } from './standing.ts';
import {
  advanceWithdrawal,
  lockWithdrawal,
  saveWithdrawal,
  type Withdrawal,
  type WithdrawalDeps,
} from './withdrawal-steps.ts';

export interface WithdrawalRequest {
  readonly asset: Asset;
  /** All that leaves the account, the fee included. */
  readonly amount: Units;
  /** Of the address book. */
  readonly to: AddressName;
  readonly clientId: string | null;
}

/**
 * Writes it down and holds its money. Asked for again under its `clientId` it is the same one. While the engine is away
 * it stays `requested`, and goes on by itself.
 * @throws {Refusal}
 */
export async function withdraw(
  deps: WithdrawalDeps,
  account: AccountId,
  request: WithdrawalRequest,
): Promise<Withdrawal> {
  const written = await deps.db.transaction().execute((transaction) => write(transaction, account, request));
  const stands = await hold(deps, written);
  if (stands.status === 'refused') throw refusals.insufficientBalance();
  return stands;
}

async function write(
  transaction: Transaction<Database>,
  account: AccountId,
  request: WithdrawalRequest,
): Promise<Withdrawal> {
  const { asset, amount, to, clientId } = request;
  const tier = await lockAccount(transaction, account);
  const before = clientId === null ? undefined : await findByClientId(transaction, account, clientId);
  const { address } = await usableAddress(transaction, account, asset, to, before !== undefined);
  if (before !== undefined) {
    const isSame = before.asset === asset.name && before.amount === amount && before.address === address;
    if (!isSame) throw refusals.clientIdTaken();
    return before;
  }
  await requireStanding(transaction, account, asset, amount, tier);
  const now = systemClock.nowUs() as TimeUs;
  return transaction
    .insertInto('wallet.withdrawals')
    .values({
      id: randomUUID(),
      account_id: account,
      client_id: clientId,
      asset: asset.name,
      amount,
      fee: asset.fee,
      address,
      needs_approval: amount > asset.approvalAbove,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Of an account that is locked. @throws {Refusal} when money may not leave it, or not so much. */
export async function requireStanding(
  transaction: Transaction<Database>,
  account: AccountId,
  asset: Asset,
  amount: Units,
  tier: number,
): Promise<void> {
  if (await hasMissingDeposit(transaction, account)) throw refusals.suspended();
  const left = leftOf(Assets.dailyMax(asset, tier), await unitsToday(transaction, account, asset));
  if (amount > left) throw refusals.overDailyLimit(formatDecimal(left, asset.scale), asset.name);
}

async function hold(deps: WithdrawalDeps, written: Withdrawal): Promise<Withdrawal> {
  const { id, status } = written;
  if (status !== 'requested') return written;
  try {
    // Whoever asks for the same at the same moment waits for this step and for no later one: those need a connection more,
    // and all that there are could be with those who wait.
    await advanceWithdrawal(deps, id, { from: 'requested', skipLocked: false, stepsMax: 1 });
    return await deps.db
      .selectFrom('wallet.withdrawals')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    return written;
  }
}

/** @throws {Refusal} 404 for none of the account's, 409 when it is too late. */
export function cancelWithdrawal(deps: WithdrawalDeps, account: AccountId, id: string): Promise<Withdrawal> {
  return decide(deps, id, (withdrawal) => {
    if (withdrawal.account_id !== account) throw refusals.unknownWithdrawal();
    if (withdrawal.status !== 'pending' && withdrawal.status !== 'approved')
      throw refusals.tooLate(withdrawal.status);
    return { status: 'canceling' };
  });
}

/** @throws {Refusal} 404, 403 for the operator's own, 409 when it does not wait for anybody. */
export function approve(deps: WithdrawalDeps, operator: AccountId, id: string): Promise<Withdrawal> {
  return decide(deps, id, (withdrawal) => {
    requireUndecided(withdrawal, operator);
    return { status: 'approved', decided_by: operator };
  });
}

/** @throws {Refusal} as {@link approve} does. */
export function reject(
  deps: WithdrawalDeps,
  operator: AccountId,
  id: string,
  reason: string,
): Promise<Withdrawal> {
  return decide(deps, id, (withdrawal) => {
    requireUndecided(withdrawal, operator);
    return { status: 'rejecting', decided_by: operator, reason };
  });
}

function requireUndecided(withdrawal: Withdrawal, operator: AccountId): void {
  if (withdrawal.account_id === operator) throw refusals.ownWithdrawal();
  if (withdrawal.status !== 'pending') throw refusals.tooLate(withdrawal.status);
}

/** What follows from a decision is done at once where the engine is there, and by itself where it is not. */
async function decide(
  deps: WithdrawalDeps,
  id: string,
  decision: (withdrawal: Withdrawal) => Partial<Withdrawal> & { readonly status: WithdrawalStatus },
): Promise<Withdrawal> {
  const decided = await deps.db.transaction().execute(async (transaction) => {
    const withdrawal = await lockWithdrawal(transaction, id);
    if (withdrawal === undefined) throw refusals.unknownWithdrawal();
    const patch = decision(withdrawal);
    await saveWithdrawal(transaction, id, patch);
    return { ...withdrawal, ...patch };
  });
  if (decided.status === 'approved') return decided;
  try {
    return (await advanceWithdrawal(deps, id, { skipLocked: false, stepsMax: 1 })) ?? decided;
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    return decided;
  }
}

/** Which withdrawals of an account: those of which all that is given holds. */
export interface WithdrawalFilter {
  readonly asset?: string | undefined;
  readonly clientId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly statuses?: readonly WithdrawalStatus[] | undefined;
  /** When they were asked for: from the one on, and before the other. */
  readonly since?: TimeUs | undefined;
  readonly before?: TimeUs | undefined;
  /** How many to leave out, and at most to give then. */
  readonly offset?: number | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listWithdrawals(
  db: Kysely<Database>,
  account: AccountId,
  { asset, clientId, ids, statuses, since, before, offset, limit }: WithdrawalFilter,
): Promise<Withdrawal[]> {
  if (statuses?.length === 0) return [];
  let query = db
    .selectFrom('wallet.withdrawals')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit);
  if (asset !== undefined) query = query.where('asset', '=', asset);
  if (clientId !== undefined) query = query.where('client_id', '=', clientId);
  if (ids !== undefined) query = query.where('id', 'in', ids);
  if (statuses !== undefined) query = query.where('status', 'in', statuses);
  if (since !== undefined) query = query.where('created_at', '>=', since);
  if (before !== undefined) query = query.where('created_at', '<', before);
  if (offset !== undefined) query = query.offset(offset);
  return query.execute();
}

/** What waits for an operator, the oldest first. */
export function listPending(db: Kysely<Database>, limit: number): Promise<Withdrawal[]> {
  return db
    .selectFrom('wallet.withdrawals')
    .selectAll()
    .where('status', '=', 'pending')
    .orderBy('created_at')
    .limit(limit)
    .execute();
}

function findByClientId(
  db: Kysely<Database>,
  account: AccountId,
  clientId: string,
): Promise<Withdrawal | undefined> {
  return db
    .selectFrom('wallet.withdrawals')
    .selectAll()
    .where('account_id', '=', account)
    .where('client_id', '=', clientId)
    .executeTakeFirst();
}
