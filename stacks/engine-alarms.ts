import { type Alarm, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { config } from '#services/engine/config.ts';
import { type Alarms, minute } from './alarms.ts';

/** The metrics that services write into their logs, by the service that does; a test compares them with the code. */
export const exchangeMetrics = {
  engine: {
    divergence: 'Divergence',
    fencedWrites: 'FencedWrites',
    leading: 'Leading',
    epoch: 'Epoch',
    commands: 'Commands',
    commitMs: 'CommitMs',
    publisherLag: 'PublisherLag',
    publisherAgeMs: 'PublisherAgeMs',
    snapshotLag: 'SnapshotLag',
  },
  projector: { lagMs: 'LagMs', tablesLagMs: 'TablesLagMs' },
  'market-data': { lagMs: 'LagMs' },
  wallet: {
    stuckWithdrawals: 'StuckWithdrawals',
    missingDeposits: 'MissingDeposits',
    lostDeposits: 'LostDeposits',
    reconciliations: 'Reconciliations',
    reconciliationDifferences: 'ReconciliationDifferences',
  },
} as const;

/** Milliseconds. A commit takes Aurora some 5 ms; an order waits for one, and for the one under way before it. */
const commitMsMax = 100;
/** Commands whose events wait to be published: a second's worth at ten thousand a second. */
const publisherLagMax = 10_000;
/** Milliseconds from a commit to the stream, and to the tables that a function keeps by it: people look at charts. */
const publisherAgeMsMax = 30_000;
const tablesLagMsMax = 60_000;
/** The leader writes a snapshot itself after twice SNAPSHOT_COMMANDS: past three times, nobody has. */
const snapshotLagMax = 3 * Number(config.SNAPSHOT_COMMANDS.default);
/** Milliseconds behind the engine at which people see stale books, and at which reads of history time out. */
const lagMsMax = { projector: 5_000, 'market-data': 2_000 };

/** The dimension is the service alone: an account and region hold one environment's numbers. */
export function exchangeMetric(service: keyof typeof exchangeMetrics, metricName: string, statistic: string) {
  return new Metric({
    namespace: 'Crossbook',
    metricName,
    dimensionsMap: { service },
    statistic,
    period: minute,
  });
}

/** `isRunning` is false for a pilot light, whose engine says nothing. */
export function watchEngine(alarms: Alarms, isRunning: boolean): Alarm[] {
  const { engine } = exchangeMetrics;
  const own = [
    alarms.watch('Divergence', {
      metric: exchangeMetric('engine', engine.divergence, Stats.SUM),
      above: 0,
      periods: 1,
      silence: 'well',
      means: 'A task of the engine decided otherwise than the leader. It stands aside; trading goes on.',
    }),
    alarms.watch('FencedWrites', {
      metric: exchangeMetric('engine', engine.fencedWrites, Stats.SUM),
      above: 0,
      periods: 1,
      silence: 'well',
      means: 'Two engines believed to lead; the write of the one whose time was over was refused.',
    }),
    alarms.watch('SlowCommits', {
      metric: exchangeMetric('engine', engine.commitMs, Stats.percentile(99)),
      above: commitMsMax,
      periods: 5,
      silence: 'well',
      means: `One commit of the journal in 100 has taken longer than ${commitMsMax} ms for five minutes.`,
    }),
    ...watchFollowing(alarms),
  ];
  return isRunning ? [...own, watchLeading(alarms)] : own;
}

/** Each task says whether it leads. */
function watchLeading(alarms: Alarms): Alarm {
  return alarms.watch('NoLeader', {
    metric: exchangeMetric('engine', exchangeMetrics.engine.leading, Stats.MAXIMUM),
    below: 1,
    periods: 2,
    silence: 'ill',
    means: 'No engine has led for two minutes: no order is taken, clients hear -1008 with 503.',
  });
}

function watchFollowing(alarms: Alarms): Alarm[] {
  const { engine } = exchangeMetrics;
  return [
    alarms.watch('PublisherLag', {
      metric: exchangeMetric('engine', engine.publisherLag, Stats.MAXIMUM),
      above: publisherLagMax,
      periods: 3,
      silence: 'well',
      means: `More than ${publisherLagMax} commands are committed and not yet published.`,
    }),
    alarms.watch('PublisherAge', {
      metric: exchangeMetric('engine', engine.publisherAgeMs, Stats.MAXIMUM),
      above: publisherAgeMsMax,
      periods: 3,
      silence: 'well',
      means: `An event was committed more than ${publisherAgeMsMax / 1_000} seconds ago and is not yet published.`,
    }),
    alarms.watch('SnapshotLag', {
      metric: exchangeMetric('engine', engine.snapshotLag, Stats.MINIMUM),
      above: snapshotLagMax,
      periods: 5,
      silence: 'well',
      means: `The newest snapshot is more than ${snapshotLagMax} commands old: a start takes longer and longer.`,
    }),
  ];
}

/** The tables that a function keeps by the stream: how far behind they are. */
export function watchTables(alarms: Alarms): void {
  alarms.watch('ConsumerLag', {
    of: 'tables',
    metric: exchangeMetric('projector', exchangeMetrics.projector.tablesLagMs, Stats.MAXIMUM),
    above: tablesLagMsMax,
    periods: 5,
    silence: 'well',
    means: `Klines and history in DynamoDB have been more than ${tablesLagMsMax / 1_000} seconds behind for five minutes.`,
  });
}

/** Those who follow the engine's events: how far behind they are. */
export function watchFollower(alarms: Alarms, service: keyof typeof lagMsMax): Alarm {
  const msMax = lagMsMax[service];
  return alarms.watch('ConsumerLag', {
    of: service,
    metric: exchangeMetric(service, exchangeMetrics[service].lagMs, Stats.MAXIMUM),
    above: msMax,
    periods: 3,
    silence: 'well',
    means: `${service} has been more than ${msMax} ms behind the engine for three minutes.`,
  });
}
