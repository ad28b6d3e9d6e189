/** What operators decide on: large withdrawals, accounts that lost a deposit, and accounts' limits. */
import { accountOf, authenticated, type WalletDeps } from './endpoint.ts';
import { listLostDeposits, releaseDeposit } from './lost-deposits.ts';
import { refusals } from './refusal.ts';
import { shownLostDeposit, shownWithdrawal } from './shown.ts';
import { exists, setTier } from './standing.ts';
import { withdrawalId } from './withdrawal-endpoints.ts';
import { approve, listPending, reject } from './withdrawals.ts';

export function operatorEndpoints(deps: WalletDeps) {
  const { db, assets } = deps;
  return {
    /** The oldest first. */
    approvals: authenticated(deps, 'approvals', async ({ query }) => {
      const rows = await listPending(db, query.limit);
      return {
        json: rows.map((row) => ({ ...shownWithdrawal(assets, row), accountId: row.account_id })),
      };
    }),

    approve: authenticated(deps, 'approve', async ({ context }, { user }) => {
      const approved = await approve(deps, user.account, withdrawalId(context.req.param('id')));
      return { json: shownWithdrawal(assets, approved) };
    }),

    reject: authenticated(deps, 'reject', async ({ context, body }, { user }) => {
      const id = withdrawalId(context.req.param('id'));
      const rejected = await reject(deps, user.account, id, body.reason);
      return { json: shownWithdrawal(assets, rejected) };
    }),

    lostDeposits: authenticated(deps, 'lostDeposits', async ({ query }) => ({
      json: (await listLostDeposits(db, query.limit)).map((row) => shownLostDeposit(assets, row)),
    })),

    releaseDeposit: authenticated(deps, 'releaseDeposit', async ({ context, body }, { user }) => {
      const id = depositId(context.req.param('id'));
      const released = await releaseDeposit(db, user.account, id, body.reason);
      const { account_id: account } = released;
      deps.log.warn(
        { deposit: id, account, operator: user.account },
        'an account that lost a deposit is released',
      );
      return { json: shownLostDeposit(assets, released) };
    }),

    setTier: authenticated(deps, 'setTier', async ({ context, body }, { user }) => {
      const account = accountOf(context.req.param('id'));
      if (account === user.account) throw refusals.ownLimits();
      if (!(await exists(db, account))) throw refusals.unknownAccount();
      deps.log.warn({ account, tier: body.tier, operator: user.account }, 'limits of an account are changed');
      await setTier(db, account, body.tier);
      return {};
    }),
  };
}

/** @throws {Refusal} 404 for what is no id. */
function depositId(text = ''): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw refusals.unknownDeposit();
  return Number(text);
}
