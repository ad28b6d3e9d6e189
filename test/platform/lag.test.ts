import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Frame } from '#domain/codec.ts';
import { Lag } from '#platform/lag.ts';
import { createLog } from '#platform/log.ts';

let lag: Lag;

beforeEach(() => {
  lag = new Lag(createLog('projector', 'silent'));
});

afterEach(() => lag.close());

/** A frame whose event happened so long ago. */
const frame = (msAgo: number): Frame => ({
  firstSeq: 1,
  lastSeq: 1,
  records: [{ id: 1, timeUs: (Date.now() - msAgo) * 1_000, message: { type: 'advanceTime' } }],
});

it('is nothing while nothing comes', () => {
  lag.caughtUp();
  expect(lag.take()).toBe(0);
});

it('is the age of the oldest event that was not taken in, and grows', () => {
  lag.began([frame(3_000)]);
  lag.began([frame(10)]);
  expect(lag.take()).toBeGreaterThanOrEqual(3_000);
  expect(lag.take()).toBeGreaterThanOrEqual(3_000);
});

it('tells the worst since it was asked, once', () => {
  lag.began([frame(3_000)]);
  lag.caughtUp();
  lag.began([frame(0)]);
  lag.caughtUp();
  expect(lag.take()).toBeGreaterThanOrEqual(3_000);
  expect(lag.take()).toBe(0);
});
