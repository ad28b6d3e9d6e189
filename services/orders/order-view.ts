/** An order as a client sees it. Fields: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ */
import type { Event, EventOf } from '#domain/events.ts';
import type { OrderId, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { OrderStatus, Side } from '#domain/orders.ts';
import type { Outcome } from '#platform/engine-client.ts';
import type { ApiRequest } from '#platform/spot-api/endpoint.ts';
import type { Asset, Market } from '#platform/spot-api/listings.ts';
import type { ResponseType } from './new-order.ts';

/** What the engine and the read models alike say of an order. */
export type OrderFacts = Pick<
  EventOf<'order'>,
  | 'orderId'
  | 'clientOrderId'
  | 'side'
  | 'orderType'
  | 'timeInForce'
  | 'status'
  | 'price'
  | 'quantity'
  | 'quoteOrderQty'
  | 'executedQuantity'
  | 'executedQuote'
  | 'createdAt'
>;

type Clock = Pick<ApiRequest, 'time'>;
type Json = Record<string, unknown>;

/** No order here belongs to an order list. */
const NO_LIST = -1;
const SELF_TRADE_PREVENTION = 'NONE';

/** The reply to a new order. */
export function placedView(
  { time }: Clock,
  market: Market,
  outcome: Outcome,
  responseType: ResponseType,
): Json {
  const order = finalOrder(outcome.events);
  const transactTime = time(outcome.timeUs);
  const view: Json = {
    symbol: market.symbol,
    orderId: order.orderId,
    orderListId: NO_LIST,
    clientOrderId: order.clientOrderId,
    transactTime,
  };
  if (responseType === 'ACK') return view;
  Object.assign(view, stateView(market, order));
  view.workingTime = transactTime;
  view.selfTradePreventionMode = SELF_TRADE_PREVENTION;
  if (responseType === 'FULL') view.fills = fillViews(market, order.orderId, outcome.events);
  return view;
}

/** The reply for one cancelled order; `clientOrderId` is the cancel's own. */
export function cancelledView({ time }: Clock, market: Market, order: EventOf<'order'>, at: TimeUs): Json {
  return {
    symbol: market.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: NO_LIST,
    clientOrderId: order.cancelId,
    transactTime: time(at),
    ...stateView(market, order),
    selfTradePreventionMode: SELF_TRADE_PREVENTION,
  };
}

/** An order in the answer to a question. */
export function orderView({ time }: Clock, market: Market, order: OrderFacts, updatedAt: TimeUs): Json {
  return {
    symbol: market.symbol,
    orderId: order.orderId,
    orderListId: NO_LIST,
    clientOrderId: order.clientOrderId,
    ...stateView(market, order),
    stopPrice: formatDecimal(0, market.quote.scale),
    icebergQty: formatDecimal(0, market.base.scale),
    time: time(order.createdAt),
    updateTime: time(updatedAt),
    isWorking: true,
    workingTime: time(order.createdAt),
    selfTradePreventionMode: SELF_TRADE_PREVENTION,
  };
}

function stateView({ base, quote }: Market, order: OrderFacts): Json {
  const view: Json = {
    price: formatDecimal(order.price ?? 0, quote.scale),
    origQty: formatDecimal(order.quantity, base.scale),
    executedQty: formatDecimal(order.executedQuantity, base.scale),
    origQuoteOrderQty: formatDecimal(order.quoteOrderQty ?? 0, quote.scale),
    // The dialect's own spelling.
    cummulativeQuoteQty: formatDecimal(order.executedQuote, quote.scale),
    status: order.status satisfies OrderStatus,
    timeInForce: order.timeInForce,
    type: order.orderType,
    side: order.side,
  };
  if (order.status === 'EXPIRED') view.expiryReason = expiryReason(order);
  return view;
}

function expiryReason({ orderType, timeInForce }: OrderFacts): string {
  if (orderType === 'MARKET') return 'INSUFFICIENT_LIQUIDITY';
  if (timeInForce === 'IOC') return 'UNFILLED_IOC_QUANTITY_EXPIRED';
  if (timeInForce === 'FOK') return 'UNFILLED_FOK_ORDER_EXPIRED';
  // It met more makers than one command may trade with.
  return 'EXCHANGE_CANCELED';
}

/** The taker's side of each of its trades. */
function fillViews(market: Market, orderId: OrderId, events: readonly Event[]): Json[] {
  const fills: Json[] = [];
  for (const event of events) {
    if (event.type !== 'trade' || event.takerOrderId !== orderId) continue;
    const asset = commissionAsset(market, event.takerSide);
    fills.push({
      price: formatDecimal(event.price, market.quote.scale),
      qty: formatDecimal(event.quantity, market.base.scale),
      commission: formatDecimal(event.takerFee, asset.scale),
      commissionAsset: asset.name,
      tradeId: event.tradeId,
    });
  }
  return fills;
}

/** Fees are taken from what is received. */
export function commissionAsset({ base, quote }: Market, side: Side): Asset {
  return side === 'BUY' ? base : quote;
}

/** A new order comes first among its events, and as it stands after them in the last of its own. */
function finalOrder(events: readonly Event[]): EventOf<'order'> {
  const placed = events[0] as EventOf<'order'>;
  for (let index = events.length - 1; index > 0; index--) {
    const event = events[index]!;
    if (event.type === 'order' && event.orderId === placed.orderId) return event;
  }
  return placed;
}
