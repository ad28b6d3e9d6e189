/** Reads what an order's placing says besides the order itself, alone or in a list. */
import { SELF_TRADE_PREVENTIONS, type SelfTradePrevention } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

const RESPONSE_TYPES = ['ACK', 'RESULT', 'FULL'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/** The dialect's own, for accounts that trade as a group: there are none here, and so no market allows it. */
const TRANSFER = 'TRANSFER';

export function readResponseType(parameters: Parameters, standard: ResponseType): ResponseType {
  return parameters.oneOf('newOrderRespType', RESPONSE_TYPES) ?? standard;
}

/** @throws {ApiError} −1013 for a mode that no market allows. */
export function readSelfTradePrevention(parameters: Parameters): SelfTradePrevention {
  const mode = parameters.oneOf('selfTradePreventionMode', [...SELF_TRADE_PREVENTIONS, TRANSFER] as const);
  if (mode === TRANSFER)
    throw apiErrors.invalidMessage('This symbol does not allow the specified self-trade prevention mode.');
  return mode ?? 'NONE';
}
