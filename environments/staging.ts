import type { Environment } from './environment.ts';
import { allGuards } from './guards.ts';

/** A rehearsal of production: its shape, smaller. */
export const staging: Environment = {
  name: 'staging',
  role: 'primary',
  account: '222222222222', // a placeholder: put your own
  region: 'eu-central-1',
  availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  vpcCidr: '10.20.0.0/16',
  natGateways: 1,
  domain: 'staging.exchange.example.com',
  hostedZone: { id: 'Z0000000000000STAGING', name: 'staging.exchange.example.com' }, // placeholders: put your own
  approval: false,
  proof: {
    bakeMinutes: 5,
    load: {
      seconds: 60,
      ordersPerSecond: 2,
      readsPerSecond: 8,
      connections: 4,
      errorPercentMax: 1,
      p99MsMax: 500,
    },
  },
  keepsData: false,
  logRetentionDays: 30,
  taskSize: { cpu: 512, memoryMiB: 1_024, tasksMin: 2, tasksMax: 4 },
  taskSizes: {
    engine: { cpu: 2_048, memoryMiB: 4_096, tasksMin: 1, tasksMax: 1 },
  },
  database: { instance: 't4g.large', readers: 1, backupDays: 7 },
  cache: { node: 't4g.small', shards: 3, replicas: 1 },
  requestsPer5MinutesMax: 20_000,
  alarmEmails: ['alarms@example.com'], // a placeholder: put your own
  guards: allGuards,
};
