/** The API keys that may sign, read from `accounts.api_keys` and kept for a moment. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { openSecret } from '#platform/sealed-secret.ts';

export interface ApiKey {
  readonly account: AccountId;
  readonly canTrade: boolean;
  readonly secret: KeyObject;
}

/** A revoked key, or a right taken from it, works on for at most this long. */
const LIFETIME_MS = 5_000;
/** Most keys kept; past it the oldest are read anew. */
const KEYS_MAX = 10_000;

interface Cached {
  readonly key: Promise<ApiKey | undefined>;
  readonly untilMs: number;
}

export class ApiKeys {
  readonly #db: Kysely<Database>;
  readonly #sealingKey: Buffer;
  readonly #cached = new Map<string, Cached>();

  constructor(db: Kysely<Database>, sealingKey: Buffer) {
    this.#db = db;
    this.#sealingKey = sealingKey;
  }

  /** The key, or undefined when there is none or it was revoked; requests that come at once share one query. */
  find(apiKey: string): Promise<ApiKey | undefined> {
    const nowMs = performance.now();
    const known = this.#cached.get(apiKey);
    if (known !== undefined && nowMs < known.untilMs) return known.key;
    const key = this.#read(apiKey);
    this.#cached.delete(apiKey);
    this.#cached.set(apiKey, { key, untilMs: nowMs + LIFETIME_MS });
    if (this.#cached.size > KEYS_MAX) this.#cached.delete(this.#cached.keys().next().value!);
    // Only a key that exists is worth keeping: the next may be created meanwhile, and a failed query says nothing.
    const forget = () => this.#cached.delete(apiKey);
    key.then((found) => found ?? forget(), forget);
    return key;
  }

  async #read(apiKey: string): Promise<ApiKey | undefined> {
    const row = await this.#db
      .selectFrom('accounts.api_keys')
      .select(['account_id', 'sealed_secret', 'can_trade'])
      .where('api_key', '=', apiKey)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const secret = openSecret(this.#sealingKey, apiKey, row.sealed_secret);
    return {
      account: row.account_id,
      canTrade: row.can_trade,
      secret: createSecretKey(secret, 'utf8'),
    };
  }
}
