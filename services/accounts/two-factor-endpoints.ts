/** Turning two-factor on and off. */
import { type AccountsDeps, authenticated } from './endpoint.ts';
import { requireOwnPassword } from './own-password.ts';
import { refusals } from './refusal.ts';
import { recordEvent } from './security-events.ts';

export function twoFactorEndpoints(deps: AccountsDeps) {
  const { db, twoFactor, attempts, background, mailer, mails } = deps;
  const tell = (email: string, what: string) =>
    background.start(() => mailer.send(mails.changed(email, what)));

  return {
    /** Of a confirmed address only: whoever signed up with somebody else's could lock its owner out. */
    startTwoFactor: authenticated(deps, 'startTwoFactor', async ({ body, client }, caller) => {
      const { account, email, isEmailVerified } = caller.user;
      if (!isEmailVerified) throw refusals.emailNotVerified();
      await requireOwnPassword(deps, caller, 'password', body.password, client);
      const started = await twoFactor.start(db, account, email);
      await recordEvent(db, { event: 'two-factor-started', account, client });
      return { status: 201, json: started };
    }),

    enableTwoFactor: authenticated(deps, 'enableTwoFactor', async ({ body, client }, { user }) => {
      const { account, email } = user;
      attempts.code(account);
      const recoveryCodes = await db.transaction().execute(async (transaction) => {
        const codes = await twoFactor.enable(transaction, account, body.code);
        if (codes !== undefined)
          await recordEvent(transaction, { event: 'two-factor-enabled', account, client });
        return codes;
      });
      if (recoveryCodes === undefined) throw refusals.wrongCode();
      attempts.rightCode(account);
      tell(email, 'Two-factor was turned on');
      return { json: { recoveryCodes } };
    }),

    disableTwoFactor: authenticated(deps, 'disableTwoFactor', async ({ body, client }, caller) => {
      const { account, email } = caller.user;
      await requireOwnPassword(deps, caller, 'password', body.password, client);
      await db.transaction().execute(async (transaction) => {
        await twoFactor.disable(transaction, account);
        await recordEvent(transaction, { event: 'two-factor-disabled', account, client });
      });
      tell(email, 'Two-factor was turned off');
      return {};
    }),

    renewRecoveryCodes: authenticated(deps, 'renewRecoveryCodes', async ({ client }, { user }) => {
      const { account } = user;
      const recoveryCodes = await db.transaction().execute(async (transaction) => {
        await recordEvent(transaction, { event: 'recovery-codes-renewed', account, client });
        return twoFactor.renewRecoveryCodes(transaction, account);
      });
      return { json: { recoveryCodes } };
    }),
  };
}
