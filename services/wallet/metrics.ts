/** What the wallet tells of itself; docs/runbook.md says what it means. */
import type { Kysely } from 'kysely';
import type { TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { writeMetrics } from '#platform/metrics.ts';
import { UNDER_WAY } from './withdrawal-steps.ts';

export const walletMetrics = {
  /** Withdrawals that have taken no step for an hour, though nobody is to decide on them. */
  stuckWithdrawals: 'StuckWithdrawals',
  /** Deposits that were credited and are not on their chain: their accounts may let nothing go. */
  missingDeposits: 'MissingDeposits',
  /** Of these, those that could not be taken back whole, and wait for an operator to release their account. */
  lostDeposits: 'LostDeposits',
  /** Comparisons of ledger, engine and custody that came to their end, each 1; and how many differences one found. */
  reconciliations: 'Reconciliations',
  reconciliationDifferences: 'ReconciliationDifferences',
} as const;

/** What stands still for longer needs a look: the slowest chain that has terms takes half of it. */
const STUCK_MS = 60 * 60 * 1_000;

export async function reportWallet(db: Kysely<Database>, log: Log): Promise<void> {
  const since = (systemClock.nowUs() - STUCK_MS * 1_000) as TimeUs;
  const { stuck } = await db
    .selectFrom('wallet.withdrawals')
    .select(({ fn }) => fn.countAll<number>().as('stuck'))
    .where('status', 'in', UNDER_WAY)
    .where('updated_at', '<', since)
    .executeTakeFirstOrThrow();
  const { missing } = await db
    .selectFrom('wallet.deposits')
    .select(({ fn }) => fn.countAll<number>().as('missing'))
    .where('status', 'in', ['missing', 'reversing'])
    .executeTakeFirstOrThrow();
  const { lost } = await db
    .selectFrom('wallet.deposits')
    .select(({ fn }) => fn.countAll<number>().as('lost'))
    .where('lost_at', 'is not', null)
    .where('released_at', 'is', null)
    .executeTakeFirstOrThrow();
  writeMetrics(log, {
    [walletMetrics.stuckWithdrawals]: { unit: 'Count', value: stuck },
    [walletMetrics.missingDeposits]: { unit: 'Count', value: missing },
    [walletMetrics.lostDeposits]: { unit: 'Count', value: lost },
  });
}
