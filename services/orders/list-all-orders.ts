/** `GET /api/v3/allOrders`: open and closed orders of a market, in the order of their placing. */
import type { OrderId } from '#domain/ids.ts';
import { ask } from './engine-refusals.ts';
import { ordersOf, storedOrderView } from './stored-orders.ts';
import { readTimeRange } from './time-range.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export const listAllOrders: UseCase = async ({ engine, listings, db, barrier }, request) => {
  const { parameters, caller } = request;
  const market = listings.marketOf(parameters.symbol());
  const fromId = parameters.integer<OrderId>('orderId');
  const { start, end } = readTimeRange(parameters);
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();
  const { seq } = await ask(engine, { type: 'position' });
  await barrier.reach(seq);
  let query = ordersOf(db, caller.account, market.id).limit(limit);
  if (fromId !== undefined) query = query.where('order_id', '>=', fromId);
  if (start !== undefined) query = query.where('created_at', '>=', start);
  if (end !== undefined) query = query.where('created_at', '<=', end);
  // From a beginning on the oldest count, else the most recent.
  const ascending = fromId !== undefined || start !== undefined;
  const rows = await query.orderBy('order_id', ascending ? 'asc' : 'desc').execute();
  if (!ascending) rows.reverse();
  return { json: rows.map((row) => storedOrderView(request, market, row)) };
};
