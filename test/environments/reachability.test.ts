import { describe, expect, it } from '@jest/globals';
import { dev } from '#environments/dev.ts';
import { staging } from '#environments/staging.ts';
import { faultsWith } from './faults-with.ts';

describe('how an environment is reached', () => {
  it.each(['exchange.example.org', 'xdev.exchange.example.com'])(
    'is not by the domain %p, which is outside its hosted zone',
    (domain) => {
      expect(faultsWith(dev, { domain })).toEqual([
        `environments/dev.ts: domain: "${domain}" is outside its hosted zone "dev.exchange.example.com"; put the zone that the domain’s records go into, or a name in that zone`,
      ]);
    },
  );

  it('may be by a name below that of its zone', () => {
    expect(faultsWith(dev, { domain: 'trade.dev.exchange.example.com' })).toEqual([]);
  });

  it.each(['/hostedzone/Z00000000000000000DEV', 'z00000000000000000dev', 'Z', `Z${'0'.repeat(32)}`, ''])(
    'is not in a zone with the id %p',
    (id) => {
      expect(faultsWith(dev, { hostedZone: { ...dev.hostedZone, id } })).toEqual([
        `environments/dev.ts: hostedZone.id: "${id}" is not the id of a hosted zone; put what Route 53 shows as the zone’s id, such as Z0123456789ABCDEFGHIJ`,
      ]);
    },
  );

  it('is by a domain that no other primary has', () => {
    const { domain, hostedZone } = dev;
    expect(faultsWith(staging, { domain, hostedZone })).toEqual([
      'environments/staging.ts: domain: "dev.exchange.example.com" is the domain of dev too; put one of its own',
    ]);
  });

  it.each([9, 2_000_000_001, 1.5])('has no limit of %p requests in five minutes', (limit) => {
    expect(faultsWith(dev, { requestsPer5MinutesMax: limit })).toEqual([
      `environments/dev.ts: requestsPer5MinutesMax: ${limit} is not a whole number from 10 to 2000000000; put one that is`,
    ]);
  });

  it('does not send alarms to what is no mail address', () => {
    expect(faultsWith(dev, { alarmEmails: ['team@example.com', 'pager', 'a b@example.com'] })).toEqual([
      'environments/dev.ts: alarmEmails: "pager" is no mail address; put one such as team@example.com',
      'environments/dev.ts: alarmEmails: "a b@example.com" is no mail address; put one such as team@example.com',
    ]);
  });
});
