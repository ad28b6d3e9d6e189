/** Signing up, proving the address, and coming back with a new password. */

import { issueEmailToken, useEmailToken } from './email-tokens.ts';
import { type AccountsDeps, authenticated, open } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { recordEvent } from './security-events.ts';
import { markVerified, setPassword, signUp, type User } from './users.ts';

export function signUpEndpoints(deps: AccountsDeps) {
  const { db, users, passwords, sessions, attempts, background, mailer, mails } = deps;

  const sendVerification = ({ account, email }: Pick<User, 'account' | 'email'>) =>
    background.start(async () => {
      await mailer.send(mails.verify(email, await issueEmailToken(db, account, 'verify')));
    });

  return {
    /** Neither the answer nor its time tells whether the address has an account; the mail to its owner does. */
    signUp: open(deps, 'signUp', async ({ body, client }) => {
      attempts.signUp(client.address);
      const { account, isNew } = await signUp(db, passwords, body);
      await recordEvent(db, { event: isNew ? 'signed-up' : 'sign-up-repeated', account, client });
      if (isNew) sendVerification({ account, email: body.email });
      else background.start(() => mailer.send(mails.alreadySignedUp(body.email)));
      return { status: 202, json: { email: body.email } };
    }),

    verifyEmail: open(deps, 'verifyEmail', async ({ body, client }) => {
      attempts.token(client.address);
      await db.transaction().execute(async (transaction) => {
        const account = await useEmailToken(transaction, 'verify', body.token);
        if (account === undefined) throw refusals.invalidEmailToken();
        await markVerified(transaction, account);
        await recordEvent(transaction, { event: 'email-verified', account, client });
      });
      return {};
    }),

    resendVerification: authenticated(deps, 'resendVerification', async ({ client }, { user }) => {
      attempts.mail(user.email, client.address);
      if (!user.isEmailVerified) sendVerification(user);
      return { status: 202, json: { email: user.email } };
    }),

    /** The same answer for every address, before anything is sent. */
    requestPasswordReset: open(deps, 'requestPasswordReset', async ({ body: { email }, client }) => {
      attempts.mail(email, client.address);
      const user = await users.findByEmail(db, email);
      await recordEvent(db, { event: 'password-reset-requested', account: user?.account, client });
      if (user !== undefined) {
        background.start(async () => {
          await mailer.send(mails.reset(email, await issueEmailToken(db, user.account, 'reset')));
        });
      }
      return { status: 202, json: { email } };
    }),

    /** Two-factor stays on: whoever reads the mail is not yet whoever has the device. */
    resetPassword: open(deps, 'resetPassword', async ({ body, client }) => {
      attempts.token(client.address);
      const hash = await passwords.hash(body.password);
      const account = await db.transaction().execute(async (transaction) => {
        const owner = await useEmailToken(transaction, 'reset', body.token);
        if (owner === undefined) throw refusals.invalidEmailToken();
        await setPassword(transaction, owner, hash);
        await markVerified(transaction, owner);
        await recordEvent(transaction, { event: 'password-reset', account: owner, client });
        return owner;
      });
      await sessions.endAll(account);
      const user = await users.find(db, account);
      if (user !== undefined)
        background.start(() => mailer.send(mails.changed(user.email, 'Your password was reset')));
      return {};
    }),
  };
}
