/** `DELETE /api/v3/openOrders` */
import { requireFresh } from './authenticate.ts';
import { cancelledViews } from './cancelled.ts';
import { execute } from './engine-refusals.ts';
import { uncountFilled } from './order-counting.ts';
import { UNNUMBERED } from './unnumbered.ts';
import type { UseCase } from './use-case.ts';

export const cancelOpenOrders: UseCase = async (deps, request) => {
  const { engine, listings, orderCounts } = deps;
  const { parameters, caller } = request;
  const { account } = caller;
  const market = listings.marketOf(parameters.symbol());
  parameters.end();
  requireFresh(caller);
  const outcome = await execute(engine, { type: 'cancelAll', ...UNNUMBERED, account, market: market.id });
  uncountFilled(orderCounts, outcome.events);
  // One cancel ends them all: its place in the journal is an id that every reader of its events finds alike.
  const cancelId = `cancel-all-${outcome.seq}`;
  return {
    json: await cancelledViews(deps, request, market, account, outcome, cancelId),
    weightless: true,
  };
};
