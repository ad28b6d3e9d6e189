import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '#platform/free-port.ts';
import { openWindowCounters, type WindowCounters } from '#platform/spot-api/window-counters.ts';

const DAY_MS = 86_400_000;

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited 5 s in vain');
    await delay(5);
  }
}

function behavesAsCounters(open: () => Promise<WindowCounters>): void {
  it('counts each key in each window, at once, and starts anew with the next window', async () => {
    const counters = await open();
    const now = Date.now();
    const add = (key: string, amount: number, at = now) => counters.add(key, DAY_MS, amount, at);
    const [a, b] = [`a${now}`, `b${now}`];
    expect([add(a, 2), add(a, 3), add(b, 1), add(a, 0)]).toEqual([2, 5, 1, 5]);
    expect(add(a, 1, now + DAY_MS)).toBe(1);
    await counters.close();
  });

  it('takes back no more than there is', async () => {
    const counters = await open();
    const key = `c${performance.now()}`;
    const add = (amount: number) => counters.add(key, DAY_MS, amount, Date.now());
    expect([add(2), add(-5), add(1)]).toEqual([2, 0, 1]);
    await counters.close();
  });
}

describe('counters of one process', () => {
  behavesAsCounters(() => openWindowCounters(''));
});

const redisServer = ['redis-server', 'valkey-server'].find((name) => {
  try {
    execFileSync(name, ['--version']);
    return true;
  } catch {
    return false;
  }
});

(redisServer === undefined ? describe.skip : describe)('counters shared through Redis', () => {
  let port: number;
  let redis: ChildProcess;

  async function startRedis(): Promise<void> {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    redis = spawn(redisServer!, options, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const text of redis.stdout!) if (String(text).includes('Ready to accept')) return;
  }
  async function stopRedis(): Promise<void> {
    redis.kill('SIGKILL');
    await once(redis, 'exit');
  }
  const open = () => openWindowCounters(`redis://127.0.0.1:${port}`);

  beforeAll(async () => {
    port = await freePort();
    await startRedis();
  });
  afterAll(stopRedis);

  behavesAsCounters(open);

  it('add up over processes, and outlive one', async () => {
    const [first, second] = [await open(), await open()];
    const now = Date.now();
    const add = (counters: WindowCounters, amount: number) => counters.add('shared', DAY_MS, amount, now);
    add(first, 3);
    add(second, 4);
    await delay(100);
    // With its next request each hears of the other's.
    expect(add(first, 1)).toBeGreaterThanOrEqual(4);
    await eventually(() => add(first, 0) === 8);
    add(second, 1);
    await eventually(() => add(second, 0) === 9);
    await Promise.all([first.close(), second.close()]);
    const third = await open();
    await eventually(() => add(third, 0) === 9);
    await third.close();
  });

  it('go on counting while Redis is away, and with it when it is back', async () => {
    const counters = await open();
    const add = (amount: number) => counters.add('away', DAY_MS, amount, Date.now());
    add(1);
    await delay(100);
    await stopRedis();
    expect(add(2)).toBeGreaterThanOrEqual(2);
    await startRedis();
    await eventually(() => add(0) === 2 || add(0) === 3);
    await counters.close();
  });
});
