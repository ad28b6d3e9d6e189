/** `PUT /api/v3/order/amend/keepPriority` */
import { randomUUID } from 'node:crypto';
import type { CommandOf } from '#domain/commands.ts';
import type { EventOf } from '#domain/events.ts';
import type { Units } from '#domain/ids.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import { type ApiError, apiErrors } from '#platform/spot-api/errors.ts';
import { ask, attempt, refusalOf } from './engine-refusals.ts';
import { uncountFilled } from './order-counting.ts';
import { readOrderName } from './order-name.ts';
import { amendedView } from './order-view.ts';
import { UNNUMBERED } from './unnumbered.ts';
import type { UseCase } from './use-case.ts';

export const amendOrder: UseCase = async ({ engine, listings, orderCounts }, request) => {
  const { parameters, caller } = request;
  const market = listings.marketOf(parameters.symbol());
  const name = readOrderName(parameters);
  const quantity = parameters.mandatoryDecimal<Units>('newQty', market.base.scale);
  const newClientOrderId = parameters.clientId('newClientOrderId') ?? randomUUID();
  parameters.end();
  if (quantity === 0) throw refusalOf('lotSize');
  requireFresh(caller);
  const command: CommandOf<'amend'> = {
    type: 'amend',
    ...UNNUMBERED,
    account: caller.account,
    market: market.id,
    ...name,
    quantity,
    newClientOrderId,
  };
  const { seq, timeUs, events, rejection } = await attempt(engine, command);
  if (rejection === 'invalidAmend') throw await faultOf(engine, command);
  if (rejection !== null) throw refusalOf(rejection, 'amend');
  uncountFilled(orderCounts, events);
  const amended = events.find(({ type }) => type === 'amended') as EventOf<'amended'>;
  const order = events.find(
    (event) => event.type === 'order' && event.orderId === amended.orderId,
  ) as EventOf<'order'>;
  return {
    json: {
      transactTime: request.time(timeUs),
      executionId: seq,
      amendedOrder: amendedView(request, market, order, amended.clientOrderIdBefore),
    },
  };
};

/** The engine has one refusal for several faults; the order shows which it was. */
async function faultOf(engine: EngineClient, command: CommandOf<'amend'>): Promise<ApiError> {
  const { account, market, orderId, clientOrderId, quantity } = command;
  const { records } = await ask(engine, { type: 'openOrder', account, market, orderId, clientOrderId });
  const order = records.find(({ type }) => type === 'order') as EventOf<'order'> | undefined;
  if (order === undefined) return refusalOf('unknownOrder', 'amend');
  if (order.orderListId !== null)
    return apiErrors.amendRejected('Order amend (order of an order list) is not supported.');
  if (quantity === order.quantity)
    return apiErrors.amendRejected('The requested action would change no state; rejecting.');
  if (quantity < order.quantity)
    return apiErrors.amendRejected('Order amend (quantity not above what has executed) is not supported.');
  return refusalOf('invalidAmend', 'amend');
}
