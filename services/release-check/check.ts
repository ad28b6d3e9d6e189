/** What new tasks must do before anybody else reaches them. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Requests, one after another: a task that fails now and then is seen too. */
const REQUESTS = 20;
const PAUSE_MS = 100;
/** Longer than any sound answer takes, also the first of a task that has just started. */
const ANSWER_MS_MAX = 2_000;

/**
 * Why the tasks behind `url` are not fit, or undefined. They answer their health check each time, within two seconds;
 * what they do beyond that, the canary's share of the traffic shows.
 */
export async function faultOf(url: string): Promise<string | undefined> {
  for (let request = 1; request <= REQUESTS; request++) {
    const fault = await healthFault(url);
    if (fault !== undefined) return `request ${request} of ${REQUESTS}: ${fault}`;
    await sleep(PAUSE_MS);
  }
  return undefined;
}

async function healthFault(url: string): Promise<string | undefined> {
  try {
    // A connection of its own, so that a balancer may send each to another task.
    const response = await fetch(new URL('/health', url), {
      headers: { Connection: 'close' },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await response.text();
    return response.ok ? undefined : `${response.status} ${text.slice(0, 200)}`;
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    return [message, cause?.code].filter(Boolean).join(': ');
  }
}
