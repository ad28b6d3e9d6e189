import { describe, expect, it } from '@jest/globals';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { faultsWith } from './faults-with.ts';

describe('a standby', () => {
  it('stands by for a primary', () => {
    expect(faultsWith(dr, { standbyFor: 'production' })).toEqual([
      'environments/dr.ts: standbyFor: "production" is not a primary environment; put the name of the one it takes over from',
    ]);
  });

  it('is not in the region of its primary', () => {
    const { region, availabilityZones } = prod;
    const guards = {
      ...dr.guards,
      accessAnalyzer: false,
      guardDuty: false,
      securityHub: false,
      config: false,
    };
    expect(faultsWith(dr, { region, availabilityZones, guards })).toEqual([
      'environments/dr.ts: region: "eu-central-1" is the region of prod too; put another region, which does not fail with it',
    ]);
  });

  it('is in the account of its primary', () => {
    expect(faultsWith(dr, { account: '444444444444' })).toEqual([
      'environments/dr.ts: account: "444444444444" is not 333333333333 of prod, and neither Aurora nor DynamoDB copies into another; put the account of prod',
    ]);
  });

  it('has addresses of its own', () => {
    expect(faultsWith(dr, { vpcCidr: prod.vpcCidr })).toEqual([
      'environments/dr.ts: vpcCidr: "10.0.0.0/16" overlaps with 10.0.0.0/16 of prod; put a /16 that no peer uses',
    ]);
  });

  it('has the domain of its primary', () => {
    expect(faultsWith(dr, { domain: 'dr.exchange.example.com' })).toEqual([
      'environments/dr.ts: domain: "dr.exchange.example.com" is not exchange.example.com of prod, which it takes over; put the domain of prod',
    ]);
  });

  it('keeps the data that its primary keeps', () => {
    expect(faultsWith(dr, { keepsData: false })).toEqual([
      'environments/dr.ts: keepsData: prod keeps its data, and this is its copy; put true',
    ]);
  });

  it('has a cache as soon as it runs anything', () => {
    const fault =
      'environments/dr.ts: cache: is missing, and its services run; put its node, shards and replicas';
    expect(faultsWith(dr, { taskSize: { ...dr.taskSize, tasksMin: 1 } })).toEqual([fault]);
    const engine = { ...dr.taskSizes!.engine!, tasksMin: 1 };
    expect(faultsWith(dr, { taskSizes: { engine } })).toEqual([fault]);
    expect(faultsWith(dr, { taskSizes: { engine }, cache: prod.cache })).toEqual([]);
  });
});
