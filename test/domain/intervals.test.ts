/** Where candles begin. */
import { expect, it } from '@jest/globals';
import type { TimeUs } from '#domain/ids.ts';
import { INTERVAL_NAMES, intervalOf, intervalWithin } from '#domain/intervals.ts';

const us = (iso: string) => (Date.parse(iso) * 1_000) as TimeUs;
const iso = (time: number) => new Date(time / 1_000).toISOString().slice(0, 16);
const HOUR_US = 3_600_000_000;

it.each([
  ['1m', 0, '2026-03-04T05:06:07Z', '2026-03-04T05:06', '2026-03-04T05:07'],
  ['3d', 0, '2026-03-04T05:06:07Z', '2026-03-02T00:00', '2026-03-05T00:00'],
  ['1w', 0, '2026-03-04T05:06:07Z', '2026-03-02T00:00', '2026-03-09T00:00'],
  ['1M', 0, '2026-03-04T05:06:07Z', '2026-03-01T00:00', '2026-04-01T00:00'],
  ['1d', 8 * HOUR_US, '2026-03-04T17:00:00Z', '2026-03-04T16:00', '2026-03-05T16:00'],
  ['1M', -5 * HOUR_US, '2026-03-01T04:59:00Z', '2026-02-01T05:00', '2026-03-01T05:00'],
])('an interval of %s at offset %i holding %s begins at %s', (name, zoneUs, time, opens, next) => {
  const interval = intervalOf(name, zoneUs)!;
  const open = interval.openOf(us(time));
  expect(iso(open)).toBe(opens);
  expect(iso(interval.after(open, 1))).toBe(next);
});

it('knows no other names', () => {
  expect(intervalOf('7m', 0)).toBeUndefined();
  expect(intervalOf('toString', 0)).toBeUndefined();
});

it('of a time zone are made of whole intervals of UTC, the same ones where the zone does not move them', () => {
  const from = us('2026-02-26T00:00:00Z');
  for (const name of INTERVAL_NAMES)
    for (const minutes of [0, 60, 480, -210, 345, 307, -720, 840]) {
      const zoneUs = minutes * 60_000_000;
      const [zoned, within] = [intervalOf(name, zoneUs)!, intervalOf(intervalWithin(name, zoneUs), 0)!];
      // Wherever one of the zone begins, one of those within begins too.
      for (let open = zoned.openOf(from), count = 0; count < 50; open = zoned.after(open, 1), count++)
        expect(within.openOf(open)).toBe(open);
    }
  expect(intervalWithin('2h', 480 * 60_000_000)).toBe('2h');
  expect(intervalWithin('1d', 480 * 60_000_000)).toBe('1h');
  expect(intervalWithin('30m', 345 * 60_000_000)).toBe('15m');
  expect(intervalWithin('3m', 307 * 60_000_000)).toBe('1m');
});
