import type { Environment } from './environment.ts';

/** Production's stand-in, in a region that does not fail with it: network, images and definitions, no tasks. */
export const dr: Environment = {
  name: 'dr',
  role: 'standby',
  standbyFor: 'prod',
  account: '333333333333', // a placeholder: put your own, prod's or another
  region: 'eu-west-1',
  availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  vpcCidr: '10.40.0.0/16',
  natGateways: 3,
  domain: 'exchange.example.com',
  logRetentionDays: 365,
  taskSize: { cpu: 1_024, memoryMiB: 2_048, tasksMin: 0, tasksMax: 20 },
  taskSizes: {
    engine: { cpu: 4_096, memoryMiB: 8_192, tasksMin: 0, tasksMax: 1 },
  },
};
