import type { Environment } from './environment.ts';
import { allGuards } from './guards.ts';

/** The exchange that people trade on. */
export const prod: Environment = {
  name: 'prod',
  role: 'primary',
  account: '333333333333', // a placeholder: put your own
  region: 'eu-central-1',
  availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  vpcCidr: '10.0.0.0/16',
  natGateways: 3,
  domain: 'exchange.example.com',
  hostedZone: { id: 'Z0000000000000000PROD', name: 'exchange.example.com' }, // placeholders: put your own
  approval: true,
  proof: { bakeMinutes: 10 },
  keepsData: true,
  logRetentionDays: 365,
  taskSize: { cpu: 1_024, memoryMiB: 2_048, tasksMin: 2, tasksMax: 20 },
  taskSizes: {
    engine: { cpu: 4_096, memoryMiB: 8_192, tasksMin: 2, tasksMax: 2 },
  },
  database: { instance: 'r8g.xlarge', readers: 2, backupDays: 35 },
  cache: { node: 'r7g.large', shards: 3, replicas: 1 },
  requestsPer5MinutesMax: 60_000,
  alarmEmails: ['alarms@example.com'], // a placeholder: put your own
  guards: allGuards,
};
