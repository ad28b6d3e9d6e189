import type { Environment } from '../environment.ts';
import { ConfigurationError } from '../faults.ts';
import { type Bill, type Charge, count } from './bill.ts';
import { eighthsOfLarge } from './instance-size.ts';
import { isPriced } from './prices.ts';
import { assumptions, gb, hoursPerMonth, idle } from './use.ts';

/** Databases, cache, streams, buckets and their backups. `orders`: those that it or its primary takes. */
export function addStores(bill: Bill, environment: Environment, hasPeer: boolean, orders: number): void {
  addDatabase(bill, environment, orders);
  const { cache } = environment;
  if (cache) {
    const nodes = cache.shards * (1 + cache.replicas);
    bill.fixed(
      'Valkey nodes',
      `${nodes} × ${cache.node}`,
      hours('valkey', environment, 'cache.node', cache.node, nodes),
    );
  }
  addTables(bill, environment, orders);
  addEvents(bill, environment, orders);
  addCopies(bill, environment, hasPeer, orders);
}

function addDatabase(bill: Bill, environment: Environment, orders: number): void {
  const { instance, readers, backupDays } = environment.database;
  const instances = 1 + readers;
  bill.fixed(
    'Aurora instances',
    `${instances} × ${instance}`,
    hours('aurora', environment, 'database.instance', instance, instances),
  );
  const stored = databaseGb(orders);
  bill.byUse('Aurora storage', `${count(stored)} GB`, ['auroraGbMonth', stored]);
  const ios = orders * assumptions.databaseIos;
  const price = environment.role === 'standby' ? 'auroraReplicatedIo' : 'auroraIo';
  bill.byUse('Aurora I/O', count(ios), [price, ios]);
  // Aurora's own continuous backup, and the nightly one of AWS Backup.
  const kept = Math.ceil((2 * stored * backupDays * idle.changedPercentPerDay) / 100);
  bill.byUse('Aurora backups', `${count(kept)} GB, backupDays ${backupDays}`, ['auroraBackupGbMonth', kept]);
}

/** A write is paid in each region that has the table. */
function addTables(bill: Bill, { role }: Environment, orders: number): void {
  const reads = role === 'primary' ? orders * assumptions.tableReads : 0;
  bill.byUse(
    'DynamoDB requests',
    `${count(orders * assumptions.tableWrites)} writes`,
    ['dynamoDbWrite', orders * assumptions.tableWrites],
    ['dynamoDbRead', reads],
  );
  const stored = gb(orders * assumptions.tableKb * assumptions.tableMonths);
  const backedUp = role === 'primary' ? stored : 0;
  bill.byUse(
    'DynamoDB storage',
    `${count(stored)} GB, recovery, backup`,
    ['dynamoDbGbMonth', stored],
    ['dynamoDbRecoveryGbMonth', stored],
    ['dynamoDbBackupGbMonth', backedUp],
  );
}

/** The stream of a standby stands ready and empty. */
function addEvents(bill: Bill, { role }: Environment, orders: number): void {
  bill.fixed('Kinesis stream', 'on demand', ['kinesisStreamHour', hoursPerMonth]);
  const archived = archivedGb(orders);
  if (role === 'primary') {
    const events = gb(orders * assumptions.eventKb);
    bill.byUse(
      'Kinesis data',
      `${count(events)} GB`,
      ['kinesisGbIn', events],
      ['kinesisGbOut', events * assumptions.eventConsumers],
      // Kept for seven days, of which the first is free: 6/30 of a month.
      ['kinesisRetentionGbMonth', events * 6, 30],
    );
    bill.byUse('Firehose', `${count(events)} GB`, ['firehoseGb', events]);
  }
  bill.byUse('S3', `${count(archived)} GB`, ['s3GbMonth', archived]);
}

/** What goes to another region each month: the archive, the events' share of a database, and backups of it. */
function addCopies(bill: Bill, { role }: Environment, hasPeer: boolean, orders: number): void {
  if (role !== 'primary' || !hasPeer) return;
  const { databaseKb, tableKb, eventKb, archivedPercent } = assumptions;
  const copied = gb(orders * (databaseKb + tableKb + (eventKb * archivedPercent) / 100));
  bill.byUse('copies to the standby', `${count(copied)} GB`, ['otherRegionGb', copied]);
}

function databaseGb(orders: number): number {
  return idle.databaseGb + gb(orders * assumptions.databaseKb * assumptions.databaseMonths);
}

function archivedGb(orders: number): number {
  const { eventKb, archivedPercent, archiveMonths } = assumptions;
  return gb((orders * eventKb * archivedPercent * archiveMonths) / 100);
}

/**
 * A month of so many instances.
 * @throws {ConfigurationError} for a family without a price.
 */
function hours(
  service: 'aurora' | 'valkey',
  { name }: Environment,
  field: string,
  instance: string,
  instances: number,
): Charge {
  const family = instance.slice(0, instance.indexOf('.'));
  const price = `${service} ${family} large`;
  if (!isPriced(price))
    throw new ConfigurationError(
      `environments/${name}.ts: ${field}: ${family} has no price; add ${JSON.stringify(price)} to environments/cost/prices.ts`,
    );
  return [price, instances * eighthsOfLarge(instance) * hoursPerMonth, 8];
}
