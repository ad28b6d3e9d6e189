/**
 * The events of user data streams, with the names that the dialect gives their fields:
 * https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
 *
 * Some conditional fields never appear: orders have no allocations here, nor a floor that they work on (`b`, `a`, `k`,
 * `uS`), no pegs, and what a client calls its strategy (`j`, `J`) is not kept.
 */
import type { EventOf } from '#domain/events.ts';
import type { AssetId, OrderId, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import { NO_TRADE_GROUP } from '../list-prevented-matches.ts';
import { orderListView } from '../order-list-view.ts';
import { isConditional } from '../order-terms.ts';
import { type Clock, commissionAsset, expiryReason, type Json, NONE, trailingTime } from '../order-view.ts';
import type { Execution, Order, PreventedMatch, Trade } from './executions.ts';

/** When something happened, by the journal and, for `E`, when it is told. */
export interface Moment {
  readonly seq: number;
  readonly at: TimeUs;
  readonly toldAt: TimeUs;
}

export function executionReport(clock: Clock, listings: Listings, execution: Execution, when: Moment): Json {
  const { order, type, originalId, trade, isMaker = false } = execution;
  const market = listings.market(order.market);
  const base = (units: number) => formatDecimal(units, market.base.scale);
  const quote = (units: number) => formatDecimal(units, market.quote.scale);
  const isOpen = order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
  return {
    e: 'executionReport',
    E: clock.time(when.toldAt),
    s: market.symbol,
    c: type === 'CANCELED' ? order.cancelId : order.clientOrderId,
    S: order.side,
    o: order.orderType,
    f: order.timeInForce,
    // One that was to spend an amount has no quantity of its own before it ends.
    q: base(Math.max(order.quantity, order.executedQuantity)),
    p: quote(order.price ?? 0),
    P: quote(isConditional(order.orderType) ? (order.stopPrice ?? 0) : 0),
    ...trailing(clock, order),
    F: base(order.icebergQuantity ?? 0),
    g: order.orderListId ?? NONE,
    C: originalId,
    x: type,
    X: order.status,
    // Why a pending order could not be placed, the engine does not tell; `eR` says that it could not.
    r: 'NONE',
    i: order.orderId,
    l: base(trade?.quantity ?? 0),
    z: base(order.executedQuantity),
    L: quote(trade?.price ?? 0),
    ...commission(market, order, trade, isMaker),
    T: clock.time(when.at),
    t: trade?.tradeId ?? NONE,
    ...prevention(market, execution),
    // The command's place in the journal, as the reply to an amendment has it.
    I: when.seq,
    w: isOpen && order.workingAt !== null,
    m: isMaker,
    M: false,
    O: clock.time(order.createdAt),
    Z: quote(order.executedQuote),
    Y: quote(trade?.quoteQuantity ?? 0),
    Q: quote(order.quoteOrderQty ?? 0),
    ...(order.workingAt === null ? {} : { W: clock.time(order.workingAt) }),
    V: order.selfTradePrevention,
    ...expiry(order),
  };
}

function trailing(clock: Clock, order: Order): Json {
  return order.trailingDelta === null ? {} : { d: order.trailingDelta, D: trailingTime(clock, order) };
}

function expiry(order: Order): Json {
  const reason = order.status === 'REJECTED' ? 'REJECTED' : expiryReason(order);
  return reason === undefined ? {} : { eR: reason };
}

/** Fees are taken from what each side receives. */
function commission(market: Market, { side }: Order, trade: Trade | undefined, isMaker: boolean): Json {
  if (trade === undefined) return { n: '0', N: null };
  const asset = commissionAsset(market, side);
  return { n: formatDecimal(isMaker ? trade.makerFee : trade.takerFee, asset.scale), N: asset.name };
}

function prevention(market: Market, { order, prevented }: Execution): Json {
  if (prevented === undefined) return {};
  const { base, quote } = market;
  const isTaker = order.orderId === prevented.takerOrderId;
  const { takerPreventedQuantity, makerPreventedQuantity } = prevented;
  const quantity = preventedExecution(prevented);
  return {
    v: prevented.preventedMatchId,
    A: formatDecimal(order.preventedQuantity, base.scale),
    B: formatDecimal(isTaker ? takerPreventedQuantity : makerPreventedQuantity, base.scale),
    u: NO_TRADE_GROUP,
    U: isTaker ? prevented.makerOrderId : prevented.takerOrderId,
    Cs: market.symbol,
    pl: formatDecimal(quantity, base.scale),
    pL: formatDecimal(prevented.price, quote.scale),
    pY: formatDecimal((BigInt(quantity) * BigInt(prevented.price)) / 10n ** BigInt(base.scale), quote.scale),
  };
}

/** What would have traded: what both lost, or at most what the one lost that alone ends. */
function preventedExecution({ takerPreventedQuantity, makerPreventedQuantity }: PreventedMatch): number {
  const lost = [takerPreventedQuantity, makerPreventedQuantity].filter((quantity) => quantity > 0);
  return Math.min(...lost);
}

/** `clientOrderIds` has those of the list's orders. */
export function listStatus(
  clock: Clock,
  listings: Listings,
  list: EventOf<'orderList'>,
  clientOrderIds: ReadonlyMap<OrderId, string>,
  when: Moment,
): Json {
  const view = orderListView(clock, listings.market(list.market), list, clientOrderIds, when.at);
  const orders = view.orders as readonly { symbol: string; orderId: OrderId; clientOrderId: string }[];
  return {
    e: 'listStatus',
    E: clock.time(when.toldAt),
    s: view.symbol,
    g: view.orderListId,
    c: view.contingencyType,
    l: view.listStatusType,
    L: view.listOrderStatus,
    r: 'NONE',
    C: view.listClientOrderId,
    T: view.transactionTime,
    O: orders.map(({ symbol, orderId, clientOrderId }) => ({ s: symbol, i: orderId, c: clientOrderId })),
  };
}

export function outboundAccountPosition(
  clock: Clock,
  listings: Listings,
  balances: readonly EventOf<'balance'>[],
  when: Moment,
): Json {
  return {
    e: 'outboundAccountPosition',
    E: clock.time(when.toldAt),
    u: clock.time(when.at),
    B: balances.map(({ asset: id, available, held }) => {
      const asset = listings.asset(id);
      return {
        a: asset.name,
        f: formatDecimal(available, asset.scale),
        l: formatDecimal(held, asset.scale),
      };
    }),
  };
}

/** Funds came from outside, or with a negative `delta` left. */
export function balanceUpdate(
  clock: Clock,
  listings: Listings,
  assetId: AssetId,
  delta: number,
  when: Moment,
): Json {
  const asset = listings.asset(assetId);
  return {
    e: 'balanceUpdate',
    E: clock.time(when.toldAt),
    a: asset.name,
    d: formatDecimal(delta, asset.scale),
    T: clock.time(when.at),
  };
}

/** The last event of a subscription. */
export function eventStreamTerminated(clock: Clock, toldAt: TimeUs): Json {
  return { e: 'eventStreamTerminated', E: clock.time(toldAt) };
}
