import type { Environment } from './environment.ts';
import { allGuards } from './guards.ts';

/** Where every push to main lands first: the cheapest form of the real thing. */
export const dev: Environment = {
  name: 'dev',
  role: 'primary',
  account: '111111111111', // a placeholder: put your own
  region: 'eu-central-1',
  availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  vpcCidr: '10.10.0.0/16',
  natGateways: 1,
  domain: 'dev.exchange.example.com',
  hostedZone: { id: 'Z00000000000000000DEV', name: 'dev.exchange.example.com' }, // placeholders: put your own
  approval: false,
  proof: { bakeMinutes: 0 }, // what is ill here, the next push mends
  keepsData: false,
  logRetentionDays: 14,
  taskSize: { cpu: 256, memoryMiB: 512, tasksMin: 1, tasksMax: 2 },
  taskSizes: {
    engine: { cpu: 512, memoryMiB: 1_024, tasksMin: 1, tasksMax: 1 },
  },
  database: { instance: 't4g.medium', readers: 0, backupDays: 1 },
  cache: { node: 't4g.micro', shards: 1, replicas: 0 },
  requestsPer5MinutesMax: 20_000,
  alarmEmails: ['alarms@example.com'], // a placeholder: put your own
  guards: allGuards,
};
