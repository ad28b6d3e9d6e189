/** `GET /api/v3/orderList` */
import { apiErrors } from '#platform/spot-api/errors.ts';
import { ask } from './engine-refusals.ts';
import { readOrderListName } from './order-name.ts';
import { findOrderList, storedOrderListViews } from './stored-order-lists.ts';
import type { UseCase } from './use-case.ts';

export const queryOrderList: UseCase = async (deps, request) => {
  const { engine, db, barrier } = deps;
  const { parameters, caller } = request;
  const name = readOrderListName(parameters, 'origClientOrderId');
  parameters.end();
  const { seq } = await ask(engine, { type: 'position' });
  await barrier.reach(seq);
  const row = await findOrderList(db, caller.account, name);
  if (row === undefined) throw apiErrors.noSuchOrderList();
  if (name.listClientOrderId !== '' && row.list_client_order_id !== name.listClientOrderId)
    throw apiErrors.clientOrderIdMismatch();
  const [view] = await storedOrderListViews(deps, request, [row]);
  return { json: view };
};
