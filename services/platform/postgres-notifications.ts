/** Hears what a channel of PostgreSQL says (`pg_notify`), on a connection of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { backoffMs } from './backoff.ts';
import type { Log } from './log.ts';
import { poolConfig } from './pool-config.ts';

export interface Listener {
  /** Each time the channel is heard, the first time and after a lost connection: what was said meanwhile is lost. */
  readonly onConnected: () => void;
  readonly onNotification: (payload: string) => void;
}

export interface Notifications {
  close(): Promise<void>;
}

/** Asks the server now and then, so that a connection that died silently is replaced. */
const KEEP_ALIVE_DELAY_MS = 10_000;

/**
 * Listens until closed, and connects again whenever the connection is lost. Needs a server that it reaches directly:
 * a pool that lends connections by transaction does not pass notifications on.
 */
export function listenTo(url: string, channel: string, listener: Listener, log: Log): Notifications {
  const stop = new AbortController();
  let current: pg.Client | undefined;

  const listenOnce = async (): Promise<void> => {
    const client = new pg.Client({
      ...poolConfig(url),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    });
    current = client;
    const ended = new Promise<void>((resolve) => {
      client.on('end', resolve);
      client.on('error', () => resolve());
    });
    try {
      // Ended while it connects, a client never says how that went.
      await Promise.race([client.connect(), ended]);
      if (stop.signal.aborted) return;
      client.on('notification', ({ payload = '' }) => listener.onNotification(payload));
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      listener.onConnected();
      await ended;
    } finally {
      await client.end().catch(() => {});
    }
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !stop.signal.aborted; failures++) {
      const failure = await listenOnce().then(
        () => 'the connection ended',
        (error: unknown) => error,
      );
      if (stop.signal.aborted) return;
      log.warn({ channel, err: failure }, 'notifications are not heard; connecting again');
      await sleep(backoffMs(failures), undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    close: async () => {
      stop.abort();
      await current?.end().catch(() => {});
      await running;
    },
  };
}
