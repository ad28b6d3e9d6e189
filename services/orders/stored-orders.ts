/** Orders of the read models, open and closed. */
import type { Kysely, Selectable } from 'kysely';
import type { AccountId, MarketId, OrderId } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { OrderName } from './order-name.ts';
import { type Clock, type Json, type OrderFacts, orderView } from './order-view.ts';

type OrderRow = Selectable<Database['projector.orders']>;

export function ordersOf(db: Kysely<Database>, account: AccountId, market: MarketId) {
  return db
    .selectFrom('projector.orders')
    .selectAll()
    .where('account_id', '=', account)
    .where('market_id', '=', market);
}

/** The newest orders of these markets, the newest first; with `before`, those placed before that one. */
export async function readOrdersBefore(
  db: Kysely<Database>,
  clock: Clock,
  account: AccountId,
  markets: readonly Market[],
  before: OrderId | undefined,
  limit: number,
): Promise<Json[]> {
  const ofMarkets: { readonly id: OrderId; readonly view: Json }[] = [];
  // Each market is limited by itself, so that its index serves it, and then all together.
  for (const market of markets) {
    let query = ordersOf(db, account, market.id).orderBy('order_id', 'desc').limit(limit);
    if (before !== undefined) query = query.where('order_id', '<', before);
    const rows = await query.execute();
    ofMarkets.push(...rows.map((row) => ({ id: row.order_id, view: storedOrderView(clock, market, row) })));
  }
  return ofMarkets
    .sort((one, other) => other.id - one.id)
    .slice(0, limit)
    .map(({ view }) => view);
}

/** The order with the id; else the last that had the client's id, which may be used again. */
export function findOrder(
  db: Kysely<Database>,
  account: AccountId,
  market: MarketId,
  { orderId, clientOrderId }: OrderName,
): Promise<OrderRow | undefined> {
  const orders = ordersOf(db, account, market);
  const named =
    orderId === null
      ? orders.where('client_order_id', '=', clientOrderId)
      : orders.where('order_id', '=', orderId);
  return named.orderBy('order_id', 'desc').limit(1).executeTakeFirst();
}

/** What the clients call these orders, as far as they are known. */
export async function readClientOrderIds(
  db: Kysely<Database>,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, string>> {
  if (orderIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('projector.orders')
    .select(['order_id', 'client_order_id'])
    .where('order_id', 'in', orderIds)
    .execute();
  return new Map(rows.map((row) => [row.order_id, row.client_order_id]));
}

function factsOf(row: OrderRow): OrderFacts {
  return {
    orderId: row.order_id,
    orderListId: row.order_list_id,
    clientOrderId: row.client_order_id,
    side: row.side,
    orderType: row.order_type,
    timeInForce: row.time_in_force,
    selfTradePrevention: row.self_trade_prevention,
    status: row.status,
    price: row.price,
    quantity: row.quantity,
    quoteOrderQty: row.quote_order_qty,
    executedQuantity: row.executed_quantity,
    executedQuote: row.executed_quote,
    preventedQuantity: row.prevented_quantity,
    stopPrice: row.stop_price,
    trailingDelta: row.trailing_delta,
    icebergQuantity: row.iceberg_quantity,
    createdAt: row.created_at,
    workingAt: row.working_at,
  };
}

export function storedOrderView(clock: Clock, market: Market, row: OrderRow): Json {
  return orderView(clock, market, factsOf(row), row.updated_at, row.prevented_match_id);
}
