/** What operators decide on: large withdrawals, and accounts' limits. */
import { accountOf, authenticated, type WalletDeps } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { shownWithdrawal } from './shown.ts';
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
