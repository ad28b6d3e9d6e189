/** What operators and admins may ask for. */
import type { Context } from 'hono';
import type { AccountId } from '#domain/ids.ts';
import type { Client } from '#platform/sessions/session-store.ts';
import { type AccountsDeps, authenticated, type Caller } from './endpoint.ts';
import { freeze, setRole, shownUser, subordinate, unfreeze } from './operators.ts';
import { refusals } from './refusal.ts';
import { recordEvent, type SecurityEventName } from './security-events.ts';
import { raiseSecurityEpoch } from './users.ts';

export function operatorEndpoints(deps: AccountsDeps) {
  const { db, users, sessions, twoFactor, background, mailer, mails } = deps;

  const target = ({ user }: Caller, context: Context) => {
    const id = context.req.param('id') ?? '';
    if (!/^[1-9]\d{0,14}$/.test(id)) throw refusals.unknownUser();
    return subordinate(db, users, user, Number(id) as AccountId);
  };
  const record = (
    event: SecurityEventName,
    account: AccountId,
    caller: Caller,
    client: Client,
    detail: string,
  ) => recordEvent(db, { event, account, actor: caller.user.account, client, detail });

  return {
    users: authenticated(deps, 'users', async ({ query }) => ({
      json: (await users.list(db, query)).map(shownUser),
    })),

    freeze: authenticated(deps, 'freeze', async ({ context, body, client }, caller) => {
      const { account } = await target(caller, context);
      await record('frozen', account, caller, client, body.reason);
      await db.transaction().execute((transaction) => freeze(transaction, account));
      await sessions.endAll(account);
      return {};
    }),

    unfreeze: authenticated(deps, 'unfreeze', async ({ context, body, client }, caller) => {
      const { account } = await target(caller, context);
      await record('unfrozen', account, caller, client, body.reason);
      await unfreeze(db, account);
      return {};
    }),

    setRole: authenticated(deps, 'setRole', async ({ context, body: { role }, client }, caller) => {
      const { account } = await target(caller, context);
      await record('role-changed', account, caller, client, role);
      await db.transaction().execute((transaction) => setRole(transaction, account, role));
      await sessions.endAll(account);
      return {};
    }),

    /** For whoever lost the device and the recovery codes, once somebody has made sure who is asking. */
    resetTwoFactor: authenticated(deps, 'resetTwoFactor', async ({ context, body, client }, caller) => {
      const { account, email } = await target(caller, context);
      await record('two-factor-reset', account, caller, client, body.reason);
      await db.transaction().execute(async (transaction) => {
        await twoFactor.disable(transaction, account);
        await raiseSecurityEpoch(transaction, account);
      });
      await sessions.endAll(account);
      background.start(() => mailer.send(mails.changed(email, 'Two-factor was turned off by our staff')));
      return {};
    }),
  };
}
