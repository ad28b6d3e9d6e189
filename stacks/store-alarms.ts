import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Alarms, everywhere, minute } from './alarms.ts';

/** Per cent, for ten minutes: beyond, commits begin to wait for a core. */
const databaseCpuPercentMax = 80;
/** Aurora keeps a quarter of the memory free for connections; the smallest instance has 4 GiB. */
const databaseMemoryBytesMin = 256 * 1024 ** 2;
/** Milliseconds; readers share the writer's storage and are usually some 20 behind. */
const replicaLagMsMax = 1_000;
/** Milliseconds; the other region is usually below a second behind. This is what a failover would lose. */
const globalLagMsMax = 5_000;
/** Milliseconds; global tables are usually a second or two behind. */
const tableLagMsMax = 60_000;
/** Requests refused in a minute: tables on demand double their capacity at once, and refuse what is beyond. */
const throttledMax = 10;
/** Milliseconds: records are kept for a week, so there is time, but people look at charts. */
const iteratorAgeMsMax = 60_000;
/** Seconds; Firehose buffers for five minutes, and tries again for as long. */
const deliveryAgeSecondsMax = 900;
/** Per cent of a node's memory; from 100 on it forgets what is not yet due. */
const cacheMemoryPercentMax = 80;
/** Per cent of the one thread that executes commands. */
const cacheCpuPercentMax = 80;

export interface Database {
  readonly clusterIdentifier: string;
}

/** PostgreSQL; `connectionsMax` is what all tasks together may open. */
export function watchDatabase(alarms: Alarms, cluster: Database, connectionsMax: number): void {
  alarms.watch('DatabaseCpu', {
    metric: databaseMetric(cluster, 'CPUUtilization', Stats.MAXIMUM),
    above: databaseCpuPercentMax,
    periods: 10,
    silence: 'well',
    means: `An instance of PostgreSQL has used more than ${databaseCpuPercentMax} % CPU for ten minutes.`,
  });
  alarms.watch('DatabaseConnections', {
    metric: databaseMetric(cluster, 'DatabaseConnections', Stats.MAXIMUM),
    above: connectionsMax,
    periods: 5,
    silence: 'well',
    means: `More than ${connectionsMax} connections are open to PostgreSQL, more than all tasks need.`,
  });
  alarms.watch('DatabaseMemory', {
    metric: databaseMetric(cluster, 'FreeableMemory', Stats.MINIMUM),
    below: databaseMemoryBytesMin,
    periods: 5,
    silence: 'well',
    means: 'PostgreSQL has had less than 256 MiB of memory left for five minutes.',
  });
  alarms.watch('ReplicaLag', {
    metric: databaseMetric(cluster, 'AuroraReplicaLagMaximum', Stats.MAXIMUM),
    above: replicaLagMsMax,
    periods: 5,
    silence: 'well',
    means: `A reader of PostgreSQL has been more than ${replicaLagMsMax} ms behind for five minutes.`,
  });
}

/** For a standby, where Aurora tells how far behind the primary's region it is. */
export function watchGlobalDatabase(alarms: Alarms): void {
  alarms.watch('GlobalLag', {
    metric: everywhere('SELECT MAX(AuroraGlobalDBReplicationLag) FROM "AWS/RDS"'),
    above: globalLagMsMax,
    periods: 5,
    silence: 'ill',
    means: `This region's PostgreSQL is more than ${globalLagMsMax} ms behind the primary's, or does not follow it.`,
  });
}

export function databaseMetric(
  { clusterIdentifier }: Database,
  metricName: string,
  statistic: string,
): Metric {
  return new Metric({
    namespace: 'AWS/RDS',
    metricName,
    dimensionsMap: { DBClusterIdentifier: clusterIdentifier },
    statistic,
    period: minute,
  });
}

