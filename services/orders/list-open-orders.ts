/** `GET /api/v3/openOrders` */
import type { EventOf } from '#domain/events.ts';
import type { OrderId, TimeUs } from '#domain/ids.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { ask } from './engine-refusals.ts';
import { orderView } from './order-view.ts';
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
  const partlyFilled = orders.filter((order) => order.executedQuantity > 0);
  if (partlyFilled.length > 0) await deps.barrier.reach(seq);
  const lastFills = await updateTimes(deps, partlyFilled);
  return {
    json: orders.map((order) => {
      const updatedAt = lastFills.get(order.orderId) ?? order.createdAt;
      return orderView(request, listings.market(order.market), order, updatedAt);
    }),
  };
};

/** When each was last changed, which the engine does not keep. */
async function updateTimes(
  { db }: OrdersDeps,
  orders: readonly EventOf<'order'>[],
): Promise<ReadonlyMap<OrderId, TimeUs>> {
  if (orders.length === 0) return new Map();
  const rows = await db
    .selectFrom('projector.orders')
    .select(['order_id', 'updated_at'])
    .where(
      'order_id',
      'in',
      orders.map(({ orderId }) => orderId),
    )
    .execute();
  return new Map(rows.map((row) => [row.order_id, row.updated_at]));
}
