/** What leaves an account: withdrawals to its address book, and transfers to other accounts. */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import { addAddress, isUuid, listAddresses, removeAddress } from './addresses.ts';
import { authenticated, unitsOf, type WalletDeps } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { shownAddress, shownTransfer, shownWithdrawal } from './shown.ts';
import { listTransfers, transfer } from './transfers.ts';
import { cancelWithdrawal, listWithdrawals, withdraw } from './withdrawals.ts';

/** A list goes on before a row, whose time people have in milliseconds. */
const pageOf = <Q extends { readonly before?: number | undefined }>({ before, ...rest }: Q) => ({
  ...rest,
  before: before === undefined ? undefined : ((before * 1_000) as TimeUs),
});

export function withdrawalEndpoints(deps: WalletDeps) {
  const { db, assets } = deps;
  return {
    addresses: authenticated(deps, 'addresses', async (_, { user }) => ({
      json: (await listAddresses(db, user.account)).map(shownAddress),
    })),

    addAddress: authenticated(deps, 'addAddress', async ({ body }, { user }) => {
      const asset = assets.named(body.asset);
      const added = await addAddress(deps, user.account, { ...body, asset });
      return { status: 201, json: shownAddress(added) };
    }),

    removeAddress: authenticated(deps, 'removeAddress', async ({ context }, { user }) => {
      await removeAddress(db, user.account, context.req.param('id') ?? '');
      return {};
    }),

    withdrawals: authenticated(deps, 'withdrawals', async ({ query }, { user }) => {
      const rows = await listWithdrawals(db, user.account, pageOf(query));
      return { json: rows.map((row) => shownWithdrawal(assets, row)) };
    }),

    withdraw: authenticated(deps, 'withdraw', async ({ body }, { user }) => {
      const asset = assets.named(body.asset);
      const amount = unitsOf(body.amount, asset);
      if (amount < asset.min)
        throw refusals.invalidField('amount', `must be at least ${formatDecimal(asset.min, asset.scale)}`);
      const { addressId: id, clientId = null } = body;
      const made = await withdraw(deps, user.account, { asset, amount, to: { id }, clientId });
      return { status: 201, json: shownWithdrawal(assets, made) };
    }),

    cancelWithdrawal: authenticated(deps, 'cancelWithdrawal', async ({ context }, { user }) => {
      const canceled = await cancelWithdrawal(deps, user.account, withdrawalId(context.req.param('id')));
      return { json: shownWithdrawal(assets, canceled) };
    }),

    transfers: authenticated(deps, 'transfers', async ({ query }, { user }) => {
      const rows = await listTransfers(db, user.account, pageOf(query));
      return { json: rows.map((row) => shownTransfer(assets, user.account, row)) };
    }),

    transfer: authenticated(deps, 'transfer', async ({ body }, { user }) => {
      const asset = assets.named(body.asset);
      const made = await transfer(deps, user.account, {
        asset,
        amount: unitsOf(body.amount, asset),
        toAccount: body.toAccount as AccountId,
        clientId: body.clientId ?? null,
      });
      return { status: 201, json: shownTransfer(assets, user.account, made) };
    }),
  };
}

/** @throws {Refusal} 404 for what is no id. */
export function withdrawalId(text = ''): string {
  if (!isUuid(text)) throw refusals.unknownWithdrawal();
  return text;
}
