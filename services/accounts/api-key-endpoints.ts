/** A user's API keys. */
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { type AccountsDeps, authenticated } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { recordEvent } from './security-events.ts';

export function apiKeyEndpoints(deps: AccountsDeps) {
  const { db, encryptionKey, background, mailer, mails } = deps;
  return {
    createApiKey: authenticated(deps, 'createApiKey', async ({ body, client }, { user }) => {
      const { account, email, isEmailVerified } = user;
      if (!isEmailVerified) throw refusals.emailNotVerified();
      if (body.canWithdraw && !user.hasTwoFactor) throw refusals.twoFactorIsOff();
      const created = await db.transaction().execute(async (transaction) => {
        const key = await createApiKey(transaction, encryptionKey, account, body);
        await recordEvent(transaction, { event: 'api-key-created', account, client, detail: key.label });
        return key;
      });
      background.start(() => mailer.send(mails.changed(email, `The API key ${created.label} was created`)));
      return { status: 201, json: created };
    }),

    apiKeys: authenticated(deps, 'apiKeys', async (_, { user }) => ({
      json: await listApiKeys(db, user.account),
    })),

    revokeApiKey: authenticated(deps, 'revokeApiKey', async ({ context, client }, { user }) => {
      const { account } = user;
      const id = context.req.param('id') ?? '';
      if (!/^\d{1,15}$/.test(id)) throw refusals.unknownApiKey();
      await db.transaction().execute(async (transaction) => {
        const label = await revokeApiKey(transaction, account, Number(id));
        if (label === undefined) throw refusals.unknownApiKey();
        await recordEvent(transaction, { event: 'api-key-revoked', account, client, detail: label });
      });
      return {};
    }),
  };
}
