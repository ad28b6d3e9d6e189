/** `DELETE /api/v3/order`; an order of a list takes its whole list along, and the reply tells that. */
import { randomUUID } from 'node:crypto';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { cancelledViews } from './cancelled.ts';
import { execute } from './engine-refusals.ts';
import { uncountFilled } from './order-counting.ts';
import { readOrderName } from './order-name.ts';
import { UNNUMBERED } from './unnumbered.ts';
import type { UseCase } from './use-case.ts';

const RESTRICTIONS = ['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'] as const;

export function readCancelRestriction(parameters: Parameters) {
  const restriction = parameters.oneOf(
    'cancelRestrictions',
    RESTRICTIONS,
    apiErrors.invalidCancelRestrictions,
  );
  return restriction ?? 'NONE';
}

export const cancelOrder: UseCase = async (deps, request) => {
  const { engine, listings, orderCounts } = deps;
  const { parameters, caller } = request;
  const { account } = caller;
  const market = listings.marketOf(parameters.symbol());
  const name = readOrderName(parameters);
  const restriction = readCancelRestriction(parameters);
  const newClientOrderId = parameters.clientId('newClientOrderId') ?? randomUUID();
  parameters.end();
  requireFresh(caller);
  const outcome = await execute(engine, {
    type: 'cancel',
    ...UNNUMBERED,
    account,
    market: market.id,
    ...name,
    restriction,
    newClientOrderId,
  });
  uncountFilled(orderCounts, outcome.events);
  const [view] = await cancelledViews(deps, request, market, account, outcome, newClientOrderId);
  return { json: view, weightless: true };
};
