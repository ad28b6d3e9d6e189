/** Who has an account, and what became of it. */
import type { Kysely, Selectable } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { type Role, rolesUpTo } from '#platform/access-token.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Person } from '#platform/people-api/authenticate.ts';
import type { Passwords } from './passwords.ts';

export interface Credentials {
  /** In lower case: addresses differ in case only by accident. */
  readonly email: string;
  readonly password: string;
}

export interface User extends Person {
  readonly email: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly isEmailVerified: boolean;
  readonly createdAt: TimeUs;
}

export class Users {
  readonly #adminEmail: string;

  /** Whoever proves that `adminEmail` is theirs is an admin, who can make others; empty for nobody. */
  constructor(adminEmail: string) {
    this.#adminEmail = adminEmail.toLowerCase();
  }

  /** Undefined when there is no such account. */
  async find(db: Kysely<Database>, account: AccountId): Promise<User | undefined> {
    const row = await usersIn(db).where('user.account_id', '=', account).executeTakeFirst();
    return row && this.#userOf(row);
  }

  async findByEmail(db: Kysely<Database>, email: string): Promise<User | undefined> {
    const row = await usersIn(db).where('email', '=', email).executeTakeFirst();
    return row && this.#userOf(row);
  }

  /** By account, those after `after`; with `email`, that one alone. */
  async list(
    db: Kysely<Database>,
    { after, limit, email }: { readonly after: number; readonly limit: number; readonly email?: string },
  ): Promise<User[]> {
    let query = usersIn(db)
      .where('user.account_id', '>', after as AccountId)
      .orderBy('user.account_id')
      .limit(limit);
    if (email !== undefined) query = query.where('email', '=', email);
    return (await query.execute()).map((row) => this.#userOf(row));
  }

  #userOf(row: UserRow): User {
    const isEmailVerified = row.email_verified_at !== null;
    const role = isEmailVerified && row.email === this.#adminEmail ? 'admin' : row.role;
    return {
      account: row.account_id,
      email: row.email,
      passwordHash: row.password_hash,
      role,
      roles: rolesUpTo[role],
      isEmailVerified,
      isFrozen: row.frozen_at !== null,
      securityEpoch: row.security_epoch,
      hasTwoFactor: row.two_factor_at !== null,
      createdAt: row.created_at,
    };
  }
}

type UserRow = Selectable<Database['accounts.users']> & { readonly two_factor_at: TimeUs | null };

function usersIn(db: Kysely<Database>) {
  return db
    .selectFrom('accounts.users as user')
    .leftJoin('accounts.two_factor as two_factor', 'two_factor.account_id', 'user.account_id')
    .selectAll('user')
    .select('two_factor.enabled_at as two_factor_at');
}

/**
 * Makes an account, or nothing when the address has one already; returns whose the address is, and whether it is new.
 * The work is the same, so that the time does not tell who has an account.
 */
export async function signUp(
  db: Kysely<Database>,
  passwords: Passwords,
  { email, password }: Credentials,
): Promise<{ readonly account: AccountId; readonly isNew: boolean }> {
  const inserted = await db
    .insertInto('accounts.users')
    .values({
      email,
      password_hash: await passwords.hash(password),
      created_at: systemClock.nowUs() as TimeUs,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('account_id')
    .executeTakeFirst();
  const { account_id: account } = await db
    .selectFrom('accounts.users')
    .select('account_id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow();
  return { account, isNew: inserted !== undefined };
}

export async function markVerified(db: Kysely<Database>, account: AccountId): Promise<void> {
  await db
    .updateTable('accounts.users')
    .set({ email_verified_at: systemClock.nowUs() as TimeUs })
    .where('account_id', '=', account)
    .where('email_verified_at', 'is', null)
    .execute();
}

/** No session that exists at this moment is valid after it: each carries the epoch that it was opened in. */
export async function raiseSecurityEpoch(db: Kysely<Database>, account: AccountId): Promise<number> {
  const { security_epoch } = await db
    .updateTable('accounts.users')
    .set((user) => ({ security_epoch: user('security_epoch', '+', 1) }))
    .where('account_id', '=', account)
    .returning('security_epoch')
    .executeTakeFirstOrThrow();
  return security_epoch;
}

/** Ends all sessions too; returns the new security epoch. `hash` is the PHC string of the new password. */
export async function setPassword(db: Kysely<Database>, account: AccountId, hash: string): Promise<number> {
  await db
    .updateTable('accounts.users')
    .set({ password_hash: hash })
    .where('account_id', '=', account)
    .execute();
  return raiseSecurityEpoch(db, account);
}
