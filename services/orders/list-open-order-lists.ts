/** `GET /api/v3/openOrderList`, of all markets. */
import { ask } from './engine-refusals.ts';
import { orderIdsOf, orderListView } from './order-list-view.ts';
import { readClientOrderIds } from './stored-orders.ts';
import type { UseCase } from './use-case.ts';

export const listOpenOrderLists: UseCase = async ({ engine, listings, db, barrier }, request) => {
  const { parameters, caller } = request;
  parameters.end();
  const { seq, records } = await ask(engine, { type: 'openOrderLists', account: caller.account });
  const lists = records.filter((record) => record.type === 'orderList');
  if (lists.length === 0) return { json: [] };
  // The engine forgets an order that has ended, as a list's working order may have.
  await barrier.reach(seq);
  const clientOrderIds = await readClientOrderIds(db, lists.flatMap(orderIdsOf));
  return {
    json: lists.map((list) =>
      orderListView(request, listings.market(list.market), list, clientOrderIds, list.createdAt),
    ),
  };
};
