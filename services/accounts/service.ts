/** Puts the service together. */
import type { Hono } from 'hono';
import type { ConfigOf } from '#platform/env.ts';
import { createLog, type Log } from '#platform/log.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { openSessions } from '#platform/sessions/open-sessions.ts';
import { openWindowCounters } from '#platform/spot-api/window-counters.ts';
import type { tracingVariables } from '#platform/tracing.ts';
import { AccessTokens } from './access-tokens.ts';
import { createAccountsApp } from './app.ts';
import { Attempts } from './attempts.ts';
import { Background } from './background.ts';
import type { config } from './config.ts';
import { type Mailer, SesMailer, UnsentMailer } from './mailer.ts';
import { Mails } from './mails.ts';
import { migrations } from './migrations.ts';
import { Passwords } from './passwords.ts';
import { Sessions } from './sessions.ts';
import { TwoFactor } from './two-factor.ts';
import { Users } from './users.ts';

const CONNECTIONS_MAX = 4;

export interface AccountsStartDeps {
  readonly log?: Log;
  /** By default the one that `MAIL_FROM` chooses. */
  readonly mailer?: Mailer;
}

export interface AccountsService {
  readonly app: Hono;
  /** Waits for mails that are under way. */
  close(): Promise<void>;
}

/**
 * @throws {SealError} when the encryption key is malformed, and whatever node:crypto says of the token keys.
 * @throws {MigrationError} when the schema cannot be brought up to date.
 */
export async function startAccounts(
  values: Omit<ConfigOf<typeof config>, keyof typeof tracingVariables>,
  { log = createLog('accounts'), mailer = mailerOf(values, log) }: AccountsStartDeps = {},
): Promise<AccountsService> {
  const encryptionKey = sealingKey(values.API_KEY_ENCRYPTION_KEY);
  const tokens = new AccessTokens({
    signingKey: values.TOKEN_SIGNING_KEY,
    otherPublicKey: values.TOKEN_OTHER_PUBLIC_KEY,
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
  const store = openSessions(values, db);
  const users = new Users(values.ADMIN_EMAIL);
  const counters = await openWindowCounters(values.REDIS_URL);
  const background = new Background(log);
  return {
    app: await createAccountsApp({
      db,
      users,
      findPerson: ({ account }) => users.find(db, account),
      passwords: new Passwords(),
      tokens,
      sessions: new Sessions(store, values.SESSION_LIFETIME),
      twoFactor: new TwoFactor(encryptionKey, values.EXCHANGE_NAME),
      attempts: new Attempts(counters),
      background,
      mailer,
      mails: new Mails(values.TOKEN_ISSUER),
      encryptionKey,
      trustedHops: values.TRUSTED_HOPS,
      log,
    }),
    close: async () => {
      await background.idle();
      await Promise.all([store.close(), counters.close(), db.destroy()]);
    },
  };
}

function mailerOf({ MAIL_FROM: from }: Pick<ConfigOf<typeof config>, 'MAIL_FROM'>, log: Log): Mailer {
  return from === '' ? new UnsentMailer(log) : new SesMailer(from);
}
