/** What requests of people may say: the parameters of `/api/v3` as JSON, which its use cases then judge. */
import { z } from 'zod';
import { ORDER_TYPES, SELF_TRADE_PREVENTIONS, SIDES, TIMES_IN_FORCE } from '#domain/orders.ts';
import { limit, type RequestSchema, whole } from '#platform/people-api/requests.ts';
import { CLIENT_ID, DECIMAL, SYMBOL } from '#platform/spot-api/parameters.ts';
import type { routes } from './routes.ts';

const ORDERS_MAX = 500;
const TRADES_MAX = 500;

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
  endOrder: { query: z.strictObject({ symbol }) },
  orderById: { query: z.strictObject({ symbol }) },
  listOrders: {
    query: z.strictObject({
      status: oneOf(['open', 'all']).default('open'),
      symbol: symbol.optional(),
      /** Of the history: those placed before this order. */
      before: id.optional(),
      limit: limit(ORDERS_MAX),
    }),
  },
  listTrades: {
    query: z.strictObject({
      symbol,
      orderId: id.optional(),
      before: id.optional(),
      limit: limit(TRADES_MAX),
    }),
  },
  statement: {
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
