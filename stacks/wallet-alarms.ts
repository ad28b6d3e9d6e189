import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarms } from './alarms.ts';
import { exchangeMetric, exchangeMetrics } from './engine-alarms.ts';

const { wallet } = exchangeMetrics;

/** Money that does not get where it should: somebody has to look, and no release is at fault. */
export function watchWallet(alarms: Alarms): Alarm[] {
  return [
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
  ];
}