/** `replicaRegion` is where the table's replica is, if there is one. */
export function watchTable(alarms: Alarms, name: string, table: ITable, replicaRegion?: string): void {
  alarms.watch('TableThrottled', {
    of: name,
    metric: throttledEvents(name, table),
    above: throttledMax,
    periods: 5,
    silence: 'well',
    means: `DynamoDB has refused requests to the table ${name} for being too many, for five minutes.`,
  });
  if (replicaRegion === undefined) return;
  alarms.watch('TableLag', {
    of: name,
    metric: tableMetric(table, 'ReplicationLatency', Stats.AVERAGE, { ReceivingRegion: replicaRegion }),
    above: tableLagMsMax,
    periods: 10,
    silence: 'well',
    means: `The replica of the table ${name} in ${replicaRegion} has been a minute behind for ten minutes.`,
  });
}

/** Reads and writes refused. */
export function throttledEvents(name: string, table: ITable): MathExpression {
  const [reads, writes] = [`${name}_reads`, `${name}_writes`];
  return new MathExpression({
    expression: `FILL(${reads}, 0) + FILL(${writes}, 0)`,
    label: name,
    period: minute,
    usingMetrics: {
      [reads]: tableMetric(table, 'ReadThrottleEvents', Stats.SUM),
      [writes]: tableMetric(table, 'WriteThrottleEvents', Stats.SUM),
    },
  });
}

function tableMetric(
  { tableName }: ITable,
  metricName: string,
  statistic: string,
  dimensions: Readonly<Record<string, string>> = {},
): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName, ...dimensions },
    statistic,
    period: minute,
  });
}

/** The way of market data: its stream, what its consumers could not read, and its delivery to the archive. */
export function watchStream(alarms: Alarms, stream: IStream, deadLetters: IQueue): void {
  alarms.watch('IteratorAge', {
    metric: stream.metricGetRecordsIteratorAgeMilliseconds({ statistic: Stats.MAXIMUM, period: minute }),
    above: iteratorAgeMsMax,
    periods: 5,
    silence: 'well',
    means: 'A consumer of the market data stream has been a minute behind for five minutes.',
  });
  alarms.watch('StreamThrottled', {
    metric: stream.metricWriteProvisionedThroughputExceeded({ statistic: Stats.SUM, period: minute }),
    above: 0,
    periods: 3,
    silence: 'well',
    means: 'The market data stream has refused records for being too many, for three minutes.',
  });
  alarms.watch('DeadLetters', {
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      period: minute,
    }),
    above: 0,
    periods: 1,
    silence: 'well',
    means: 'A consumer gave up on records of the market data stream; they wait in the dead-letter queue.',
  });
  alarms.watch('DeliveryStuck', {
    metric: everywhere(
      'SELECT MAX("DeliveryToS3.DataFreshness") FROM SCHEMA("AWS/Firehose", DeliveryStreamName)',
    ),
    above: deliveryAgeSecondsMax,
    periods: 5,
    silence: 'well',
    means: 'Firehose has held market data for more than 15 minutes without storing it.',
  });
}

/** Its nodes come and go, so all of this account and region are watched as one. */
export function watchCache(alarms: Alarms): void {
  const nodes = 'FROM SCHEMA("AWS/ElastiCache", CacheClusterId, CacheNodeId)';
  alarms.watch('CacheMemory', {
    metric: everywhere(`SELECT MAX(DatabaseMemoryUsagePercentage) ${nodes}`),
    above: cacheMemoryPercentMax,
    periods: 5,
    silence: 'well',
    means: `A node of Valkey has used more than ${cacheMemoryPercentMax} % of its memory for five minutes.`,
  });
  alarms.watch('CacheEvictions', {
    metric: everywhere(`SELECT SUM(Evictions) ${nodes}`),
    above: 0,
    periods: 3,
    silence: 'well',
    means: 'Valkey has been dropping entries to make room for three minutes: limits count too little.',
  });
  alarms.watch('CacheCpu', {
    metric: everywhere(`SELECT MAX(EngineCPUUtilization) ${nodes}`),
    above: cacheCpuPercentMax,
    periods: 5,
    silence: 'well',
    means: `A node of Valkey has been busy for more than ${cacheCpuPercentMax} % of five minutes.`,
  });
}
