/** The API keys that may sign, read from `accounts.api_keys` and kept for a moment. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import type { Database } from '../database.ts';
import { IpAllowList } from '../ip-allow-list.ts';
import { openSecret } from '../sealed-secret.ts';

export interface ApiKey {
  readonly account: AccountId;
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  /** Where it may be used from. */
  readonly allowList: IpAllowList;
  /** What its signatures are checked with: the secret of an HMAC, or the public key of Ed25519 or RSA. */
  readonly verifier: KeyObject;
}

/**
 * A revoked key, a right taken from it, or a frozen account's, works on for at most this long. Mostly it is no longer
 * than the way of a notification: see {@link ApiKeys.forget}.
 */
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
    const cached = { key, untilMs: nowMs + LIFETIME_MS };
    this.#cached.delete(apiKey);
    this.#cached.set(apiKey, cached);
    if (this.#cached.size > KEYS_MAX) this.#cached.delete(this.#cached.keys().next().value!);
    // Only a key that exists is worth keeping: the next may be created meanwhile, and a failed query says nothing.
    const forget = () => {
      if (this.#cached.get(apiKey) === cached) this.#cached.delete(apiKey);
    };
    key.then((found) => found ?? forget(), forget);
    return key;
  }

  /** Something about the key has changed: whoever asks from now on is told what the database says. */
  forget(apiKey: string): void {
    this.#cached.delete(apiKey);
  }

  /** Changes may have been missed. */
  forgetAll(): void {
    this.#cached.clear();
  }

  async #read(apiKey: string): Promise<ApiKey | undefined> {
    const row = await this.#db
      .selectFrom('accounts.api_keys as key')
      .innerJoin('accounts.users as user', 'user.account_id', 'key.account_id')
      .select(['key.account_id', 'key.sealed_secret', 'key.public_key', 'key.ip_allow_list'])
      .select(['key.can_trade', 'key.can_withdraw'])
      .where('key.api_key', '=', apiKey)
      .where('key.revoked_at', 'is', null)
      .where('user.frozen_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      account: row.account_id,
      canTrade: row.can_trade,
      canWithdraw: row.can_withdraw,
      allowList: new IpAllowList(row.ip_allow_list),
      verifier:
        row.sealed_secret === null
          ? createPublicKey(row.public_key!)
          : createSecretKey(openSecret(this.#sealingKey, apiKey, row.sealed_secret), 'utf8'),
    };
  }
}
