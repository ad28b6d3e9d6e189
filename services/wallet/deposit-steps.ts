/**
 * The way of a deposit, one step at a time:
 *
 *   pending ─ crediting ─ credited ─ final
 *      └ gone                └ missing ─ back to credited
 *                                  └ reversing ─ reversed
 *
 * It is credited after as many blocks as its asset's terms say, and watched for {@link WATCHED_CONFIRMATIONS}. A block
 * that is lost after that long is nothing this service sees: reconciliation does. A credited one that vanishes stops the
 * account's withdrawals and transfers at once. Mostly it comes back with the next block; when it was spent otherwise, or
 * stays away for longer than `REORG_PATIENCE`, what is available of it is taken back, and the rest as soon as there is
 * any: by withdrawals that go nowhere, since to the ledger that is what has happened. One that cannot be taken back whole at
 * once is lost, and stops what leaves the account until an operator releases it: see `lost-deposits.ts`.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AssetId, TimeUs, Units } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database, DepositStatus } from '#platform/database.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Log } from '#platform/log.ts';
import type { Assets } from './assets.ts';
import type { Custody, OutputState } from './custody.ts';
import { availableUnits, executeOnce } from './engine-once.ts';
import { advance, type Stepped } from './locked-row.ts';

const WATCHED_CONFIRMATIONS = 100;

export type Deposit = Selectable<Database['wallet.deposits']>;

export interface DepositDeps {
  readonly db: Kysely<Database>;
  readonly engine: EngineClient;
  readonly custody: Custody;
  readonly assets: Assets;
  readonly reorgPatienceMs: number;
  readonly log: Log;
}

interface Known {
  readonly asset: { readonly id: AssetId; readonly confirmations: number };
  /** Where the chain has it now. */
  readonly now: OutputState;
}

type Step = (deps: DepositDeps, deposit: Deposit, known: Known) => Promise<Stepped<Deposit> | undefined>;

const to = (status: DepositStatus, more: Partial<Deposit> = {}): Stepped<Deposit> => ({
  patch: { ...more, status, updated_at: systemClock.nowUs() as TimeUs },
  again: true,
});
/** Not a step on its way: what it did at last stays the time of that. */
const note = (patch: Partial<Deposit>): Stepped<Deposit> => ({ patch, again: false });

const confirm: Step = async (_, deposit, { asset, now }) => {
  if (now.state === 'gone') return to('gone', { confirmations: 0 });
  const confirmations = confirmationsOf(now);
  if (confirmations < asset.confirmations) return note({ confirmations });
  return to('crediting', { confirmations, credits: deposit.credits + 1 });
};

const credit: Step = async ({ engine, log }, deposit, { asset }) => {
  const { account_id: account, amount, credits } = deposit;
  const reference = `d:${nameOf(deposit)}:${credits}`;
  const rejection = await executeOnce(engine, {
    type: 'deposit',
    account,
    asset: asset.id,
    amount,
    reference,
  });
  if (rejection === null) return to('credited');
  log.error({ deposit: deposit.id, rejection }, 'the engine refuses a deposit; it is tried again');
  return undefined;
};

const keep: Step = async (_, { confirmations: before }, { now }) => {
  if (now.state === 'gone') return to('reversing', { confirmations: 0 });
  if (now.state === 'missing') return to('missing', { confirmations: 0 });
  const { confirmations } = now;
  if (confirmations >= WATCHED_CONFIRMATIONS) return to('final', { confirmations });
  return confirmations === before ? undefined : note({ confirmations });
};

const missIt: Step = async ({ reorgPatienceMs, log }, deposit, { now }) => {
  if (now.state === 'mined') return to('credited', { confirmations: now.confirmations });
  const missingMs = (systemClock.nowUs() - deposit.updated_at) / 1_000;
  if (now.state === 'missing' && missingMs < reorgPatienceMs) return undefined;
  log.error({ deposit: deposit.id, account: deposit.account_id }, 'a credited deposit is taken back');
  return to('reversing');
};

/** First it is written how much, so that the same is taken when this is cut short. */
const takeBack: Step = async ({ engine, log }, deposit, { asset }) => {
  const { account_id: account, reversing, reversals } = deposit;
  const left = (deposit.amount - deposit.reversed) as Units;
  if (left === 0) return to('reversed');
  if (reversing === null) {
    const available = await availableUnits(engine, account, asset.id);
    const amount = Math.min(available, left) as Units;
    const isFoundLost = available < left && deposit.lost_at === null;
    if (isFoundLost) log.error({ deposit: deposit.id, account, left, available }, 'a deposit is lost');
    const lost = isFoundLost ? { lost_at: systemClock.nowUs() as TimeUs } : {};
    if (amount > 0) return { patch: { ...lost, reversing: amount }, again: true };
    return isFoundLost ? note(lost) : undefined;
  }
  const reference = `r:${nameOf(deposit)}:${reversals}`;
  const held = await executeOnce(engine, {
    type: 'holdWithdrawal',
    account,
    asset: asset.id,
    amount: reversing,
    fee: 0 as Units,
    reference,
  });
  const next = { reversing: null, reversals: reversals + 1 };
  // It was available a moment ago: the next look finds what is.
  if (held !== null) return note(next);
  const settled = await executeOnce(engine, { type: 'settleWithdrawal', reference });
  assert.equal(settled, null, `what deposit ${deposit.id} was credited is held and cannot be taken`);
  return { patch: { ...next, reversed: (deposit.reversed + reversing) as Units }, again: true };
};

const steps: Readonly<Partial<Record<DepositStatus, Step>>> = {
  pending: confirm,
  crediting: credit,
  credited: keep,
  missing: missIt,
  reversing: takeBack,
};

/** Those that the chain, or the engine, may still do something to. */
export const WATCHED = Object.keys(steps) as DepositStatus[];

/** @throws {EngineUnavailable} and what the custodian throws; the deposit stands where it stood. */
export async function advanceDeposit(deps: DepositDeps, id: number): Promise<void> {
  await advance<Deposit>(deps.db, {
    lock: (transaction, skipLocked) => lockDeposit(transaction, id, skipLocked),
    step: async (deposit) => {
      const step = steps[deposit.status];
      const asset = deps.assets.find(deposit.asset);
      if (step === undefined || asset === undefined) return undefined;
      const now = await deps.custody.output({ txId: deposit.tx_id, output: deposit.output });
      return step(deps, deposit, { asset, now: now ?? { state: 'gone' } });
    },
    save: async (transaction, patch) => {
      await transaction.updateTable('wallet.deposits').set(patch).where('id', '=', id).execute();
    },
  });
}

function lockDeposit(
  transaction: Transaction<Database>,
  id: number,
  skipLocked: boolean,
): Promise<Deposit | undefined> {
  const query = transaction.selectFrom('wallet.deposits').selectAll().where('id', '=', id).forUpdate();
  return (skipLocked ? query.skipLocked() : query).executeTakeFirst();
}

const confirmationsOf = (now: OutputState) => (now.state === 'mined' ? now.confirmations : 0);

/** The same for the same output, whatever became of this database: the engine knows it by this. */
function nameOf({ tx_id, output }: Deposit): string {
  return createHash('sha256').update(`${tx_id}/${output}`).digest('base64url');
}
