/**
 * An order as a client sees it. Fields, and when they appear:
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints#conditional-fields-in-order-responses
 */
import type { Event, EventOf } from '#domain/events.ts';
import type { OrderId, TimeUs, Units } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { OrderStatus, SelfTradePrevention, Side } from '#domain/orders.ts';
import type { Outcome } from '#platform/engine-client.ts';
import type { ApiRequest } from '#platform/spot-api/endpoint.ts';
import type { Asset, Market } from '#platform/spot-api/listings.ts';
import type { ResponseType } from './order-options.ts';
import { isConditional } from './order-terms.ts';

/** What the engine and the read models alike say of an order. */
export type OrderFacts = Pick<
  EventOf<'order'>,
  | 'orderId'
  | 'orderListId'
  | 'clientOrderId'
  | 'side'
  | 'orderType'
  | 'timeInForce'
  | 'selfTradePrevention'
  | 'status'
  | 'price'
  | 'quantity'
  | 'quoteOrderQty'
  | 'executedQuantity'
  | 'executedQuote'
  | 'preventedQuantity'
  | 'stopPrice'
  | 'trailingDelta'
  | 'icebergQuantity'
  | 'createdAt'
  | 'workingAt'
>;

export type Clock = Pick<ApiRequest, 'time'>;
export type Json = Record<string, unknown>;

/** Stands for no order list, and for a time that has not come. */
export const NONE = -1;

/** The reply to a new order: as it stands after `outcome`, of which `placed` is its first event. */
export function placedView(
  clock: Clock,
  market: Market,
  { events, timeUs }: Pick<Outcome, 'events' | 'timeUs'>,
  placed: EventOf<'order'>,
  responseType: ResponseType,
): Json {
  const order = finalOrder(events, placed);
  const view: Json = {
    symbol: market.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId ?? NONE,
    clientOrderId: order.clientOrderId,
    transactTime: clock.time(timeUs),
  };
  if (responseType === 'ACK') return view;
  const preventedMatches = preventedIn(events, order.orderId);
  Object.assign(view, stateView(market, order));
  Object.assign(view, conditionalView(clock, market, order, preventedMatches.at(-1)?.preventedMatchId));
  view.workingTime = workingTime(clock, order);
  view.selfTradePreventionMode = order.selfTradePrevention;
  if (responseType === 'RESULT') return view;
  view.fills = fillViews(market, order.orderId, events);
  const asTaker = preventedMatches.filter(({ takerOrderId }) => takerOrderId === order.orderId);
  if (asTaker.length > 0) {
    view.preventedMatches = asTaker.map((match) => ({
      preventedMatchId: match.preventedMatchId,
      makerSymbol: market.symbol,
      makerOrderId: match.makerOrderId,
      price: formatDecimal(match.price, market.quote.scale),
      ...preventedQuantities(market, match),
    }));
  }
  return view;
}

/** The reply for one cancelled order; `clientOrderId` is the cancel's own. */
export function cancelledView(
  clock: Clock,
  market: Market,
  order: EventOf<'order'>,
  cancelId: string,
  at: TimeUs,
): Json {
  return {
    symbol: market.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: order.orderListId ?? NONE,
    clientOrderId: cancelId,
    transactTime: clock.time(at),
    ...stateView(market, order),
    ...conditionalView(clock, market, order),
    selfTradePreventionMode: order.selfTradePrevention,
  };
}

/** The reply to an amendment, which has spellings of its own. */
export function amendedView(
  clock: Clock,
  market: Market,
  order: EventOf<'order'>,
  clientOrderIdBefore: string,
): Json {
  const { base, quote } = market;
  const view: Json = {
    symbol: market.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId ?? NONE,
    origClientOrderId: clientOrderIdBefore,
    clientOrderId: order.clientOrderId,
    price: formatDecimal(order.price ?? 0, quote.scale),
    qty: formatDecimal(order.quantity, base.scale),
    executedQty: formatDecimal(order.executedQuantity, base.scale),
    preventedQty: formatDecimal(order.preventedQuantity, base.scale),
    quoteOrderQty: formatDecimal(order.quoteOrderQty ?? 0, quote.scale),
    cumulativeQuoteQty: formatDecimal(order.executedQuote, quote.scale),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.orderType,
    side: order.side,
    ...conditionalView(clock, market, order),
  };
  if (order.workingAt !== null) view.workingTime = clock.time(order.workingAt);
  view.selfTradePreventionMode = order.selfTradePrevention;
  return view;
}

/** An order in the answer to a question. */
export function orderView(
  clock: Clock,
  market: Market,
  order: OrderFacts,
  updatedAt: TimeUs,
  preventedMatchId?: number | null,
): Json {
  return {
    symbol: market.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId ?? NONE,
    clientOrderId: order.clientOrderId,
    ...stateView(market, order),
    stopPrice: formatDecimal(0, market.quote.scale),
    icebergQty: formatDecimal(0, market.base.scale),
    ...conditionalView(clock, market, order, preventedMatchId),
    time: clock.time(order.createdAt),
    updateTime: clock.time(updatedAt),
    isWorking: order.workingAt !== null,
    workingTime: workingTime(clock, order),
    selfTradePreventionMode: order.selfTradePrevention,
  };
}

