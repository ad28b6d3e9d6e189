/** Who has an account. */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { Passwords } from './passwords.ts';

export interface Credentials {
  /** In lower case: addresses differ in case only by accident. */
  readonly email: string;
  readonly password: string;
}

/**
 * Makes an account, or nothing when the address has one already. Neither the result nor the time tells which, so
 * that nobody learns here who has an account; the owner of the address finds out by logging in.
 */
export async function signUp(
  db: Kysely<Database>,
  passwords: Passwords,
  { email, password }: Credentials,
): Promise<void> {
  await db
    .insertInto('accounts.users')
    .values({
      email,
      password_hash: await passwords.hash(password),
      created_at: (Date.now() * 1_000) as TimeUs,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .execute();
}

/** The account, or undefined for a wrong password and for an unknown address alike, in the same time. */
export async function logIn(
  db: Kysely<Database>,
  passwords: Passwords,
  { email, password }: Credentials,
): Promise<AccountId | undefined> {
  const user = await db
    .selectFrom('accounts.users')
    .select(['account_id', 'password_hash'])
    .where('email', '=', email)
    .executeTakeFirst();
  return (await passwords.matches(password, user?.password_hash)) ? user?.account_id : undefined;
}

/** Undefined when there is no such account. */
export async function emailOf(db: Kysely<Database>, account: AccountId): Promise<string | undefined> {
  const user = await db
    .selectFrom('accounts.users')
    .select('email')
    .where('account_id', '=', account)
    .executeTakeFirst();
  return user?.email;
}
