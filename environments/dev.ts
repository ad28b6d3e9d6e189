import type { Environment } from './environment.ts';

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
  logRetentionDays: 14,
  taskSize: { cpu: 256, memoryMiB: 512, tasksMin: 1, tasksMax: 2 },
  taskSizes: {
    engine: { cpu: 512, memoryMiB: 1_024, tasksMin: 1, tasksMax: 1 },
  },
};
