/** Notes when and from where API keys are used, for their owners: a while later, and many at once. */
import type { Kysely } from 'kysely';
import type { TimeUs } from '#domain/ids.ts';
import { systemClock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Log } from '../log.ts';

const WRITE_INTERVAL_MS = 30_000;
/** Most keys that wait to be noted; past it the oldest are not. */
const KEYS_MAX = 10_000;

interface Use {
  readonly usedAt: TimeUs;
  readonly address: string;
}

export class ApiKeyUses {
  readonly #db: Kysely<Database>;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #uses = new Map<string, Use>();

  constructor(db: Kysely<Database>, log: Log) {
    this.#db = db;
    this.#log = log;
    this.#timer = setInterval(() => this.#write(), WRITE_INTERVAL_MS).unref();
  }

  /** After the signature held. */
  note(apiKey: string, address: string): void {
    this.#uses.set(apiKey, { usedAt: systemClock.nowUs() as TimeUs, address });
    if (this.#uses.size > KEYS_MAX) this.#uses.delete(this.#uses.keys().next().value!);
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  async #write(): Promise<void> {
    const uses = this.#uses;
    if (uses.size === 0) return;
    this.#uses = new Map();
    // In one order everywhere, so that two tasks do not wait for each other.
    const keys = [...uses.keys()].sort();
    const rows = keys.map((apiKey) => {
      const { usedAt, address } = uses.get(apiKey)!;
      return { api_key: apiKey, used_at: usedAt, address };
    });
    await this.#db
      .insertInto('accounts.api_key_uses')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .column('api_key')
          .doUpdateSet((row) => ({
            used_at: row.ref('excluded.used_at'),
            address: row.ref('excluded.address'),
          }))
          .whereRef('excluded.used_at', '>', 'accounts.api_key_uses.used_at'),
      )
      .execute()
      // Nothing depends on it: the next use is noted again.
      .catch((error: unknown) => this.#log.warn({ err: error }, 'the use of API keys is not noted'));
  }
}
