/** API keys: made, listed and revoked by their owner; the secret is shown once, when it is made. */
import { randomInt } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { sealSecret } from '#platform/sealed-secret.ts';
import { refusals } from './refusal.ts';

/** Keys and secrets are 64 letters and digits, as clients expect them: 381 bits. */
const KEY_CHARS = 64;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Most keys of one account that work. */
const API_KEYS_MAX = 30;

export interface ApiKey {
  readonly id: number;
  readonly label: string;
  readonly apiKey: string;
  readonly canTrade: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Makes a key; its secret is not told again.
 * @throws {Refusal} 409 when the account has {@link API_KEYS_MAX} already, 401 when there is no such account.
 */
export async function createApiKey(
  db: Kysely<Database>,
  encryptionKey: Buffer,
  account: AccountId,
  { label, canTrade }: Pick<ApiKey, 'label' | 'canTrade'>,
): Promise<ApiKey & { readonly secret: string }> {
  const [apiKey, secret] = [randomText(), randomText()];
  const createdAt = Date.now();
  const id = await db.transaction().execute(async (transaction) => {
    // Of requests that come at once, each waits for the one before: together they cannot pass the limit.
    const user = await transaction
      .selectFrom('accounts.users')
      .select('account_id')
      .where('account_id', '=', account)
      .forUpdate()
      .executeTakeFirst();
    if (user === undefined) throw refusals.unauthenticated();
    if ((await listApiKeys(transaction, account)).length >= API_KEYS_MAX)
      throw refusals.tooManyApiKeys(API_KEYS_MAX);
    const created = await transaction
      .insertInto('accounts.api_keys')
      .values({
        account_id: account,
        label,
        api_key: apiKey,
        sealed_secret: sealSecret(encryptionKey, apiKey, secret),
        can_trade: canTrade,
        created_at: (createdAt * 1_000) as TimeUs,
        revoked_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return created.id;
  });
  return { id, label, apiKey, canTrade, createdAt, secret };
}

/** The account's keys that still work, oldest first. */
export async function listApiKeys(db: Kysely<Database>, account: AccountId): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('accounts.api_keys')
    .select(['id', 'label', 'api_key', 'can_trade', 'created_at'])
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    apiKey: row.api_key,
    canTrade: row.can_trade,
    createdAt: Math.floor(row.created_at / 1_000),
  }));
}

/** False when the account has no such key that works. */
export async function revokeApiKey(db: Kysely<Database>, account: AccountId, id: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('accounts.api_keys')
    .set({ revoked_at: (Date.now() * 1_000) as TimeUs })
    .where('id', '=', id)
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function randomText(): string {
  return Array.from({ length: KEY_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
