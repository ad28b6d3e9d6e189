/** `GET /api/v3/allOrderList`: open and closed order lists of all markets, in the order of their placing. */
import type { OrderListId } from '#domain/ids.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import { ask } from './engine-refusals.ts';
import { orderListsOf, storedOrderListViews } from './stored-order-lists.ts';
import { readTimeRange } from './time-range.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export const listAllOrderLists: UseCase = async (deps, request) => {
  const { engine, db, barrier } = deps;
  const { parameters, caller } = request;
  const fromId = parameters.integer<OrderListId>('fromId');
  const { start, end } = readTimeRange(parameters);
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();
  if (fromId !== undefined && (start !== undefined || end !== undefined)) throw apiErrors.badCombination();
  const { seq } = await ask(engine, { type: 'position' });
  await barrier.reach(seq);
  let query = orderListsOf(db, caller.account).limit(limit);
  if (fromId !== undefined) query = query.where('order_list_id', '>=', fromId);
  if (start !== undefined) query = query.where('created_at', '>=', start);
  if (end !== undefined) query = query.where('created_at', '<=', end);
  // From a beginning on the oldest count, else the most recent.
  const ascending = fromId !== undefined || start !== undefined;
  const rows = await query.orderBy('order_list_id', ascending ? 'asc' : 'desc').execute();
  if (!ascending) rows.reverse();
  return { json: await storedOrderListViews(deps, request, rows) };
};
