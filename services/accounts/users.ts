/** Who has an account. */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { hashPassword, isPassword } from './password.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Addresses differ in case only by accident. */
const normalized = (email: string) => email.trim().toLowerCase();

/** The new account, or undefined when the address has one; both take the time of a hash. */
export async function signUp(
  db: Kysely<Database>,
  { email, password }: Credentials,
): Promise<AccountId | undefined> {
  const user = await db
    .insertInto('accounts.users')
    .values({
      email: normalized(email),
      password_hash: await hashPassword(password),
      created_at: (Date.now() * 1_000) as TimeUs,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('account_id')
    .executeTakeFirst();
  return user?.account_id;
}

/** The account, or undefined for a wrong password and for an unknown address alike, in the same time. */
export async function logIn(
  db: Kysely<Database>,
  { email, password }: Credentials,
): Promise<AccountId | undefined> {
  const user = await db
    .selectFrom('accounts.users')
    .select(['account_id', 'password_hash'])
    .where('email', '=', normalized(email))
    .executeTakeFirst();
  return (await isPassword(password, user?.password_hash)) ? user?.account_id : undefined;
}

export async function emailOf(db: Kysely<Database>, account: AccountId): Promise<string | undefined> {
  const user = await db
    .selectFrom('accounts.users')
    .select('email')
    .where('account_id', '=', account)
    .executeTakeFirst();
  return user?.email;
}
