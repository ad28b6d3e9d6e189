/** How a service that is not `accounts` knows people: by the keys that accounts publishes, and by what it has stored. */
import type { Kysely } from 'kysely';
import { type AccessToken, type Role, readAccessToken } from '../access-token.ts';
import type { Database } from '../database.ts';
import { type ConfigOf, defineConfig } from '../env.ts';
import { remoteKeys } from '../key-set.ts';
import { openSessions, sessionVariables } from '../sessions/open-sessions.ts';
import type { Person, Recognition } from './authenticate.ts';

/** To be part of a service's `config.ts`. */
export const recognitionVariables = defineConfig({
  JWKS_URL: { type: 'url', doc: 'the key set of accounts: http://host:port/.well-known/jwks.json' },
  TOKEN_ISSUER: { type: 'url', doc: 'the `iss` of access tokens: the public base URL' },
  ...sessionVariables,
});

/** A token is believed about roles alone: `accounts` ends an account's sessions when its role changes. */
export function openRecognition(
  values: ConfigOf<typeof recognitionVariables>,
  db: Kysely<Database>,
): Recognition & { close(): Promise<void> } {
  const keys = remoteKeys(values.JWKS_URL);
  const sessions = openSessions(values, db);
  return {
    tokens: { read: (token) => readAccessToken(token, keys, values.TOKEN_ISSUER) },
    sessions,
    findPerson: (token) => findPerson(db, token),
    close: () => sessions.close(),
  };
}

async function findPerson(
  db: Kysely<Database>,
  { account, roles }: AccessToken,
): Promise<Person | undefined> {
  const row = await db
    .selectFrom('accounts.users as user')
    .leftJoin('accounts.two_factor as two_factor', 'two_factor.account_id', 'user.account_id')
    .select(['user.frozen_at', 'user.security_epoch', 'two_factor.enabled_at'])
    .where('user.account_id', '=', account)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    account,
    roles: roles as readonly Role[],
    isFrozen: row.frozen_at !== null,
    securityEpoch: row.security_epoch,
    hasTwoFactor: row.enabled_at !== null,
  };
}
