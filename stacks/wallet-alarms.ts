import { Duration } from 'aws-cdk-lib';
import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarms } from './alarms.ts';
import { exchangeMetric, exchangeMetrics } from './engine-alarms.ts';

const { wallet } = exchangeMetrics;
/** They are compared every quarter of an hour. */
const reconciledWithin = Duration.hours(1);

/**
 * Money that does not get where it should: somebody has to look, and no release is at fault. `isRunning` is false for a
 * pilot light, which compares nothing.
 */
export function watchWallet(alarms: Alarms, isRunning: boolean): Alarm[] {
  const own = [
    alarms.watch('StuckWithdrawals', {
      metric: exchangeMetric('wallet', wallet.stuckWithdrawals, Stats.MAXIMUM),
      above: 0,
      periods: 1,
      silence: 'well',
      means: 'A withdrawal has taken no step for an hour: its money is held, and may or may not be sent.',
    }),
    alarms.watch('MissingDeposits', {
      metric: exchangeMetric('wallet', wallet.missingDeposits, Stats.MAXIMUM),
      above: 0,
      periods: 1,
      silence: 'well',
      means:
        'A deposit was credited and is not on its chain any more. Nothing leaves that account meanwhile.',
    }),
    alarms.watch('LostDeposits', {
      metric: exchangeMetric('wallet', wallet.lostDeposits, Stats.MAXIMUM),
      above: 0,
      periods: 1,
      silence: 'well',
      means:
        'A credited deposit is gone and its account could not cover it: nothing leaves it until released.',
    }),
    alarms.watch('ReconciliationDifferences', {
      metric: exchangeMetric('wallet', wallet.reconciliationDifferences, Stats.MAXIMUM),
      above: 0,
      periods: 1,
      silence: 'well',
      means: 'Ledger, engine and custody do not agree on who has what; the log of the wallet names each.',
    }),
  ];
  return isRunning ? [...own, watchReconciling(alarms)] : own;
}

function watchReconciling(alarms: Alarms): Alarm {
  return alarms.watch('NoReconciliation', {
    metric: exchangeMetric('wallet', wallet.reconciliations, Stats.SUM).with({ period: reconciledWithin }),
    below: 1,
    periods: 1,
    silence: 'ill',
    means: 'Ledger, engine and custody have not been compared for an hour.',
  });
}
