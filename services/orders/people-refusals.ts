/** What the use cases refuse, in the words of the JSON API of people. */
import type { RejectionName } from '#domain/rejections.ts';
import { refusals as common, Refusal } from '#platform/people-api/refusal.ts';
import type { ApiError } from '#platform/spot-api/errors.ts';
import { EngineRefusal } from './engine-refusals.ts';

export const refusals = {
  ...common,
  unknownOrder: () =>
    new Refusal(404, 'UNKNOWN_ORDER', 'There is no such order of yours on this market: list them.'),
};

/** The dialect's numbers that are not about one field; the others are told as {@link common.invalidField} is. */
const codes: Readonly<Record<number, readonly [status: number, code: string]>> = {
  [-1003]: [429, 'TOO_MANY_REQUESTS'],
  [-1007]: [504, 'OUTCOME_UNKNOWN'],
  [-1008]: [503, 'OVERLOADED'],
  [-1015]: [429, 'TOO_MANY_ORDERS'],
  [-1121]: [404, 'UNKNOWN_SYMBOL'],
};
const UNKNOWN = new Set<RejectionName>(['unknownMarket', 'unknownOrder', 'unknownOrderList']);
const NO_SUCH_ORDER = -2013;
/** A filter or a combination: whatever the state of the exchange, the order is none. */
const INVALID = new Set([-1013, -1014]);

export function refusalFrom(error: ApiError): Refusal {
  if (error.code === NO_SUCH_ORDER) return refusals.unknownOrder();
  if (error instanceof EngineRefusal) return refusalOfEngine(error);
  const [status, code] = codes[error.code] ?? [error.status, 'INVALID_FIELD'];
  if (status === 500) return refusals.internal(error);
  return inWordsOf(error, status, code);
}

/** By the engine's own name of it: `INSUFFICIENT_BALANCE`, `LOT_SIZE`, `WOULD_TAKE`. */
function refusalOfEngine(error: EngineRefusal): Refusal {
  const { rejection } = error;
  if (rejection === 'unknownOrder') return refusals.unknownOrder();
  const status = UNKNOWN.has(rejection) ? 404 : INVALID.has(error.code) ? 400 : 409;
  return inWordsOf(error, status, rejection.replaceAll(/[A-Z]/g, '_$&').toUpperCase());
}

function inWordsOf(error: ApiError, status: number, code: string): Refusal {
  const { parameter, retryAfterMs, message, cause } = error;
  const wait: Record<string, string> = {};
  if (retryAfterMs !== undefined) wait['Retry-After'] = String(Math.ceil(retryAfterMs / 1_000));
  const field = parameter === undefined ? {} : { field: parameter };
  return new Refusal(status, code, message, { ...field, headers: wait, cause });
}