/**
 * Whether an open order is as it was placed, as far as the engine's word shows: nothing traded, prevented or triggered,
 * nor might a list have changed it. An amendment does not show.
 */
export function isAsPlaced(order: OrderFacts): boolean {
  const { executedQuantity, preventedQuantity, orderListId, workingAt, createdAt } = order;
  const isUntouched = executedQuantity === 0 && preventedQuantity === 0 && orderListId === null;
  return isUntouched && (workingAt === null || workingAt === createdAt);
}

function workingTime({ time }: Clock, { workingAt }: OrderFacts): number {
  return workingAt === null ? NONE : time(workingAt);
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
  const reason = expiryReason(order);
  if (reason !== undefined) view.expiryReason = reason;
  return view;
}

/** What appears only of orders that have it. */
function conditionalView(
  clock: Clock,
  { base, quote }: Market,
  order: OrderFacts,
  preventedMatchId?: number | null,
): Json {
  const view: Json = {};
  if (isConditional(order.orderType)) view.stopPrice = formatDecimal(order.stopPrice ?? 0, quote.scale);
  if (order.icebergQuantity !== null) view.icebergQty = formatDecimal(order.icebergQuantity, base.scale);
  if (order.trailingDelta !== null) {
    view.trailingDelta = order.trailingDelta;
    view.trailingTime = trailingTime(clock, order);
  }
  if (order.preventedQuantity > 0) {
    if (preventedMatchId !== null && preventedMatchId !== undefined) view.preventedMatchId = preventedMatchId;
    view.preventedQuantity = formatDecimal(order.preventedQuantity, base.scale);
  }
  return view;
}

/**
 * Since when the order follows the price: from its acceptance, unless it waits for its stop price or its working
 * order. The engine does not tell when that wait was over.
 */
export function trailingTime({ time }: Clock, { status, stopPrice, createdAt }: OrderFacts): number {
  return stopPrice === null && status !== 'PENDING_NEW' ? time(createdAt) : NONE;
}

/** Undefined for an order that has not expired, and for one of a list that could have for two reasons. */
export function expiryReason(order: OrderFacts): string | undefined {
  if (order.status !== 'EXPIRED') return undefined;
  if (order.workingAt === null) return isConditional(order.orderType) ? undefined : 'OTO_PHASE_ONE_EXPIRED';
  if (order.orderType === 'LIMIT_MAKER')
    return order.orderListId === null ? 'EXCHANGE_CANCELED' : 'OCO_TRIGGER';
  if (order.price === null) return 'INSUFFICIENT_LIQUIDITY';
  if (order.timeInForce === 'IOC') return 'UNFILLED_IOC_QUANTITY_EXPIRED';
  if (order.timeInForce === 'FOK') return 'UNFILLED_FOK_ORDER_EXPIRED';
  // It met more makers than one command may trade with, or the market was halted.
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

/** The matches that took something out of the order, or that it met as a taker. */
function preventedIn(events: readonly Event[], orderId: OrderId): EventOf<'preventedMatch'>[] {
  return events.filter(
    (event) =>
      event.type === 'preventedMatch' && (event.takerOrderId === orderId || event.makerOrderId === orderId),
  ) as EventOf<'preventedMatch'>[];
}

const TAKER_EXPIRES: ReadonlySet<SelfTradePrevention> = new Set(['EXPIRE_TAKER', 'EXPIRE_BOTH', 'DECREMENT']);
const MAKER_EXPIRES: ReadonlySet<SelfTradePrevention> = new Set(['EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT']);

/** Of each side only where the mode takes something out of it. */
export function preventedQuantities(
  { base }: Market,
  match: Pick<EventOf<'preventedMatch'>, 'mode' | 'takerPreventedQuantity' | 'makerPreventedQuantity'>,
): Json {
  const view: Json = {};
  if (TAKER_EXPIRES.has(match.mode))
    view.takerPreventedQuantity = formatDecimal(match.takerPreventedQuantity, base.scale);
  if (MAKER_EXPIRES.has(match.mode))
    view.makerPreventedQuantity = formatDecimal(match.makerPreventedQuantity, base.scale);
  return view;
}

/** Fees are taken from what is received. */
export function commissionAsset({ base, quote }: Market, side: Side): Asset {
  return side === 'BUY' ? base : quote;
}

/** The order as it stands after the last of its events; what self-trade prevention took out of it may come later. */
function finalOrder(events: readonly Event[], placed: EventOf<'order'>): EventOf<'order'> {
  const { orderId } = placed;
  let order = placed;
  for (const event of events) {
    if (event.type === 'order' && event.orderId === orderId) {
      order = event;
    } else if (event.type === 'preventedMatch' && event.takerOrderId === orderId) {
      const preventedQuantity = (order.preventedQuantity + event.takerPreventedQuantity) as Units;
      order = { ...order, preventedQuantity };
    }
  }
  return order;
}
