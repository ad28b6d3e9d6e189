/** `DELETE /api/v3/openOrders` */
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import { cancelledViews } from './cancelled.ts';
import { execute } from './engine-refusals.ts';
import { uncountFilled } from './order-counting.ts';
import { UNNUMBERED } from './unnumbered.ts';
import type { UseCase } from './use-case.ts';
import { cancelAllId } from './user-data/executions.ts';

export const cancelOpenOrders: UseCase = async (deps, request) => {
  const { engine, listings, orderCounts } = deps;
  const { parameters, caller } = request;
  const { account } = caller;
  const market = listings.marketOf(parameters.symbol());
  parameters.end();
  requireFresh(caller);
  const outcome = await execute(engine, { type: 'cancelAll', ...UNNUMBERED, account, market: market.id });
  uncountFilled(orderCounts, outcome.events);
  return {
    json: await cancelledViews(deps, request, market, account, outcome, cancelAllId(outcome.seq)),
    weightless: true,
  };
};
