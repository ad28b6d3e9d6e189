/** What cancels did, as their replies tell it: orders alone, and lists with their orders nested. */
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, OrderListId } from '#domain/ids.ts';
import type { Outcome } from '#platform/engine-client.ts';
import { isOutage } from '#platform/outage.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import { orderIdsOf, orderListView } from './order-list-view.ts';
import { type Clock, cancelledView, type Json } from './order-view.ts';
import { readClientOrderIds } from './stored-orders.ts';
import type { OrdersDeps } from './use-case.ts';

/** The account's cancelled orders and lists, in the order of their cancelling; `cancelId` is the cancel's own id. */
export async function cancelledViews(
  deps: OrdersDeps,
  clock: Clock,
  market: Market,
  account: AccountId,
  outcome: Outcome,
  cancelId: string,
): Promise<Json[]> {
  const { events, timeUs } = outcome;
  const cancelled = events.filter((event) => isCancelled(event, account)) as EventOf<'order'>[];
  const byList = Map.groupBy(cancelled, ({ orderListId }) => orderListId);
  const told = new Set<OrderListId>();
  const views: Json[] = [];
  for (const order of cancelled) {
    const { orderListId } = order;
    if (orderListId === null) {
      views.push(cancelledView(clock, market, order, cancelId, timeUs));
    } else if (!told.has(orderListId)) {
      told.add(orderListId);
      const orders = byList.get(orderListId)!;
      const list = events.find(
        (event) => event.type === 'orderList' && event.orderListId === orderListId,
      ) as EventOf<'orderList'>;
      views.push(await cancelledListView(deps, clock, market, list, orders, outcome, cancelId));
    }
  }
  return views;
}

/** Whatever a cancel sets off later expires, trades or is rejected. */
function isCancelled(event: Event, account: AccountId): boolean {
  return event.type === 'order' && event.status === 'CANCELED' && event.account === account;
}

async function cancelledListView(
  deps: OrdersDeps,
  clock: Clock,
  market: Market,
  list: EventOf<'orderList'>,
  orders: readonly EventOf<'order'>[],
  { seq, timeUs }: Outcome,
  cancelId: string,
): Promise<Json> {
  const clientOrderIds = new Map(orders.map(({ orderId, clientOrderId }) => [orderId, clientOrderId]));
  const ended = orderIdsOf(list).filter((orderId) => !clientOrderIds.has(orderId));
  if (ended.length > 0) {
    // A working order that was filled long ago: only the read models remember what it was called.
    await deps.barrier.reach(seq).catch(throwTimeout);
    const ids = await readClientOrderIds(deps.db, ended).catch(throwTimeout);
    for (const [orderId, id] of ids) clientOrderIds.set(orderId, id);
  }
  return {
    ...orderListView(clock, market, list, clientOrderIds, timeUs),
    orderReports: orders
      .toSorted((one, other) => one.orderId - other.orderId)
      .map((order) => cancelledView(clock, market, order, cancelId, timeUs)),
  };
}

/** It is done, and cannot be told: whoever was told to try again would be told that there is no such order. */
function throwTimeout(error: unknown): never {
  throw isOutage(error) ? apiErrors.timeout(error) : error;
}
