/** Keeps the count of an account's unfilled orders while commands are executed. */
import type { Event } from '#domain/events.ts';
import type { AccountId, OrderId } from '#domain/ids.ts';
import type { Outcome } from '#platform/engine-client.ts';
import type { OrderCounts } from '#platform/spot-api/limits.ts';
import { isUnexecuted } from './engine-refusals.ts';

/**
 * Counts `orders`, then places them with `place`; what was refused does not stay counted.
 * @throws {ApiError} −1015 before anything is placed, or what `place` threw.
 */
export async function counted(
  orderCounts: OrderCounts,
  account: AccountId,
  orders: number,
  place: () => Promise<Outcome>,
): Promise<Outcome> {
  orderCounts.add(account, orders);
  try {
    const outcome = await place();
    uncountFilled(orderCounts, outcome.events);
    return outcome;
  } catch (error) {
    if (isUnexecuted(error)) orderCounts.remove(account, orders);
    throw error;
  }
}

/** An order's first fill takes it out of its account's count: each taker's, and each maker's that had none before. */
export function uncountFilled(orderCounts: OrderCounts, events: readonly Event[]): void {
  const takers = new Set<OrderId>();
  events.forEach((event, index) => {
    if (event.type !== 'trade') return;
    // An order takes once at most: when it is placed, or when it is triggered or activated.
    if (!takers.has(event.takerOrderId)) orderCounts.remove(event.takerAccount);
    takers.add(event.takerOrderId);
    // A maker's order follows its trade.
    const maker = events[index + 1];
    if (maker?.type === 'order' && maker.executedQuantity === event.quantity)
      orderCounts.remove(maker.account);
  });
}
