/** Which order a request speaks of: by its id, by its client's id, or by both. */
import type { OrderId } from '#domain/ids.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

export interface OrderName {
  readonly orderId: OrderId | null;
  /** Empty when not sent. */
  readonly clientOrderId: string;
}

/** @throws {ApiError} −1102 when neither was sent. */
export function readOrderName(parameters: Parameters): OrderName {
  const orderId = parameters.integer<OrderId>('orderId') ?? null;
  const clientOrderId = parameters.clientId('origClientOrderId') ?? '';
  if (orderId === null && clientOrderId === '')
    throw apiErrors.eitherMandatory('origClientOrderId', 'orderId');
  return { orderId, clientOrderId };
}
