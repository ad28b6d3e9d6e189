/** An order list as a client sees it: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ */
import type { EventOf } from '#domain/events.ts';
import type { OrderId, TimeUs } from '#domain/ids.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Clock, Json } from './order-view.ts';

/** What the engine and the read models alike say of an order list. */
export type OrderListFacts = Pick<
  EventOf<'orderList'>,
  'orderListId' | 'kind' | 'status' | 'firstOrderId' | 'secondOrderId' | 'thirdOrderId' | 'listClientOrderId'
>;

/** In the order of the list's legs. */
export function orderIdsOf({ firstOrderId, secondOrderId, thirdOrderId }: OrderListFacts): OrderId[] {
  return thirdOrderId === null ? [firstOrderId, secondOrderId] : [firstOrderId, secondOrderId, thirdOrderId];
}

export function orderListView(
  { time }: Clock,
  { symbol }: Market,
  list: OrderListFacts,
  clientOrderIds: ReadonlyMap<OrderId, string>,
  transactionTime: TimeUs,
): Json {
  return {
    orderListId: list.orderListId,
    // An OTOCO is an OTO whose second phase is a pair.
    contingencyType: list.kind === 'OCO' ? 'OCO' : 'OTO',
    listStatusType: list.status === 'EXECUTING' ? 'EXEC_STARTED' : 'ALL_DONE',
    listOrderStatus: list.status,
    listClientOrderId: list.listClientOrderId,
    transactionTime: time(transactionTime),
    symbol,
    orders: orderIdsOf(list).map((orderId) => ({
      symbol,
      orderId,
      clientOrderId: clientOrderIds.get(orderId) ?? '',
    })),
  };
}
