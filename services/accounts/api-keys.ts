/** API keys: made, listed and revoked by their owner; a secret is shown once, when it is made. */
import { randomInt } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { sealSecret } from '#platform/sealed-secret.ts';
import type { ApiKeyType } from './api-public-key.ts';
import { refusals } from './refusal.ts';

/** Keys and secrets are 64 letters and digits, as clients expect them: 381 bits. */
const KEY_CHARS = 64;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Most keys of one account that work. */
const API_KEYS_MAX = 30;

/** What the owner decides. Reading is what every key may do. */
export interface ApiKeyTerms {
  readonly label: string;
  readonly type: ApiKeyType;
  /** SPKI as PEM; undefined for HMAC, whose secret is made here. */
  readonly publicKey?: string;
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  /** Addresses and networks that it works from; empty for all. */
  readonly ipAllowList: readonly string[];
}

export interface ApiKey extends ApiKeyTerms {
  readonly id: number;
  readonly apiKey: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Within a minute or so, in milliseconds since the epoch; null for never. */
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
}

/**
 * Makes a key; its secret is not told again.
 * @throws {Refusal} 409 when the account has {@link API_KEYS_MAX} already, 401 when there is no such account.
 */
export async function createApiKey(
  db: Transaction<Database>,
  encryptionKey: Buffer,
  account: AccountId,
  terms: ApiKeyTerms,
): Promise<ApiKey & { readonly secret?: string }> {
  const apiKey = randomText();
  const secret = terms.type === 'HMAC' ? randomText() : undefined;
  const createdAt = systemClock.nowUs() as TimeUs;
  // Of requests that come at once, each waits for the one before: together they cannot pass the limit.
  const user = await db
    .selectFrom('accounts.users')
    .select('account_id')
    .where('account_id', '=', account)
    .forUpdate()
    .executeTakeFirst();
  if (user === undefined) throw refusals.unauthenticated();
  if ((await listApiKeys(db, account)).length >= API_KEYS_MAX) throw refusals.tooManyApiKeys(API_KEYS_MAX);
  const { id } = await db
    .insertInto('accounts.api_keys')
    .values({
      account_id: account,
      label: terms.label,
      api_key: apiKey,
      key_type: terms.type,
      sealed_secret: secret === undefined ? null : sealSecret(encryptionKey, apiKey, secret),
      public_key: terms.publicKey ?? null,
      can_trade: terms.canTrade,
      can_withdraw: terms.canWithdraw,
      ip_allow_list: [...terms.ipAllowList],
      created_at: createdAt,
      revoked_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const key = {
    id,
    ...terms,
    apiKey,
    createdAt: milliseconds(createdAt),
    lastUsedAt: null,
    lastUsedFrom: null,
  };
  return secret === undefined ? key : { ...key, secret };
}

/** The account's keys that still work, oldest first. */
export async function listApiKeys(db: Kysely<Database>, account: AccountId): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('accounts.api_keys as key')
    .leftJoin('accounts.api_key_uses as use', 'use.api_key', 'key.api_key')
    .selectAll('key')
    .select(['use.used_at', 'use.address'])
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    type: row.key_type,
    ...(row.public_key === null ? {} : { publicKey: row.public_key }),
    apiKey: row.api_key,
    canTrade: row.can_trade,
    canWithdraw: row.can_withdraw,
    ipAllowList: row.ip_allow_list,
    createdAt: milliseconds(row.created_at),
    lastUsedAt: row.used_at === null ? null : milliseconds(row.used_at),
    lastUsedFrom: row.address,
  }));
}

/** Its label; undefined when the account has no such key that works. */
export async function revokeApiKey(
  db: Kysely<Database>,
  account: AccountId,
  id: number,
): Promise<string | undefined> {
  const revoked = await db
    .updateTable('accounts.api_keys')
    .set({ revoked_at: systemClock.nowUs() as TimeUs })
    .where('id', '=', id)
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .returning('label')
    .executeTakeFirst();
  return revoked?.label;
}

function milliseconds(timeUs: TimeUs): number {
  return Math.floor(timeUs / 1_000);
}

function randomText(): string {
  return Array.from({ length: KEY_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
