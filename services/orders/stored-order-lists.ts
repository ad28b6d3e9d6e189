/** Order lists of the read models, open and closed, with what their orders are called. */
import type { Kysely, Selectable } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { type OrderListFacts, orderIdsOf, orderListView } from './order-list-view.ts';
import type { OrderListName } from './order-name.ts';
import type { Clock, Json } from './order-view.ts';
import { readClientOrderIds } from './stored-orders.ts';
import type { OrdersDeps } from './use-case.ts';

type OrderListRow = Selectable<Database['projector.order_lists']>;

export function orderListsOf(db: Kysely<Database>, account: AccountId) {
  return db.selectFrom('projector.order_lists').selectAll().where('account_id', '=', account);
}

/** The list with the id; else the last that had the client's id, which may be used again. */
export function findOrderList(
  db: Kysely<Database>,
  account: AccountId,
  { orderListId, listClientOrderId }: OrderListName,
): Promise<OrderListRow | undefined> {
  const lists = orderListsOf(db, account);
  const named =
    orderListId === null
      ? lists.where('list_client_order_id', '=', listClientOrderId)
      : lists.where('order_list_id', '=', orderListId);
  return named.orderBy('order_list_id', 'desc').limit(1).executeTakeFirst();
}

export async function storedOrderListViews(
  { db, listings }: OrdersDeps,
  clock: Clock,
  rows: readonly OrderListRow[],
): Promise<Json[]> {
  const lists = rows.map((row) => ({ row, facts: factsOf(row) }));
  const clientOrderIds = await readClientOrderIds(
    db,
    lists.flatMap(({ facts }) => orderIdsOf(facts)),
  );
  return lists.map(({ row, facts }) =>
    orderListView(clock, listings.market(row.market_id), facts, clientOrderIds, row.updated_at),
  );
}

function factsOf(row: OrderListRow): OrderListFacts {
  return {
    orderListId: row.order_list_id,
    kind: row.kind,
    status: row.status,
    firstOrderId: row.first_order_id,
    secondOrderId: row.second_order_id,
    thirdOrderId: row.third_order_id,
    listClientOrderId: row.list_client_order_id,
  };
}
