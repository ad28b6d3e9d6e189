import { describe, expect, it } from '@jest/globals';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { faultsWith } from './faults-with.ts';

describe('production', () => {
  it.each([
    [
      'without approval',
      { approval: false },
      'approval: every push would be released to it unasked; put true',
    ],
    [
      'on fewer NAT gateways than zones',
      { natGateways: 1 },
      'natGateways: 1 for three zones: losing one zone would cut off another; put 3',
    ],
    [
      'with a single task of each service',
      { taskSize: { ...prod.taskSize, tasksMin: 1 } },
      'taskSize.tasksMin: 1 task would be gone with its zone; put 2 or more',
    ],
    [
      'on a database without readers',
      { database: { ...prod.database, readers: 0 } },
      'database.readers: without any, the database would be gone with the zone of its writer; put 1 or more',
    ],
    [
      'with alarms that reach nobody',
      { alarmEmails: [] },
      'alarmEmails: names nobody; put who is told when it is ill',
    ],
    ['without its data kept', { keepsData: false }, 'keepsData: its data would go with its stacks; put true'],
  ])('is refused %s', (_, changes, fault) => {
    expect(faultsWith(prod, changes)).toEqual([`environments/prod.ts: ${fault}`]);
    expect(faultsWith(dev, changes)).toEqual([]);
  });

  it('is any primary that keeps its data, whatever its name', () => {
    expect(faultsWith(staging, { keepsData: true }).map((fault) => fault.split(': ')[1])).toEqual([
      'approval',
      'natGateways',
    ]);
  });
});

describe('what stands in for production', () => {
  it('is refused without approval, or on fewer NAT gateways than zones', () => {
    expect(faultsWith(dr, { approval: false, natGateways: 2 })).toEqual([
      'environments/dr.ts: approval: every push would be released to it unasked; put true',
      'environments/dr.ts: natGateways: 2 for three zones: losing one zone would cut off another; put 3',
    ]);
  });

  it('may wait with one database instance and no tasks', () => {
    const { taskSize, database } = dr;
    expect(
      faultsWith(dr, {
        taskSize: { ...taskSize, tasksMin: 0 },
        database: { ...database, readers: 0 },
      }),
    ).toEqual([]);
  });
});
