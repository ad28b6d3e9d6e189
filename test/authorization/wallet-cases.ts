/** Requests to the wallet that are in order. */
import { randomUUID } from 'node:crypto';
import type { AccountId, TimeUs, Units } from '#domain/ids.ts';
import { sandboxAddress } from '#services/wallet/sandbox/custody.ts';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { newEmail, type World } from './world.ts';

/** Waits for an operator. */
const LARGE = '0.21';

const bitcoin = () => ({ asset: 'BTC', address: sandboxAddress(randomUUID()), label: 'elsewhere' });

/** An address in the book of anybody, whether they have two-factor or not. */
async function addressId({ exchange }: World, account: number): Promise<string> {
  const { label, ...rest } = bitcoin();
  const row = { id: randomUUID(), account_id: account as AccountId, label, ...rest };
  const times = { created_at: 0 as TimeUs, usable_at: 0 as TimeUs, removed_at: null };
  await exchange.accounts.db
    .insertInto('wallet.addresses')
    .values({ ...row, ...times })
    .execute();
  return row.id;
}

/** Of somebody who has the money, and may let it go. */
async function withdrawal(world: World, { account, token }: EnrolledUser, amount: string) {
  const { exchange } = world;
  await exchange.fund(account);
  await exchange.accounts.db
    .insertInto('wallet.accounts')
    .values({ account_id: account as AccountId, tier: 2 })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ tier: 2 }))
    .execute();
  const body = { asset: 'BTC', amount, addressId: await addressId(world, account) };
  return { token, body };
}

/** Asks for one, and returns its id. */
async function withdrawalId(world: World, user: EnrolledUser): Promise<string> {
  const { token, body } = await withdrawal(world, user, LARGE);
  const response = await world.exchange.apps.wallet.request('/api/wallet/withdrawals', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const { id } = (await response.json()) as { id: string };
  return id;
}

/** That was lost, and waits for an operator. */
async function lostDepositId({ exchange }: World, account: number): Promise<string> {
  const at = { created_at: 0 as TimeUs, updated_at: 0 as TimeUs, lost_at: 0 as TimeUs };
  const { id } = await exchange.accounts.db
    .insertInto('wallet.deposits')
    .values({
      account_id: account as AccountId,
      asset: 'BTC',
      tx_id: randomUUID(),
      output: 0,
      address: 'nowhere',
      amount: 1 as Units,
      status: 'reversed',
      ...at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return String(id);
}

const ofEnrolled = (world: World) => withdrawalId(world, world.enrolled);
const ofOperator = async (world: World) =>
  [await withdrawalId(world, world.operator), 403, 'OWN_WITHDRAWAL'] as const;

export const walletCases = {
  assets: { as: 'plain' },
  balances: { as: 'plain' },
  ledgerStatement: { as: 'plain', query: 'asset=BTC&from=0&to=1' },
  depositAddress: { as: 'plain', query: 'asset=BTC' },
  deposits: { as: 'plain' },

  addresses: { as: 'plain' },
  addAddress: { as: 'enrolled', body: bitcoin },
  removeAddress: {
    as: 'plain',
    id: (world: World) => addressId(world, world.plain.account),
    othersId: async (world: World) =>
      [await addressId(world, world.stranger.account), 404, 'UNKNOWN_ADDRESS'] as const,
  },

  withdrawals: { as: 'plain' },
  withdraw: {
    as: 'enrolled',
    body: async (world: World) => (await withdrawal(world, world.enrolled, '0.001')).body,
  },
  cancelWithdrawal: {
    as: 'enrolled',
    id: ofEnrolled,
    othersId: async (world: World) =>
      [await withdrawalId(world, world.operator), 404, 'UNKNOWN_WITHDRAWAL'] as const,
  },

  transfers: { as: 'plain' },
  transfer: {
    as: 'enrolled',
    body: async ({ exchange, enrolled, plain }: World) => {
      await exchange.fund(enrolled.account);
      return { asset: 'BTC', amount: '0.001', toAccount: plain.account };
    },
  },

  faucet: { as: 'plain', body: () => ({ asset: 'BTC', amount: '0.01' }) },

  reserves: {},
  // Enrolled or not: there is no report yet to be had.
  reservesProof: { as: 'enrolled' },

  approvals: { as: 'operator' },
  approve: { as: 'operator', id: ofEnrolled, othersId: ofOperator },
  reject: { as: 'operator', id: ofEnrolled, othersId: ofOperator, body: () => ({ reason: 'odd' }) },
  lostDeposits: { as: 'operator' },
  releaseDeposit: {
    as: 'operator',
    id: async (world: World) =>
      lostDepositId(world, (await world.exchange.accounts.newUser(newEmail())).account),
    othersId: async (world: World) =>
      [await lostDepositId(world, world.operator.account), 403, 'OWN_DEPOSIT'] as const,
    body: () => ({ reason: 'paid' }),
  },
  setTier: {
    as: 'operator',
    id: async ({ exchange: { accounts } }: World) => String((await accounts.newUser(newEmail())).account),
    body: () => ({ tier: 1 }),
    othersId: ({ operator }: World) => [String(operator.account), 403, 'OWN_LIMITS'] as const,
  },

  coins: { parameters: {} },
  coinAddress: { parameters: { coin: 'BTC' } },
  depositHistory: { parameters: {} },
  withdrawAddresses: { parameters: {} },
  withdrawHistory: { parameters: {} },
  applyWithdrawal: { parameters: { coin: 'BTC', amount: '0.001', address: sandboxAddress('elsewhere') } },
} as const;
