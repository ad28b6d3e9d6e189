/** What operators may do to others' accounts. */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { type Role, rolesUpTo } from '#platform/access-token.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { refusals } from './refusal.ts';
import { raiseSecurityEpoch, type User, type Users } from './users.ts';

/** As an operator sees a user: nothing that would let them act as one. */
export interface ShownUser {
  readonly accountId: AccountId;
  readonly email: string;
  readonly role: Role;
  readonly emailVerified: boolean;
  readonly frozen: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export function shownUser(user: User): ShownUser {
  return {
    accountId: user.account,
    email: user.email,
    role: user.role,
    emailVerified: user.isEmailVerified,
    frozen: user.isFrozen,
    createdAt: Math.floor(user.createdAt / 1_000),
  };
}

/**
 * The user that `actor` wants to act on.
 * @throws {Refusal} 404 for none, 403 for oneself and for whoever stands as high.
 */
export async function subordinate(
  db: Kysely<Database>,
  users: Users,
  actor: User,
  account: AccountId,
): Promise<User> {
  const user = await users.find(db, account);
  if (user === undefined) throw refusals.unknownUser();
  if (rolesUpTo[user.role].length >= rolesUpTo[actor.role].length) throw refusals.notBelowYou();
  return user;
}

/** Also ends all sessions, and API keys work no more until {@link unfreeze}. */
export async function freeze(db: Kysely<Database>, account: AccountId): Promise<void> {
  await setFrozenAt(db, account, systemClock.nowUs() as TimeUs);
  await raiseSecurityEpoch(db, account);
}

export async function unfreeze(db: Kysely<Database>, account: AccountId): Promise<void> {
  await setFrozenAt(db, account, null);
}

/** Also ends all sessions: other services believe a token about its roles. */
export async function setRole(db: Kysely<Database>, account: AccountId, role: Role): Promise<void> {
  await db.updateTable('accounts.users').set({ role }).where('account_id', '=', account).execute();
  await raiseSecurityEpoch(db, account);
}

async function setFrozenAt(db: Kysely<Database>, account: AccountId, at: TimeUs | null): Promise<void> {
  await db.updateTable('accounts.users').set({ frozen_at: at }).where('account_id', '=', account).execute();
}
