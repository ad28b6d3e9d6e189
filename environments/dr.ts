import type { Environment } from './environment.ts';
import { allGuards } from './guards.ts';

/** Production's stand-in, in a region that does not fail with it: network, images and definitions, no tasks. */
export const dr: Environment = {
  name: 'dr',
  role: 'standby',
  standbyFor: 'prod',
  recovery: { rpoSeconds: 5, rtoMinutes: 30 },
  account: '333333333333', // a placeholder: put prod's, which Aurora and DynamoDB copy within
  region: 'eu-west-1',
  availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  vpcCidr: '10.40.0.0/16',
  natGateways: 3,
  domain: 'exchange.example.com',
  hostedZone: { id: 'Z0000000000000000PROD', name: 'exchange.example.com' }, // placeholders: put your own
  approval: true,
  proof: { bakeMinutes: 0 }, // nothing runs whose alarms could ring
  keepsData: true,
  logRetentionDays: 365,
  taskSize: { cpu: 1_024, memoryMiB: 2_048, tasksMin: 0, tasksMax: 20 },
  taskSizes: {
    engine: { cpu: 4_096, memoryMiB: 8_192, tasksMin: 0, tasksMax: 1 },
  },
  database: { instance: 'r8g.xlarge', readers: 1, backupDays: 35 },
  requestsPer5MinutesMax: 60_000,
  alarmEmails: ['alarms@example.com'], // a placeholder: put your own
  // People and CloudTrail are the account's, not a region's: prod sets them up.
  guards: { ...allGuards, people: false, cloudTrail: false },
};
