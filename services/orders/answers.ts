/** What people are answered with: orders and trades as `/api/v3` tells them, so as `order-view.ts` does. */
import { z } from 'zod';
import {
  ORDER_LIST_STATUSES,
  ORDER_STATUSES,
  ORDER_TYPES,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from '#domain/orders.ts';
import { type Answers, amount, id, milliseconds } from '#platform/people-api/answers.ts';
import type { requests } from './requests.ts';

/** −1 while there is none. */
const idOrNone = z.int().min(-1);
const timeOrNone = z.int().min(-1);

/** What all of them have; the last appear only of orders that have it. */
const order = z.object({
  symbol: z.string(),
  orderId: id,
  orderListId: idOrNone,
  clientOrderId: z.string(),
  price: amount,
  origQty: amount,
  executedQty: amount,
  origQuoteOrderQty: amount,
  cummulativeQuoteQty: amount,
  status: z.enum(ORDER_STATUSES),
  timeInForce: z.enum(TIMES_IN_FORCE),
  type: z.enum(ORDER_TYPES),
  side: z.enum(SIDES),
  selfTradePreventionMode: z.enum(SELF_TRADE_PREVENTIONS),
  expiryReason: z.string().optional(),
  stopPrice: amount.optional(),
  icebergQty: amount.optional(),
  trailingDelta: z.int().optional(),
  trailingTime: timeOrNone.optional(),
  preventedMatchId: z.int().optional(),
  preventedQuantity: amount.optional(),
});
const placedOrder = order.extend({
  transactTime: milliseconds,
  workingTime: timeOrNone,
  fills: z.array(
    z.object({
      price: amount,
      qty: amount,
      commission: amount,
      commissionAsset: z.string(),
      tradeId: z.int(),
    }),
  ),
  preventedMatches: z
    .array(
      z.object({
        preventedMatchId: z.int(),
        makerSymbol: z.string(),
        makerOrderId: id,
        price: amount,
        takerPreventedQuantity: amount.optional(),
        makerPreventedQuantity: amount.optional(),
      }),
    )
    .optional(),
});
const shownOrder = order.extend({
  stopPrice: amount,
  icebergQty: amount,
  time: milliseconds,
  updateTime: milliseconds,
  isWorking: z.boolean(),
  workingTime: timeOrNone,
});
const cancelledOrder = order.extend({ origClientOrderId: z.string(), transactTime: milliseconds });
/** Of an order that took its list along. */
const cancelledList = z.object({
  orderListId: z.int(),
  contingencyType: z.enum(['OCO', 'OTO']),
  listStatusType: z.enum(['EXEC_STARTED', 'ALL_DONE']),
  listOrderStatus: z.enum(ORDER_LIST_STATUSES),
  listClientOrderId: z.string(),
  transactionTime: milliseconds,
  symbol: z.string(),
  orders: z.array(z.object({ symbol: z.string(), orderId: id, clientOrderId: z.string() })),
  orderReports: z.array(cancelledOrder),
});
const trade = z.object({
  symbol: z.string(),
  id: z.int(),
  orderId: id,
  orderListId: idOrNone,
  price: amount,
  qty: amount,
  quoteQty: amount,
  commission: amount,
  commissionAsset: z.string(),
  time: milliseconds,
  isBuyer: z.boolean(),
  isMaker: z.boolean(),
  isBestMatch: z.literal(true),
});

/** What `transactions.ts` makes of each kind of entry. */
const happened = { id: z.string(), time: milliseconds };
const moved = { ...happened, asset: z.string(), amount };
const transaction = z.discriminatedUnion('type', [
  z.object({
    ...happened,
    type: z.literal('TRADE'),
    symbol: z.string(),
    tradeId: z.int(),
    orderId: id,
    price: amount,
    qty: amount,
    quoteQty: amount,
    commission: amount,
    commissionAsset: z.string(),
    isBuyer: z.boolean(),
    isMaker: z.boolean(),
  }),
  z.object({ ...moved, type: z.enum(['DEPOSIT', 'TRANSFER_IN', 'TRANSFER_OUT']) }),
  z.object({
    ...moved,
    type: z.enum(['WITHDRAWAL_HELD', 'WITHDRAWAL_SETTLED', 'WITHDRAWAL_RELEASED']),
    fee: amount,
  }),
]);

export const answers = {
  createOrder: placedOrder,
  endOrder: z.union([cancelledOrder, cancelledList]),
  orderById: shownOrder,
  listOrders: z.array(shownOrder),
  listTrades: z.array(trade),
  transactions: z.array(transaction),
  statement: z.object({
    from: milliseconds,
    to: milliseconds,
    trades: z.array(trade),
    totals: z.array(z.object({ asset: z.string(), received: amount, paid: amount, fees: amount })),
  }),
} satisfies { readonly [K in keyof typeof requests]: Answers[string] };
