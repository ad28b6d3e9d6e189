/** The endpoints of this service, and what they work with. */
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import type { Caller as CallerOf } from '#platform/people-api/authenticate.ts';
import { type PeopleDeps, peopleEndpoints } from '#platform/people-api/endpoint.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Attempts } from './attempts.ts';
import type { Background } from './background.ts';
import type { Mailer } from './mailer.ts';
import type { Mails } from './mails.ts';
import type { Passwords } from './passwords.ts';
import { requests } from './requests.ts';
import { routes } from './routes.ts';
import type { Sessions } from './sessions.ts';
import type { TwoFactor } from './two-factor.ts';
import type { User, Users } from './users.ts';

export interface AccountsDeps extends PeopleDeps<User> {
  readonly db: Kysely<Database>;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly twoFactor: TwoFactor;
  readonly attempts: Attempts;
  readonly background: Background;
  readonly mailer: Mailer;
  readonly mails: Mails;
  /** AES-256 key of the API secrets. */
  readonly encryptionKey: Buffer;
}

export type Caller = CallerOf<User>;

export const { open, authenticated } = peopleEndpoints<User, typeof routes, typeof requests>(
  routes,
  requests,
);
