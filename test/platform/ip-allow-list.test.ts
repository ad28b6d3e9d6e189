import { describe, expect, it } from '@jest/globals';
import { IpAllowList, ipEntryFault } from '#platform/ip-allow-list.ts';

describe('an allow-list', () => {
  it.each([
    [[], '203.0.113.9', true],
    [[], 'unknown', true],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.7'], '::ffff:192.0.2.7', true],
    [['192.0.2.7'], '::FFFF:192.0.2.7', true],
    [['192.0.2.7'], 'unknown', false],
    [['192.0.2.7'], '', false],
    [['192.0.2.0/24'], '192.0.2.255', true],
    [['192.0.2.0/24'], '192.0.3.0', false],
    [['192.0.2.7/24'], '192.0.2.1', true],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['2001:db8::1'], '2001:0DB8:0:0::1', true],
    [['192.0.2.7', '2001:db8::1'], '2001:db8::1', true],
    [['2000::/8'], '192.0.2.7', false],
  ])('of %j asked for %s says %s', (entries, address, allowed) => {
    expect(entries.map(ipEntryFault).filter(Boolean)).toEqual([]);
    expect(new IpAllowList(entries).allows(address)).toBe(allowed);
    expect(new IpAllowList(entries).isRestricted).toBe(entries.length > 0);
  });

  it.each([
    '',
    '/24',
    'localhost',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1/',
    '192.0.2.1/33',
    '192.0.2.1/7',
    '192.0.2.1/24/24',
    '192.0.2.1/-1',
    '192.0.2.1/08x',
    '2001:db8::/129',
    'fe80::1%eth0',
    ' 192.0.2.1',
  ])('does not take %j', (entry) => {
    expect(ipEntryFault(entry)).toBeDefined();
  });
});
