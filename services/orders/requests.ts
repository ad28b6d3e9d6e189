/** What requests of people may say: the parameters of `/api/v3` as JSON, which its use cases then judge. */
import { z } from 'zod';
import { ORDER_TYPES, SELF_TRADE_PREVENTIONS, SIDES, TIMES_IN_FORCE } from '#domain/orders.ts';
import { limit, type RequestSchema, whole } from '#platform/people-api/requests.ts';
import { CLIENT_ID, DECIMAL, SYMBOL } from '#platform/spot-api/parameters.ts';
import type { routes } from './routes.ts';

const ORDERS_MAX = 500;
const TRADES_MAX = 500;
const TRANSACTIONS_MAX = 500;
const ASSET = /^[A-Z0-9]{1,24}$/;
/** As `services/platform/history-items.ts` makes them. */
const ENTRY_ID = /^\d{16}(-\d{16})?-[A-Z_]{1,24}$/;

const oneOf = <const C extends readonly string[]>(choices: C) =>
  z.enum(choices, `must be one of ${choices.join(', ')}`);
const symbol = z
  .string('must be a text')
  .regex(SYMBOL.pattern, 'must be a market, such as BTCUSDT')
  .meta({ examples: ['BTCUSDT'] });
const amount = z
  .string('must be a text')
  .regex(DECIMAL.pattern, 'must be a decimal number in a text, such as "0.25"')
  .meta({ examples: ['0.25'] });
const clientOrderId = z
  .string('must be a text')
  .regex(CLIENT_ID.pattern, 'must have 1 to 36 letters, digits, - or _');
const id = whole(Number.MAX_SAFE_INTEGER);
const milliseconds = whole(Number.MAX_SAFE_INTEGER);

export const requests = {
  createOrder: {
    summary: 'Places an order, by the rules of POST /api/v3/order; amounts are texts.',
    body: z.strictObject({
      symbol,
      side: oneOf(SIDES),
      type: oneOf(ORDER_TYPES),
      timeInForce: oneOf(TIMES_IN_FORCE).optional(),
      quantity: amount.optional(),
      quoteOrderQty: amount.optional(),
      price: amount.optional(),
      stopPrice: amount.optional(),
      trailingDelta: z.int('must be a whole number of basis points').min(0, 'must be 0 or more').optional(),
      icebergQty: amount.optional(),
      newClientOrderId: clientOrderId.optional(),
      selfTradePreventionMode: oneOf(SELF_TRADE_PREVENTIONS).optional(),
    }),
  },
  endOrder: {
    summary: 'Cancels an open order, and with it the list it belongs to.',
    query: z.strictObject({ symbol }),
  },
  orderById: { summary: 'One of your orders, open or not.', query: z.strictObject({ symbol }) },
  listOrders: {
    summary:
      'Your open orders in the order of their placing; or, with status=all, all of them, the newest first: ask for the next page by before, the last orderId of this one.',
    query: z.strictObject({
      status: oneOf(['open', 'all']).default('open'),
      symbol: symbol.optional(),
      /** Of the history: those placed before this order. */
      before: id.optional(),
      limit: limit(ORDERS_MAX),
    }),
  },
  listTrades: {
    summary:
      'Your trades on a market, the newest first: ask for the next page by before, the last id of this one.',
    query: z.strictObject({
      symbol,
      orderId: id.optional(),
      before: id.optional(),
      limit: limit(TRADES_MAX),
    }),
  },
  transactions: {
    summary:
      'What happened to your account: deposits, withdrawals, transfers and trades, the newest first, some seconds late: ask for the next page by before, the last id of this one.',
    query: z.strictObject({
      /** Of trades, those of markets whose base it is. */
      asset: z
        .string()
        .regex(ASSET, 'must be an asset, such as BTC')
        .meta({ examples: ['BTC'] })
        .optional(),
      before: z.string().regex(ENTRY_ID, 'must be the id of a transaction').optional(),
      limit: limit(TRANSACTIONS_MAX),
    }),
  },
  statement: {
    summary:
      'What you traded from a moment to another, both in milliseconds since 1970, and what that came to by asset; or the trades as CSV.',
    query: z
      .strictObject({
        /** Milliseconds since 1970, both inclusive. */
        from: milliseconds,
        to: milliseconds,
        format: oneOf(['json', 'csv']).default('json'),
      })
      .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not lie before from' }),
  },
} satisfies { readonly [K in keyof typeof routes]?: RequestSchema };
