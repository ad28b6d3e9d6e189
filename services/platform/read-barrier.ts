/** Makes read models as fresh as what was answered before: waits until the projector has come so far. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Seq } from '#domain/ids.ts';
import type { Database } from './database.ts';
import { apiErrors } from './spot-api/errors.ts';

/** Longer, and the read fails: a stale answer would be worse. */
const WAIT_MAX_MS = 3_000;
const POLL_INTERVAL_MS = 5;

interface Waiting {
  readonly seq: Seq;
  readonly untilMs: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class ReadBarrier {
  readonly #db: Kysely<Database>;
  #position = 0 as Seq;
  #waiting: Waiting[] = [];
  #polling = false;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Resolves when the read models show everything up to `seq`.
   * @throws {ApiError} −1007 when that takes too long.
   */
  async reach(seq: Seq): Promise<void> {
    if (seq <= this.#position) return;
    const reached = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ seq, untilMs: performance.now() + WAIT_MAX_MS, resolve, reject });
    });
    if (!this.#polling) void this.#poll();
    await reached;
  }

  /** One query at a time serves all who wait. */
  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#waiting.length > 0) {
        const row = await this.#db.selectFrom('projector.position').select('seq').executeTakeFirst();
        this.#position = row?.seq ?? this.#position;
        this.#settle();
        if (this.#waiting.length > 0) await delay(POLL_INTERVAL_MS);
      }
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    } finally {
      this.#polling = false;
    }
  }

  #settle(): void {
    const nowMs = performance.now();
    this.#waiting = this.#waiting.filter(({ seq, untilMs, resolve, reject }) => {
      if (seq <= this.#position) resolve();
      else if (nowMs >= untilMs) reject(apiErrors.timeout());
      else return true;
      return false;
    });
  }
}
