/** `GET /api/v3/order` */
import { apiErrors } from '#platform/spot-api/errors.ts';
import { ask } from './engine-refusals.ts';
import { readOrderName } from './order-name.ts';
import { isAsPlaced, orderView } from './order-view.ts';
import { findOrder, storedOrderView } from './stored-orders.ts';
import type { UseCase } from './use-case.ts';

export const queryOrder: UseCase = async ({ engine, listings, db, barrier }, request) => {
  const { parameters, caller } = request;
  const { account } = caller;
  const market = listings.marketOf(parameters.symbol());
  const name = readOrderName(parameters);
  parameters.end();
  const { seq, records } = await ask(engine, { type: 'openOrder', account, market: market.id, ...name });
  const [open] = records;
  // The engine's word is all there is to say.
  if (open?.type === 'order' && isAsPlaced(open))
    return { json: orderView(request, market, open, open.createdAt) };
  await barrier.reach(seq);
  const row = await findOrder(db, account, market.id, name);
  if (row === undefined) throw apiErrors.noSuchOrder();
  if (name.clientOrderId !== '' && row.client_order_id !== name.clientOrderId)
    throw apiErrors.clientOrderIdMismatch();
  return { json: storedOrderView(request, market, row) };
};
