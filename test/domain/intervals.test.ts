/** Where candles begin. */
import { expect, it } from '@jest/globals';
import type { TimeUs } from '#domain/ids.ts';
import { intervalOf } from '#domain/intervals.ts';

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
