import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AccountId } from '#domain/ids.ts';
import { OrderCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

beforeEach(() => {
  freezeClock(NOON);
});
afterEach(() => {
  thawClock();
});

/** The code, status and wait that `act` was refused with, or undefined. */
function refusalOf(act: () => void) {
  try {
    act();
    return undefined;
  } catch (error) {
    const { code, status, retryAfterMs, message } = error as Record<string, unknown>;
    return { code, status, retryAfterMs, message };
  }
}

describe('request weights (conformance 22, 23)', () => {
  const create = () => new RequestWeights(new ProcessCounters(), 100);

  it('are counted for each address by itself, and told', () => {
    const weights = create();
    weights.use('1.2.3.4', 20);
    weights.use('1.2.3.4', 5);
    weights.use('5.6.7.8', 1);
    expect(weights.headers('1.2.3.4')).toEqual({ 'X-MBX-USED-WEIGHT': '25', 'X-MBX-USED-WEIGHT-1M': '25' });
    weights.giveBack('1.2.3.4', 5);
    expect(weights.headers('1.2.3.4')['X-MBX-USED-WEIGHT-1M']).toBe('20');
    expect(weights.headers('9.9.9.9')['X-MBX-USED-WEIGHT-1M']).toBe('0');
  });

  it('start anew with each minute of the clock', () => {
    const weights = create();
    jest.setSystemTime(NOON + 59_999);
    weights.use('a', 100);
    expect(refusalOf(() => weights.use('a', 1))).toMatchObject({ code: -1003, status: 429, retryAfterMs: 1 });
    jest.setSystemTime(NOON + 60_000);
    expect(refusalOf(() => weights.use('a', 100))).toBeUndefined();
  });

  it('ban an address that goes on for two minutes, then for twice as long', () => {
    const weights = create();
    const ban = () => {
      weights.use('a', 100);
      const refusals = Array.from({ length: 11 }, () => refusalOf(() => weights.use('a', 1)));
      expect(refusals.map((refusal) => refusal?.status)).toEqual([...Array(10).fill(429), 418]);
      return refusals.at(-1)!;
    };
    expect(ban()).toMatchObject({
      code: -1003,
      retryAfterMs: 120_000,
      message: `Way too much request weight used; IP banned until ${NOON + 120_000}. Please use WebSocket Streams for live updates to avoid bans.`,
    });
    jest.setSystemTime(NOON + 119_000);
    expect(refusalOf(() => weights.use('a', 1))).toMatchObject({ status: 418, retryAfterMs: 1_000 });
    expect(refusalOf(() => weights.use('b', 1))).toBeUndefined();
    jest.setSystemTime(NOON + 120_000);
    expect(ban()).toMatchObject({ retryAfterMs: 240_000 });
  });
});

describe('order counts', () => {
  const account = 7 as AccountId;

  it('are limited in ten seconds and in a day', () => {
    const orders = new OrderCounts(new ProcessCounters(), { per10Seconds: 2, perDay: 3 });
    orders.add(account);
    orders.add(account);
    expect(refusalOf(() => orders.add(account))).toMatchObject({
      code: -1015,
      status: 429,
      retryAfterMs: 10_000,
      message: 'Too many new orders; current limit is 2 orders per 10 SECOND.',
    });
    jest.setSystemTime(NOON + 10_000);
    orders.add(account);
    expect(orders.headers(account)).toEqual({ 'X-MBX-ORDER-COUNT-10S': '1', 'X-MBX-ORDER-COUNT-1D': '3' });
    expect(refusalOf(() => orders.add(account))).toMatchObject({
      message: 'Too many new orders; current limit is 3 orders per 1 DAY.',
      retryAfterMs: 12 * 3_600_000 - 10_000,
    });
    expect(refusalOf(() => orders.add(8 as AccountId))).toBeUndefined();
  });

  it('never fall below zero: fills give no credit', () => {
    const orders = new OrderCounts(new ProcessCounters(), { per10Seconds: 1, perDay: 1 });
    orders.remove(account);
    orders.add(account);
    expect(refusalOf(() => orders.add(account))).toMatchObject({ code: -1015 });
  });
});
