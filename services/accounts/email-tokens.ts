/** Tokens that are sent by mail: to know them is to read the address's mail. Only hashes are stored. */
import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';

type Purpose = 'verify' | 'reset';

const HOUR_US = 3_600_000_000;
const LIFETIME_US: Readonly<Record<Purpose, number>> = { verify: 24 * HOUR_US, reset: HOUR_US / 2 };
const TOKEN_BYTES = 32;

/** A new token; those of before stay good, so that the mail that arrives first works. */
export async function issueEmailToken(
  db: Kysely<Database>,
  account: AccountId,
  purpose: Purpose,
): Promise<string> {
  const now = systemClock.nowUs();
  await db
    .deleteFrom('accounts.email_tokens')
    .where('account_id', '=', account)
    .where('expires_at', '<=', now as TimeUs)
    .execute();
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await db
    .insertInto('accounts.email_tokens')
    .values({
      token_hash: hashOf(token),
      account_id: account,
      purpose,
      expires_at: (now + LIFETIME_US[purpose]) as TimeUs,
    })
    .execute();
  return token;
}

/** Whose token it is, once: it and all others of that purpose are gone. Undefined when it is not good. */
export async function useEmailToken(
  db: Kysely<Database>,
  purpose: Purpose,
  token: string,
): Promise<AccountId | undefined> {
  const used = await db
    .deleteFrom('accounts.email_tokens')
    .where('token_hash', '=', hashOf(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', systemClock.nowUs() as TimeUs)
    .returning('account_id')
    .executeTakeFirst();
  if (used === undefined) return undefined;
  await db
    .deleteFrom('accounts.email_tokens')
    .where('account_id', '=', used.account_id)
    .where('purpose', '=', purpose)
    .execute();
  return used.account_id;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
