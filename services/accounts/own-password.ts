/** The password again, from somebody who is logged in: a device left open is not enough for what lasts. */

import type { Client } from '#platform/sessions/session-store.ts';
import type { AccountsDeps, Caller } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { recordEvent } from './security-events.ts';

/**
 * @param field The one that has the password, for the refusal.
 * @throws {Refusal} 403 when it is not the caller's password, 429 after too many.
 */
export async function requireOwnPassword(
  { db, passwords, attempts }: AccountsDeps,
  { user }: Caller,
  field: string,
  password: string,
  client: Client,
): Promise<void> {
  attempts.logIn(user.email, client.address);
  if (!(await passwords.matches(password, user.passwordHash))) {
    await recordEvent(db, { event: 'password-failed', account: user.account, client });
    throw refusals.wrongPassword(field);
  }
  attempts.loggedIn(user.email, client.address);
}
