/** Which order or order list a request speaks of: by its id, by its client's id, or by both. */
import type { OrderId, OrderListId } from '#domain/ids.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

export interface OrderName {
  readonly orderId: OrderId | null;
  /** Empty when not sent. */
  readonly clientOrderId: string;
}

/** @throws {ApiError} −1102 when neither was sent. */
export function readOrderName(
  parameters: Parameters,
  idName = 'orderId',
  clientIdName = 'origClientOrderId',
): OrderName {
  const orderId = parameters.integer<OrderId>(idName) ?? null;
  const clientOrderId = parameters.clientId(clientIdName) ?? '';
  if (orderId === null && clientOrderId === '') throw apiErrors.eitherMandatory(clientIdName, idName);
  return { orderId, clientOrderId };
}

export interface OrderListName {
  readonly orderListId: OrderListId | null;
  /** Empty when not sent. */
  readonly listClientOrderId: string;
}

/** @throws {ApiError} −1102 when neither was sent. */
export function readOrderListName(parameters: Parameters, clientIdName: string): OrderListName {
  const orderListId = parameters.integer<OrderListId>('orderListId') ?? null;
  const listClientOrderId = parameters.clientId(clientIdName) ?? '';
  if (orderListId === null && listClientOrderId === '')
    throw apiErrors.eitherMandatory(clientIdName, 'orderListId');
  return { orderListId, listClientOrderId };
}
