/**
 * Writes down what a drill compares the standby with, and only looks: `node look-at-primary.ts crossbook-prod eu-west-1
 * primary.json`, where the region is the standby's. The profile `environment` is the primary's region.
 */
import { writeFileSync } from 'node:fs';
import { runningDigests } from './digests.ts';
import { largest } from './metric.ts';

export interface Primary {
  readonly digests: Readonly<Record<string, string>>;
  /** How far DynamoDB's replicas are behind, in milliseconds; 0 when nothing was written that they could lack. */
  readonly tableLagMs: number;
}

const [prefix = '', standbyRegion = '', file = ''] = process.argv.slice(2);
const query =
  'SELECT MAX(ReplicationLatency) FROM SCHEMA("AWS/DynamoDB", ReceivingRegion, TableName) ' +
  `WHERE ReceivingRegion = '${standbyRegion}'`;
const primary: Primary = { digests: runningDigests(prefix), tableLagMs: largest(query) ?? 0 };
writeFileSync(file, JSON.stringify(primary, undefined, 2));
process.stdout.write(`${prefix}: ${Object.keys(primary.digests).length} services looked at\n`);
