/** `DELETE /api/v3/openOrders` */
import { requireFresh } from './authenticate.ts';
import { execute } from './engine-refusals.ts';
import { cancelledView } from './order-view.ts';
import type { UseCase } from './use-case.ts';

export const cancelOpenOrders: UseCase = async ({ engine, listings }, request) => {
  const { parameters, caller } = request;
  const market = listings.marketOf(parameters.symbol());
  parameters.end();
  requireFresh(caller);
  const command = { type: 'cancelAll', account: caller.account, market: market.id } as const;
  const { seq, timeUs, events } = await execute(engine, command);
  // One cancel ends them all: its place in the journal is an id that every reader of its events finds alike.
  const cancelId = `cancel-all-${seq}`;
  return {
    json: events
      .filter((event) => event.type === 'order')
      .map((order) => cancelledView(request, market, { ...order, cancelId }, timeUs)),
    weightless: true,
  };
};
