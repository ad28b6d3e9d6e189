/** `GET /api/v3/openOrders` */
import type { Selectable } from 'kysely';
import type { EventOf } from '#domain/events.ts';
import type { OrderId } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { ask } from './engine-refusals.ts';
import { isAsPlaced, orderView } from './order-view.ts';
import type { OrdersDeps, UseCase } from './use-case.ts';

export function openOrdersWeight(parameters: Parameters): number {
  return parameters.has('symbol') ? 6 : 80;
}

export const listOpenOrders: UseCase = async (deps, request) => {
  const { engine, listings } = deps;
  const { parameters, caller } = request;
  const symbol = parameters.optionalSymbol();
  const market = symbol === undefined ? null : listings.marketOf(symbol).id;
  parameters.end();
  const { seq, records } = await ask(engine, { type: 'openOrders', account: caller.account, market });
  const orders = records.filter((record) => record.type === 'order');
  const changed = orders.filter((order) => !isAsPlaced(order));
  if (changed.length > 0) await deps.barrier.reach(seq);
  const updates = await updatesOf(deps, changed);
  return {
    json: orders.map((order) => {
      const { updated_at = order.createdAt, prevented_match_id } = updates.get(order.orderId) ?? {};
      return orderView(request, listings.market(order.market), order, updated_at, prevented_match_id);
    }),
  };
};

type Update = Pick<Selectable<Database['projector.orders']>, 'updated_at' | 'prevented_match_id'>;

/** When each was last changed, which the engine does not keep. */
async function updatesOf(
  { db }: OrdersDeps,
  orders: readonly EventOf<'order'>[],
): Promise<ReadonlyMap<OrderId, Update>> {
  if (orders.length === 0) return new Map();
  const rows = await db
    .selectFrom('projector.orders')
    .select(['order_id', 'updated_at', 'prevented_match_id'])
    .where(
      'order_id',
      'in',
      orders.map(({ orderId }) => orderId),
    )
    .execute();
  return new Map(rows.map((row) => [row.order_id, row]));
}
