/** What this service answers with. */
import { z } from 'zod';
import { LEDGER_EVENTS } from '#domain/ledger.ts';
import type { DepositStatus, WithdrawalStatus } from '#platform/database.ts';
import { type Answers, amount, id, milliseconds } from '#platform/people-api/answers.ts';
import type { requests } from './requests.ts';

const deposit = z.object({
  id,
  asset: z.string(),
  amount,
  address: z.string(),
  txId: z.string(),
  output: z.int(),
  status: z.enum([
    'pending',
    'crediting',
    'credited',
    'missing',
    'reversing',
    'reversed',
    'final',
    'gone',
  ] satisfies DepositStatus[]),
  confirmations: z.int(),
  createdAt: milliseconds,
});
const lostDeposit = deposit.extend({ accountId: id, owed: amount, lostAt: milliseconds });
const address = z.object({
  id: z.uuid(),
  asset: z.string(),
  address: z.string(),
  label: z.string(),
  createdAt: milliseconds,
  usableAt: milliseconds,
});
const withdrawal = z.object({
  id: z.uuid(),
  clientId: z.string().nullable(),
  asset: z.string(),
  amount,
  fee: amount,
  address: z.string(),
  status: z.enum([
    'requested',
    'pending',
    'approved',
    'sending',
    'sent',
    'arrived',
    'completed',
    'canceling',
    'canceled',
    'rejecting',
    'rejected',
    'failing',
    'failed',
    'refused',
  ] satisfies WithdrawalStatus[]),
  txId: z.string().nullable(),
  reason: z.string(),
  createdAt: milliseconds,
  updatedAt: milliseconds,
});
const transfer = z.object({
  id: z.uuid(),
  clientId: z.string().nullable(),
  fromAccount: id,
  toAccount: id,
  asset: z.string(),
  amount,
  status: z.enum(['requested', 'completed', 'refused']),
  createdAt: milliseconds,
});
/** Of the reserves: what is hashed and how is in `reserves/proof.ts`. */
const root = z.object({ hash: z.string(), sum: z.string() });
const reserves = z.object({
  format: z.string(),
  seq: z.int().nullable(),
  madeAt: milliseconds.nullable(),
});

export const answers = {
  assets: z.array(
    z.object({
      asset: z.string(),
      decimals: z.int(),
      confirmations: z.int(),
      withdrawalFee: amount,
      withdrawalMin: amount,
      approvalAbove: amount,
      dailyMax: amount,
      leftToday: amount,
    }),
  ),
  balances: z.array(z.object({ asset: z.string(), available: amount, held: amount })),
  ledgerStatement: z.object({
    asset: z.string(),
    from: milliseconds,
    to: milliseconds,
    opening: amount,
    closing: amount,
    inWithdrawals: amount,
    movements: z.array(
      z.object({
        time: milliseconds,
        event: z.enum(LEDGER_EVENTS),
        amount,
        fee: amount,
        balance: amount,
        symbol: z.string().nullable(),
        tradeId: z.int().nullable(),
        reference: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  depositAddress: z.object({ asset: z.string(), address: z.string(), confirmations: z.int() }),
  deposits: z.array(deposit),
  addresses: z.array(address),
  addAddress: address,
  withdrawals: z.array(withdrawal),
  withdraw: withdrawal,
  cancelWithdrawal: withdrawal,
  transfers: z.array(transfer),
  transfer,
  faucet: z.object({ asset: z.string(), address: z.string() }),
  reserves: reserves.extend({
    assets: z.array(z.object({ asset: z.string(), owed: amount, held: amount, leaves: z.int(), root })),
  }),
  reservesProof: reserves.extend({
    proofs: z.array(
      z.object({
        asset: z.string(),
        seq: z.int(),
        account: id,
        amount: z.string(),
        salt: z.string(),
        index: z.int(),
        leaves: z.int(),
        path: z.array(root),
        root,
      }),
    ),
  }),
  approvals: z.array(withdrawal.extend({ accountId: id })),
  approve: withdrawal,
  reject: withdrawal,
  lostDeposits: z.array(lostDeposit),
  releaseDeposit: lostDeposit,
} satisfies { readonly [K in keyof typeof requests]?: Answers[string] };
