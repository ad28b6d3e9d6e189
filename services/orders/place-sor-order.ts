/**
 * `POST /api/v3/sor/order`: smart order routing over the one book that there is for each pair. No two quote assets
 * count as one here, so the order goes into its own market's book like all others.
 */
import type { OrderType } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import { type ReadOrder, readNewOrder } from './new-order.ts';
import { place } from './place-order.ts';
import type { UseCase } from './use-case.ts';

const TYPES: readonly OrderType[] = ['LIMIT', 'MARKET'];

export const readSorOrder: ReadOrder = (parameters, listings, account) => {
  const order = readNewOrder(parameters, listings, account, TYPES);
  if (order.command.quoteOrderQty !== null) throw apiErrors.notRequired('quoteOrderQty');
  return order;
};

export const placeSorOrder: UseCase = (deps, request) => {
  const { parameters, caller } = request;
  const order = readSorOrder(parameters, deps.listings, caller.account);
  parameters.end();
  return place(deps, request, order, { workingFloor: 'SOR', usedSor: true });
};
