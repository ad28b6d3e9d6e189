/** What requests of the wallet may say. */
import { z } from 'zod';
import { limit, line, type RequestSchema, text, whole } from '#platform/people-api/requests.ts';
import type { routes } from './routes.ts';

/** Most rows of one answer. */
const ROWS_MAX = 100;
const LABEL_CHARS_MAX = 64;
const REASON_CHARS_MAX = 200;
/** Longer than the longest address of any chain that is in use. */
const ADDRESS_CHARS_MAX = 128;
const CLIENT_ID_CHARS_MAX = 36;
const ACCOUNTS_MAX = 2 ** 31 - 1;
const TIER_MAX = 15;

const asset = z.string('must be a text').regex(/^[A-Z0-9]{1,24}$/, 'must be an asset, such as BTC');
const amount = z
  .string('must be a text')
  .regex(/^\d{1,16}(\.\d{1,16})?$/, 'must be a decimal number in a text, such as "0.25"');
const id = z.uuid('must be an id, as lists have it');
const clientId = z
  .string('must be a text')
  .regex(/^[\w-]+$/, 'must have letters, digits, - or _ only')
  .max(CLIENT_ID_CHARS_MAX, `must have at most ${CLIENT_ID_CHARS_MAX} characters`);
/** Rows of a list before this moment, in milliseconds since 1970; of deposits, before the one of this id. */
const before = whole(Number.MAX_SAFE_INTEGER).optional();

export const requests = {
  assets: { summary: 'The assets, with what a deposit must wait for and a withdrawal costs.' },
  balances: { summary: 'Your balances, what is free and what is held.' },
  depositAddress: { summary: 'Your address for deposits of an asset.', query: z.strictObject({ asset }) },
  deposits: {
    summary: 'Your deposits, the newest first.',
    query: z.strictObject({ asset: asset.optional(), before, limit: limit(ROWS_MAX) }),
  },
  addresses: { summary: 'Your address book: where withdrawals may go.' },
  addAddress: {
    summary: 'Adds an address to your book; it is good for withdrawals after a while.',
    body: z.strictObject({ asset, address: text(ADDRESS_CHARS_MAX), label: line(LABEL_CHARS_MAX) }),
  },
  removeAddress: { summary: 'Takes an address out of your book.' },
  withdrawals: {
    summary: 'Your withdrawals, the newest first.',
    query: z.strictObject({ asset: asset.optional(), before, limit: limit(ROWS_MAX) }),
  },
  withdraw: {
    summary: 'Asks for a withdrawal; the amount is held at once, and large ones wait for an operator.',
    body: z.strictObject({ asset, amount, addressId: id, clientId: clientId.optional() }),
  },
  cancelWithdrawal: { summary: 'Cancels a withdrawal that has not been sent.' },
  transfers: {
    summary: 'Your transfers to and from other accounts, the newest first.',
    query: z.strictObject({ before, limit: limit(ROWS_MAX) }),
  },
  transfer: {
    summary: 'Moves an amount to another account at once.',
    body: z.strictObject({
      asset,
      amount,
      toAccount: z
        .int('must be an account number')
        .min(1, 'must be an account number')
        .max(ACCOUNTS_MAX, 'must be an account number'),
      clientId: clientId.optional(),
    }),
  },
  faucet: { summary: 'Gives test money; not in production.', body: z.strictObject({ asset, amount }) },
  reserves: { summary: 'The sum of what the exchange owes, with the root of its tree.' },
  reservesProof: { summary: 'Your leaf of that tree, and what it takes to verify it.' },
  approvals: {
    summary: 'Withdrawals that wait for an operator.',
    query: z.strictObject({ limit: limit(ROWS_MAX) }),
  },
  approve: { summary: 'Lets a withdrawal go.' },
  reject: {
    summary: 'Rejects a withdrawal; what was held is free again.',
    body: z.strictObject({ reason: line(REASON_CHARS_MAX) }),
  },
  setTier: {
    summary: 'Sets how much an account may withdraw.',
    body: z.strictObject({
      tier: z
        .int('must be a whole number')
        .min(0, 'must be 0 or more')
        .max(TIER_MAX, `must be at most ${TIER_MAX}`),
    }),
  },
} satisfies Readonly<Record<keyof typeof routes, RequestSchema>>;
