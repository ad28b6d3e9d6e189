/** Reconciles now and then, and says what it found in the log and in metrics. */
import { createLog, type Log } from '#platform/log.ts';
import { writeMetrics } from '#platform/metrics.ts';
import { walletMetrics } from '../metrics.ts';
import { describeDifferences } from './described.ts';
import { type ReconcileDeps, reconcile } from './reconcile.ts';

/** Most differences that are named; all are counted. */
const NAMED_MAX = 100;

export interface ReconciliationSchedule {
  /** Waits for the one under way. */
  close(): Promise<void>;
}

/** The first after one interval: what starts together catches up first. */
export function scheduleReconciliation(
  deps: ReconcileDeps,
  { intervalMs, log = createLog('wallet') }: { readonly intervalMs: number; readonly log?: Log },
): ReconciliationSchedule {
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => {
    underWay ??= reconcileAndTell(deps, log).finally(() => {
      underWay = undefined;
    });
  }, intervalMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}

/** A failure is told and waits for the next time: an alarm misses those that come to their end. */
async function reconcileAndTell(deps: ReconcileDeps, log: Log): Promise<void> {
  try {
    const { seq, balances, differences } = await reconcile(deps);
    writeMetrics(log, {
      [walletMetrics.reconciliations]: { unit: 'Count', value: 1 },
      [walletMetrics.reconciliationDifferences]: { unit: 'Count', value: differences.length },
    });
    if (differences.length === 0) log.info({ seq, balances }, 'ledger, engine and custody agree');
    for (const difference of await describeDifferences(deps.engine, differences.slice(0, NAMED_MAX)))
      log.error({ seq, difference, differences: differences.length }, 'ledger, engine and custody differ');
  } catch (error) {
    log.error({ err: error }, 'could not reconcile the ledger');
  }
}
