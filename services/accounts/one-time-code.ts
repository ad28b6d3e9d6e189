/** A one-time code is checked: counted first, used up, recorded. */

import type { Client } from '#platform/sessions/session-store.ts';
import type { AccountsDeps } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { recordEvent } from './security-events.ts';
import type { User } from './users.ts';

/** @throws {Refusal} 403 for a wrong code, 429 after too many. */
export async function requireCode(
  { db, twoFactor, attempts, background, mailer, mails }: AccountsDeps,
  { account, email }: User,
  code: string,
  client: Client,
): Promise<void> {
  attempts.code(account);
  const kind = await twoFactor.use(db, account, code);
  if (kind === undefined) {
    await recordEvent(db, { event: 'one-time-code-failed', account, client });
    throw refusals.wrongCode();
  }
  attempts.rightCode(account);
  if (kind === 'totp') return;
  await recordEvent(db, { event: 'recovery-code-used', account, client });
  background.start(() => mailer.send(mails.changed(email, 'A recovery code was used')));
}
