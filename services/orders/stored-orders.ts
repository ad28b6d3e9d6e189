/** Orders of the read models, open and closed. */
import type { Kysely, Selectable } from 'kysely';
import type { AccountId, MarketId } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { OrderName } from './order-name.ts';
import type { OrderFacts } from './order-view.ts';

type OrderRow = Selectable<Database['projector.orders']>;

export function ordersOf(db: Kysely<Database>, account: AccountId, market: MarketId) {
  return db
    .selectFrom('projector.orders')
    .selectAll()
    .where('account_id', '=', account)
    .where('market_id', '=', market);
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

export function factsOf(row: OrderRow): OrderFacts {
  return {
    orderId: row.order_id,
    clientOrderId: row.client_order_id,
    side: row.side,
    orderType: row.order_type,
    timeInForce: row.time_in_force,
    status: row.status,
    price: row.price,
    quantity: row.quantity,
    quoteOrderQty: row.quote_order_qty,
    executedQuantity: row.executed_quantity,
    executedQuote: row.executed_quote,
    createdAt: row.created_at,
  };
}
