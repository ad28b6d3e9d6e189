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
  assets: {},
  balances: {},
  depositAddress: { query: z.strictObject({ asset }) },
  deposits: {
    query: z.strictObject({ asset: asset.optional(), before, limit: limit(ROWS_MAX) }),
  },
  addresses: {},
  addAddress: {
    body: z.strictObject({ asset, address: text(ADDRESS_CHARS_MAX), label: line(LABEL_CHARS_MAX) }),
  },
  removeAddress: {},
  withdrawals: {
    query: z.strictObject({ asset: asset.optional(), before, limit: limit(ROWS_MAX) }),
  },
  withdraw: {
    body: z.strictObject({ asset, amount, addressId: id, clientId: clientId.optional() }),
  },
  cancelWithdrawal: {},
  transfers: { query: z.strictObject({ before, limit: limit(ROWS_MAX) }) },
  transfer: {
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
  faucet: { body: z.strictObject({ asset, amount }) },
  reserves: {},
  reservesProof: {},
  approvals: { query: z.strictObject({ limit: limit(ROWS_MAX) }) },
  approve: {},
  reject: { body: z.strictObject({ reason: line(REASON_CHARS_MAX) }) },
  setTier: {
    body: z.strictObject({
      tier: z
        .int('must be a whole number')
        .min(0, 'must be 0 or more')
        .max(TIER_MAX, `must be at most ${TIER_MAX}`),
    }),
  },
} satisfies Readonly<Record<keyof typeof routes, RequestSchema>>;
