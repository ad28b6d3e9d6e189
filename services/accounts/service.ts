/** Puts the service together. */
import type { Hono } from 'hono';
import type { ConfigOf } from '#platform/env.ts';
import { createLog, type Log } from '#platform/log.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { openWindowCounters } from '#platform/spot-api/window-counters.ts';
import type { tracingVariables } from '#platform/tracing.ts';
import { AccessTokens } from './access-tokens.ts';
import { createAccountsApp } from './app.ts';
import { Attempts } from './attempts.ts';
import type { config } from './config.ts';
import { migrations } from './migrations.ts';
import { Passwords } from './passwords.ts';

const CONNECTIONS_MAX = 4;

export interface AccountsService {
  readonly app: Hono;
  close(): Promise<void>;
}

/**
 * @throws {SealError} when the encryption key is malformed, and whatever node:crypto says of the signing key.
 * @throws {MigrationError} when the schema cannot be brought up to date.
 */
export async function startAccounts(
  values: Omit<ConfigOf<typeof config>, keyof typeof tracingVariables>,
  { log = createLog('accounts') }: { readonly log?: Log } = {},
): Promise<AccountsService> {
  const encryptionKey = sealingKey(values.API_KEY_ENCRYPTION_KEY);
  const tokens = new AccessTokens({
    signingKey: values.TOKEN_SIGNING_KEY,
    issuer: values.TOKEN_ISSUER,
    lifetimeMs: values.TOKEN_LIFETIME,
  });
  const db = openDatabase(values.DATABASE_URL, { connectionsMax: CONNECTIONS_MAX });
  try {
    await migrate(db, 'accounts', migrations);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const counters = openWindowCounters(values.REDIS_URL);
  return {
    app: createAccountsApp({
      db,
      passwords: new Passwords(),
      tokens,
      attempts: new Attempts(counters),
      encryptionKey,
      trustedHops: values.TRUSTED_HOPS,
      log,
    }),
    close: async () => {
      await Promise.all([counters.close(), db.destroy()]);
    },
  };
}
