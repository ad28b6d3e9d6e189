/** `DELETE /api/v3/orderList` */
import { randomUUID } from 'node:crypto';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import { cancelledViews } from './cancelled.ts';
import { execute } from './engine-refusals.ts';
import { uncountFilled } from './order-counting.ts';
import { readOrderListName } from './order-name.ts';
import { UNNUMBERED } from './unnumbered.ts';
import type { UseCase } from './use-case.ts';

export const cancelOrderList: UseCase = async (deps, request) => {
  const { engine, listings, orderCounts } = deps;
  const { parameters, caller } = request;
  const { account } = caller;
  const market = listings.marketOf(parameters.symbol());
  const name = readOrderListName(parameters, 'listClientOrderId');
  const newClientOrderId = parameters.clientId('newClientOrderId') ?? randomUUID();
  parameters.end();
  requireFresh(caller);
  const outcome = await execute(engine, {
    type: 'cancelList',
    ...UNNUMBERED,
    account,
    market: market.id,
    ...name,
    newClientOrderId,
  });
  uncountFilled(orderCounts, outcome.events);
  const [view] = await cancelledViews(deps, request, market, account, outcome, newClientOrderId);
  return { json: view, weightless: true };
};
