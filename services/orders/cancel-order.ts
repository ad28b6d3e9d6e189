/** `DELETE /api/v3/order` */
import { randomUUID } from 'node:crypto';
import type { EventOf } from '#domain/events.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import { requireFresh } from './authenticate.ts';
import { execute } from './engine-refusals.ts';
import { readOrderName } from './order-name.ts';
import { cancelledView } from './order-view.ts';
import type { UseCase } from './use-case.ts';

const RESTRICTIONS = ['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'] as const;

export const cancelOrder: UseCase = async ({ engine, listings }, request) => {
  const { parameters, caller } = request;
  const market = listings.marketOf(parameters.symbol());
  const name = readOrderName(parameters);
  const restriction = parameters.oneOf(
    'cancelRestrictions',
    RESTRICTIONS,
    apiErrors.invalidCancelRestrictions,
  );
  const newClientOrderId = parameters.clientId('newClientOrderId') ?? randomUUID();
  parameters.end();
  requireFresh(caller);
  const { events, timeUs } = await execute(engine, {
    type: 'cancel',
    account: caller.account,
    market: market.id,
    ...name,
    restriction: restriction ?? 'NONE',
    newClientOrderId,
  });
  return { json: cancelledView(request, market, events[0] as EventOf<'order'>, timeUs), weightless: true };
};
