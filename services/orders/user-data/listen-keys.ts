/**
 * Listen keys: whoever has one may follow an account's events, without a signature, for an hour after it was last kept
 * alive. Kept as a hash to find it by, and sealed, since an account that asks again gets the same one.
 * https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream (as it was until February 2026)
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { openSecret, sealSecret } from '#platform/sealed-secret.ts';
import { LISTEN_KEYS_CHANNEL } from '../migrations.ts';

/** Microseconds. */
const LIFETIME_US = 60 * 60 * 1_000_000;
const KEY_BYTES = 32;
/** No name of a stream begins with a capital: the path alone says that `orders` serves it. */
const PREFIX = 'U';
/** What a listen key is sealed for; an API key never has a colon. */
const SEALED_FOR = 'listen-key:';

export interface ListenKey {
  readonly account: AccountId;
  /** The API key that asked for it. */
  readonly apiKey: string;
  readonly expiresAt: TimeUs;
}

export class ListenKeys {
  readonly #db: Kysely<Database>;
  readonly #sealingKey: Buffer;

  constructor(db: Kysely<Database>, sealingKey: Buffer) {
    this.#db = db;
    this.#sealingKey = sealingKey;
  }

  /** The account's listen key, which is a new one unless it has one: good for an hour from now. */
  async open(account: AccountId, apiKey: string): Promise<string> {
    const created = PREFIX + randomBytes(KEY_BYTES).toString('hex');
    const sealedFor = SEALED_FOR + account;
    const { sealed_key } = await this.#db
      .insertInto('orders.listen_keys')
      .values({
        key_hash: hashOf(created),
        account_id: account,
        api_key: apiKey,
        sealed_key: sealSecret(this.#sealingKey, sealedFor, created),
        expires_at: fromNow(),
      })
      .onConflict((conflict) =>
        conflict.column('account_id').doUpdateSet({
          api_key: sql`excluded.api_key`,
          expires_at: sql`excluded.expires_at`,
          key_hash: sql`case when ${isLive()} then listen_keys.key_hash else excluded.key_hash end`,
          sealed_key: sql`case when ${isLive()} then listen_keys.sealed_key else excluded.sealed_key end`,
        }),
      )
      .returning('sealed_key')
      .executeTakeFirstOrThrow();
    return openSecret(this.#sealingKey, sealedFor, sealed_key);
  }

  /** Makes the account's listen key good for an hour from now; false when it has no such key. */
  async keep(account: AccountId, listenKey: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('orders.listen_keys')
      .set({ expires_at: fromNow() })
      .where('key_hash', '=', hashOf(listenKey))
      .where('account_id', '=', account)
      .where('expires_at', '>', now())
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Ends the account's listen key wherever it is followed; false when it has no such key. */
  async close(account: AccountId, listenKey: string): Promise<boolean> {
    const hash = hashOf(listenKey);
    const { numDeletedRows } = await this.#db
      .deleteFrom('orders.listen_keys')
      .where('key_hash', '=', hash)
      .where('account_id', '=', account)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await sql`select pg_notify(${LISTEN_KEYS_CHANNEL}, ${hash.toString('hex')})`.execute(this.#db);
    return true;
  }

  /** Undefined when there is no such key, or no longer. */
  async find(listenKey: string): Promise<ListenKey | undefined> {
    const row = await this.#db
      .selectFrom('orders.listen_keys')
      .select(['account_id', 'api_key', 'expires_at'])
      .where('key_hash', '=', hashOf(listenKey))
      .where('expires_at', '>', now())
      .executeTakeFirst();
    return row && { account: row.account_id, apiKey: row.api_key, expiresAt: row.expires_at };
  }
}

/** As the channel names it. */
export function listenKeyName(listenKey: string): string {
  return hashOf(listenKey).toString('hex');
}

function hashOf(listenKey: string): Buffer {
  return createHash('sha256').update(listenKey).digest();
}

function now(): TimeUs {
  return (Date.now() * 1_000) as TimeUs;
}

function fromNow(): TimeUs {
  return (now() + LIFETIME_US) as TimeUs;
}

function isLive() {
  return sql<boolean>`listen_keys.expires_at > ${now()}`;
}
