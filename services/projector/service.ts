/** Follows the engine's events from wherever the read models stand, for as long as the service runs. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import type { Kysely } from 'kysely';
import { backoffMs } from '#platform/backoff.ts';
import type { Database } from '#platform/database.ts';
import { EventGapError, streamEvents } from '#platform/engine-events.ts';
import type { ConfigOf } from '#platform/env.ts';
import { Lag } from '#platform/lag.ts';
import { createLog, type Log } from '#platform/log.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import type { config } from './config.ts';
import { FOLDED_TYPES } from './fold.ts';
import { applyFrames, readPosition } from './handler.ts';
import { migrations } from './migrations.ts';
import { WaitingFrames } from './waiting-frames.ts';

/** Transactions follow one another; a second connection could only wait for the first. */
const CONNECTIONS_MAX = 1;
/**
 * After each transaction. A transaction costs the same for one batch as for ten, and under load several arrive in
 * this time: it saves a tenth of what an order costs in all. A read of history waits as much longer at most.
 */
const PAUSE_MS = 10;

export interface ProjectorService {
  /** Has no routes of its own. */
  readonly app: Hono;
  /** False while the read models cannot be written, and for good after a gap. */
  healthy(): boolean;
  /** Waits for the transaction under way. */
  close(): Promise<void>;
}

/** @throws {MigrationError} when the schema cannot be brought up to date. */
export async function startProjector(
  values: ConfigOf<typeof config>,
  { log = createLog('projector') }: { readonly log?: Log } = {},
): Promise<ProjectorService> {
  const db = openDatabase(values.DATABASE_URL, {
    connectionsMax: CONNECTIONS_MAX,
    // A transaction that a crash loses takes its position with it: the events come again.
    settings: { synchronous_commit: 'off' },
  });
  try {
    await migrate(db, 'projector', migrations);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const projection = new Projection(db, values.ENGINE_URL, log);
  return {
    app: new Hono(),
    healthy: () => projection.healthy,
    close: async () => {
      await projection.stop();
      await db.destroy();
    },
  };
}

class Projection {
  readonly #db: Kysely<Database>;
  readonly #engineUrl: string;
  readonly #log: Log;
  readonly #lag: Lag;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** In a row; while there are any, events that came are not written. */
  #failures = 0;
  #lastTriedSeq = 0;
  #stopped = false;

  constructor(db: Kysely<Database>, engineUrl: string, log: Log) {
    this.#db = db;
    this.#engineUrl = engineUrl;
    this.#log = log;
    this.#lag = new Lag(log);
    this.#ended = this.#run();
  }

  get healthy(): boolean {
    return !this.#stopped && this.#failures === 0;
  }

  stop(): Promise<void> {
    this.#stop.abort();
    this.#lag.close();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (error instanceof EventGapError || error instanceof assert.AssertionError) {
          this.#stopped = true;
          this.#log.fatal({ err: error }, 'the read models stop here: their source does not continue them');
          return;
        }
        this.#log.error({ err: error }, 'could not write the read models; trying again');
        await sleep(backoffMs(this.#failures++), undefined, { signal }).catch(() => {});
      }
    }
  }

  /** From the stored position until `stop()`. Ends with the first failure; what was not written comes again. */
  async #follow(): Promise<void> {
    const waiting = new WaitingFrames();
    const from = await readPosition(this.#db);
    if (from >= this.#lastTriedSeq) this.#failures = 0;
    const stream = streamEvents(this.#engineUrl, from, (frame) => waiting.add(frame), {
      log: this.#log,
      wanted: FOLDED_TYPES,
    });
    const end = () => waiting.end();
    this.#stop.signal.addEventListener('abort', end);
    if (this.#stop.signal.aborted) end();
    const written = this.#write(waiting);
    try {
      await Promise.race([stream.ended, written]);
    } finally {
      this.#stop.signal.removeEventListener('abort', end);
      waiting.end();
      await Promise.allSettled([stream.close(), written]);
    }
  }

  async #write(waiting: WaitingFrames): Promise<void> {
    for (;;) {
      const frames = await waiting.take();
      if (frames.length === 0) return;
      this.#lastTriedSeq = frames.at(-1)!.lastSeq;
      this.#lag.began(frames);
      await applyFrames(this.#db, frames);
      this.#lag.caughtUp();
      this.#failures = 0;
      await sleep(PAUSE_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }
}
