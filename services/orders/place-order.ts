/** `POST /api/v3/order` */
import type { Event } from '#domain/events.ts';
import type { OrderCounts } from '#platform/spot-api/limits.ts';
import { requireFresh } from './authenticate.ts';
import { execute, isUnexecuted } from './engine-refusals.ts';
import { readNewOrder } from './new-order.ts';
import { placedView } from './order-view.ts';
import type { UseCase } from './use-case.ts';

export const placeOrder: UseCase = async ({ engine, listings, orderCounts }, request) => {
  const { parameters, caller } = request;
  const { market, command, responseType } = readNewOrder(parameters, listings, caller.account);
  orderCounts.add(caller.account);
  try {
    requireFresh(caller);
    const outcome = await execute(engine, command);
    uncountFilled(orderCounts, outcome.events);
    return {
      json: placedView(request, market, outcome, responseType),
      headers: orderCounts.headers(caller.account),
      weightless: true,
    };
  } catch (error) {
    if (isUnexecuted(error)) orderCounts.remove(caller.account);
    throw error;
  }
};

/** An order's first fill takes it out of its account's count: the taker's, and each maker's that had none before. */
function uncountFilled(orderCounts: OrderCounts, events: readonly Event[]): void {
  let taker: number | undefined;
  events.forEach((event, index) => {
    if (event.type !== 'trade') return;
    if (taker === undefined) orderCounts.remove(event.takerAccount);
    taker = event.takerOrderId;
    // A maker's order follows its trade.
    const maker = events[index + 1];
    if (maker?.type === 'order' && maker.executedQuantity === event.quantity)
      orderCounts.remove(maker.account);
  });
}
