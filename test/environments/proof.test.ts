import { expect, it } from '@jest/globals';
import { dr } from '#environments/dr.ts';
import { staging } from '#environments/staging.ts';
import { faultsWith } from './faults-with.ts';

it.each([
  ['bakeMinutes', 61, 60, { ...staging.proof, bakeMinutes: 61 }],
  ['load.seconds', 601, 600, { ...staging.proof, load: { ...staging.proof.load, seconds: 601 } }],
  [
    'load.ordersPerSecond',
    101,
    100,
    { ...staging.proof, load: { ...staging.proof.load, ordersPerSecond: 101 } },
  ],
])('refuses a proof whose %s is %p', (field, value, most, proof) => {
  expect(faultsWith(staging, { proof })).toEqual([
    expect.stringMatching(
      new RegExp(
        `^environments/staging.ts: proof.${field}: ${value} is not a whole number from \\d to ${most}; `,
      ),
    ),
  ]);
});

it('refuses a standby that may take no time at all to take over', () => {
  expect(faultsWith(dr, { recovery: { rpoSeconds: 0, rtoMinutes: 0 } })).toEqual([
    'environments/dr.ts: recovery.rpoSeconds: 0 is not a whole number from 1 to 3600; put one that is',
    'environments/dr.ts: recovery.rtoMinutes: 0 is not a whole number from 1 to 240; put one that is',
  ]);
});
