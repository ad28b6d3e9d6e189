import { describe, expect, it } from '@jest/globals';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { allGuards } from '#environments/guards.ts';
import { staging } from '#environments/staging.ts';
import { faultsWith, noGuards } from './faults-with.ts';

describe('the guards of an account', () => {
  it('are not Security Hub without the recorder that its controls need', () => {
    expect(faultsWith(dev, { guards: { ...allGuards, config: false } })).toEqual([
      'environments/dev.ts: guards.securityHub: its controls need the recorder of AWS Config, which is off; put config: true, or securityHub: false',
    ]);
  });

  it('may be somebody else’s', () => {
    expect(faultsWith(dev, { guards: noGuards })).toEqual([]);
  });

  it.each(Object.keys(allGuards))('are set up once for an account and region: %s', (guard) => {
    const guards = { ...noGuards, [guard]: true, config: guard === 'securityHub' || guard === 'config' };
    const faults = faultsWith(staging, { account: dev.account, guards });
    const global = guard === 'people' || guard === 'cloudTrail';
    expect(faults).toContain(
      `environments/staging.ts: guards.${guard}: dev sets it up for account 111111111111${global ? '' : ' in eu-central-1'} already; put false in one of the two`,
    );
  });

  it('are set up once for an account, if they hold in all its regions', () => {
    expect(faultsWith(dr, { guards: allGuards })).toEqual(
      ['people', 'cloudTrail'].map(
        (guard) =>
          `environments/dr.ts: guards.${guard}: prod sets it up for account 333333333333 already; put false in one of the two`,
      ),
    );
  });
});
