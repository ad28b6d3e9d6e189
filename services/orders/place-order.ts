/** `POST /api/v3/order` */
import type { EventOf } from '#domain/events.ts';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import type { ApiReply } from '#platform/spot-api/endpoint.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import { execute } from './engine-refusals.ts';
import { type NewOrder, readNewOrder } from './new-order.ts';
import { counted } from './order-counting.ts';
import { type Json, placedView } from './order-view.ts';
import type { OrdersDeps, UseCase } from './use-case.ts';

export const placeOrder: UseCase = (deps, request) => {
  const { parameters, caller } = request;
  const order = readNewOrder(parameters, deps.listings, caller.account);
  parameters.end();
  return place(deps, request, order);
};

/** Places an order that was read; `extra` goes into a reply that is more than an acknowledgement. */
export async function place(
  { engine, orderCounts }: OrdersDeps,
  request: SignedRequest,
  { market, command, responseType }: NewOrder,
  extra: Json = {},
): Promise<ApiReply> {
  const { account } = command;
  const outcome = await counted(orderCounts, account, 1, () => {
    requireFresh(request.caller);
    return execute(engine, command);
  });
  // A new order comes first among its events.
  const placed = outcome.events[0] as EventOf<'order'>;
  const view = placedView(request, market, outcome, placed, responseType);
  return {
    json: responseType === 'ACK' ? view : { ...view, ...extra },
    headers: orderCounts.headers(account),
    weightless: true,
  };
}
