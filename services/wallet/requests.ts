/** What requests of the wallet may say. */
import { z } from 'zod';
import { limit, line, type RequestSchema, text, whole } from '#platform/people-api/requests.ts';
import type { routes } from './routes.ts';
import { CURSOR, placeOf } from './statement.ts';

/** Most rows of one answer. */
const ROWS_MAX = 100;
const MOVEMENTS_MAX = 1_000;
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
/** The last moment that `Date` knows: ECMA-262, section 21.4.1.1. */
const milliseconds = whole(8_640_000_000_000_000);

export const requests = {
  assets: { summary: 'On what terms assets come in and leave, and how much may still leave today.' },
  balances: { summary: 'What you have: free to use, and held by orders and withdrawals.' },
  ledgerStatement: {
    summary:
      'What moved your balance of an asset from a moment to another, both in milliseconds since 1970, with the balance after each movement and before and after all; ask for the next page by cursor, the next of this one. As CSV the header Link has it.',
    query: z
      .strictObject({
        asset,
        /** Milliseconds since 1970, both inclusive. */
        from: milliseconds,
        to: milliseconds,
        cursor: z.string().regex(CURSOR, 'must be the next of a page').transform(placeOf).optional(),
        limit: limit(MOVEMENTS_MAX),
        format: z.enum(['json', 'csv'], 'must be one of json, csv').default('json'),
      })
      .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not lie before from' }),
  },
  depositAddress: {
    summary: 'Where your deposits of an asset go; always the same.',
    query: z.strictObject({ asset }),
  },
  deposits: {
    summary: 'Your deposits, the newest first; the next page by before, the id of the last one of this.',
    query: z.strictObject({ asset: asset.optional(), before, limit: limit(ROWS_MAX) }),
  },
  addresses: { summary: 'Your address book: where you may withdraw to.' },
  addAddress: {
    summary: 'Adds an address to your book; it can be withdrawn to once its cool-down is over.',
    body: z.strictObject({ asset, address: text(ADDRESS_CHARS_MAX), label: line(LABEL_CHARS_MAX) }),
  },
  removeAddress: { summary: 'Removes an address from your book; withdrawals that are under way go on.' },
  withdrawals: {
    summary:
      'Your withdrawals, the newest first; the next page by before, the createdAt of the last of this.',
    query: z.strictObject({ asset: asset.optional(), before, limit: limit(ROWS_MAX) }),
  },
  withdraw: {
    summary:
      'Withdraws to an address of your book. The fee is part of the amount. With a clientId it can be asked again.',
    body: z.strictObject({ asset, amount, addressId: id, clientId: clientId.optional() }),
  },
  cancelWithdrawal: { summary: 'Calls a withdrawal off that is not being sent yet.' },
  transfers: {
    summary: 'What you sent to other accounts and got from them, the newest first.',
    query: z.strictObject({ before, limit: limit(ROWS_MAX) }),
  },
  transfer: {
    summary: 'Moves money to another account here, at once. With a clientId it can be asked again.',
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
  faucet: {
    summary:
      'Sends you money that is worth nothing, by the sandbox chain, so much within a day; not in production.',
    body: z.strictObject({ asset, amount }),
  },
  reserves: {
    summary: 'What the exchange owes and holds of each asset, and the root of the tree that proves it.',
  },
  reservesProof: { summary: 'Proves that your balances are in what the exchange says it owes.' },
  approvals: {
    summary: 'Withdrawals that wait for an operator, the oldest first.',
    query: z.strictObject({ limit: limit(ROWS_MAX) }),
  },
  approve: { summary: 'Lets a withdrawal of somebody else go.' },
  reject: {
    summary: 'Refuses a withdrawal of somebody else; its money is available again.',
    body: z.strictObject({ reason: line(REASON_CHARS_MAX) }),
  },
  lostDeposits: {
    summary:
      'Deposits that their chain took back and their account could not cover: nothing leaves it until an operator releases them; the oldest first.',
    query: z.strictObject({ limit: limit(ROWS_MAX) }),
  },
  releaseDeposit: {
    summary:
      'Lets money leave an account again that lost a deposit; what is still owed goes on being taken back.',
    body: z.strictObject({ reason: line(REASON_CHARS_MAX) }),
  },
  setTier: {
    summary: 'Sets how much may leave an account within a day, by its tier.',
    body: z.strictObject({
      tier: z
        .int('must be a whole number')
        .min(0, 'must be 0 or more')
        .max(TIER_MAX, `must be at most ${TIER_MAX}`),
    }),
  },
} satisfies { readonly [K in keyof typeof routes]?: RequestSchema };
