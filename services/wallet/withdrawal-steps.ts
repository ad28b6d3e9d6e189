/**
 * The way of a withdrawal, one step at a time:
 *
 *   requested ─ held in the engine ─┬─ approved ─ sending ─ sent ─ arrived ─ completed
 *       └ refused                   └─ pending ┘    └ failing ─┴ failed
 *                                        └ rejecting ─ rejected      (and from pending or approved: canceling ─ canceled)
 *
 * The engine knows it by its id, and so does the custodian: a step that a crash cut short is done again, and what it did
 * outside is not. `sending` is written before anything is sent, so that nobody cancels what may be under way; what may
 * have been sent is asked for again until the custodian says what became of it.
 */
import assert from 'node:assert/strict';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Units } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database, WithdrawalStatus } from '#platform/database.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Log } from '#platform/log.ts';
import type { Assets } from './assets.ts';
import { type Custody, SendRefused } from './custody.ts';
import { executeOnce } from './engine-once.ts';
import { advance } from './locked-row.ts';
import { mayLetGo } from './standing.ts';

export type Withdrawal = Selectable<Database['wallet.withdrawals']>;
type Patch = Partial<Withdrawal> & { readonly status: WithdrawalStatus };

export interface WithdrawalDeps {
  readonly db: Kysely<Database>;
  readonly engine: EngineClient;
  readonly custody: Custody;
  readonly assets: Assets;
  readonly log: Log;
}

type Step = (deps: WithdrawalDeps, withdrawal: Withdrawal) => Promise<Patch | undefined>;

const referenceOf = ({ id }: Withdrawal) => `w:${id}`;

function assetOf({ assets }: WithdrawalDeps, { asset }: Withdrawal) {
  const found = assets.find(asset);
  assert(found, `${asset} has no terms any more, and withdrawals of it under way`);
  return found;
}

const hold: Step = async (deps, withdrawal) => {
  const { account_id: account, amount, fee } = withdrawal;
  const { id: asset } = assetOf(deps, withdrawal);
  const reference = referenceOf(withdrawal);
  const command = { type: 'holdWithdrawal', account, asset, amount, fee, reference } as const;
  const rejection = await executeOnce(deps.engine, command);
  if (rejection !== null) return { status: 'refused', reason: rejection };
  return { status: withdrawal.needs_approval ? 'pending' : 'approved' };
};

/** Whoever may not withdraw now may again once that is over. */
const begin: Step = async ({ db }, { account_id: account }) => {
  return (await mayLetGo(db, account)) ? { status: 'sending' } : undefined;
};

const send: Step = async ({ custody, log }, { id, asset, address, amount, fee }) => {
  try {
    const { txId } = await custody.send({ key: id, asset, address, amount: (amount - fee) as Units });
    return { status: 'sent', tx_id: txId };
  } catch (error) {
    if (!(error instanceof SendRefused)) throw error;
    log.error({ err: error, id }, 'the custodian refuses a withdrawal');
    return { status: 'failing', reason: 'refused by the custodian' };
  }
};

const watch: Step = async (deps, withdrawal) => {
  const sending = await deps.custody.sending(withdrawal.id);
  if (sending.state === 'failed') return { status: 'failing', reason: 'dropped by the chain' };
  const { confirmations } = assetOf(deps, withdrawal);
  return sending.state === 'mined' && sending.confirmations >= confirmations
    ? { status: 'arrived' }
    : undefined;
};

const settle: Step = async ({ engine }, withdrawal) => {
  const rejection = await executeOnce(engine, {
    type: 'settleWithdrawal',
    reference: referenceOf(withdrawal),
  });
  assert.equal(rejection, null, `withdrawal ${withdrawal.id} has left and cannot be settled`);
  return { status: 'completed' };
};

const releaseAs =
  (status: 'canceled' | 'rejected' | 'failed'): Step =>
  async ({ engine }, withdrawal) => {
    const reference = referenceOf(withdrawal);
    const rejection = await executeOnce(engine, { type: 'releaseWithdrawal', reference });
    assert.equal(rejection, null, `withdrawal ${withdrawal.id} stays and cannot be released`);
    return { status };
  };

const steps: Readonly<Partial<Record<WithdrawalStatus, Step>>> = {
  requested: hold,
  approved: begin,
  sending: send,
  sent: watch,
  arrived: settle,
  canceling: releaseAs('canceled'),
  rejecting: releaseAs('rejected'),
  failing: releaseAs('failed'),
};

/** Of which something is to be done by itself. */
export const UNDER_WAY = Object.keys(steps) as WithdrawalStatus[];

/**
 * Takes the steps that can be taken now, at most `stepsMax`; undefined when another process does, unless told to wait, and
 * when it does not stand where it should be taken `from`.
 * @throws {EngineUnavailable} and what the custodian throws; the withdrawal stands where it stood.
 */
export function advanceWithdrawal(
  deps: WithdrawalDeps,
  id: string,
  {
    from,
    ...options
  }: { readonly from?: WithdrawalStatus; readonly skipLocked?: boolean; readonly stepsMax?: number } = {},
): Promise<Withdrawal | undefined> {
  const machine = {
    lock: (transaction: Transaction<Database>, skipLocked: boolean) =>
      lockWithdrawal(transaction, id, { skipLocked, from }),
    step: async (withdrawal: Withdrawal) => {
      const patch = await steps[withdrawal.status]?.(deps, withdrawal);
      return patch && { patch, again: true };
    },
    save: (transaction: Transaction<Database>, patch: Partial<Withdrawal>) =>
      saveWithdrawal(transaction, id, patch),
  };
  return advance<Withdrawal>(deps.db, machine, options);
}

/** One that stands elsewhere than `from` is not waited for. */
export function lockWithdrawal(
  transaction: Transaction<Database>,
  id: string,
  { skipLocked = false, from }: { skipLocked?: boolean; from?: WithdrawalStatus | undefined } = {},
): Promise<Withdrawal | undefined> {
  let query = transaction.selectFrom('wallet.withdrawals').selectAll().where('id', '=', id).forUpdate();
  if (from !== undefined) query = query.where('status', '=', from);
  return (skipLocked ? query.skipLocked() : query).executeTakeFirst();
}

export async function saveWithdrawal(
  transaction: Transaction<Database>,
  id: string,
  patch: Partial<Withdrawal>,
): Promise<void> {
  await transaction
    .updateTable('wallet.withdrawals')
    .set({ ...patch, updated_at: systemClock.nowUs() as Withdrawal['updated_at'] })
    .where('id', '=', id)
    .execute();
}
