/** What new tasks must do before anybody else reaches them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from './config.ts';

/** Rounds, one after another: a task that fails now and then is seen too. */
const ROUNDS = 10;
const PAUSE_MS = 100;
/** Longer than any sound answer takes, also the first of a task that has just started. */
const ANSWER_MS_MAX = 2_000;

/**
 * Why the tasks of a release are not fit, or undefined. They must say that they are healthy, and answer the other paths
 * with anything but an error of their own, within two seconds each: 400 is a sound answer where parameters are missing.
 */
export async function faultOf({ url, health, others }: Release): Promise<string | undefined> {
  const checks = [
    { path: health, isSound: (status: number) => status === 200 },
    ...others.map((path) => ({ path, isSound: (status: number) => status < 500 })),
  ];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const { path, isSound } of checks) {
      const fault = await faultAt(new URL(path, url), isSound);
      if (fault !== undefined) return `round ${round} of ${ROUNDS}: ${path}: ${fault}`;
    }
    await sleep(PAUSE_MS);
  }
  return undefined;
}

async function faultAt(url: URL, isSound: (status: number) => boolean): Promise<string | undefined> {
  try {
    // A connection of its own, so that a balancer may send each to another task.
    const response = await fetch(url, {
      headers: { Connection: 'close' },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await response.text();
    return isSound(response.status) ? undefined : `${response.status} ${text.slice(0, 200)}`;
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    return [message, cause?.code].filter(Boolean).join(': ');
  }
}
