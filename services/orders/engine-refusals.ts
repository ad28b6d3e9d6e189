/** What a client hears when the engine refuses a command or gives no answer: the one place that translates. */
import type { Command } from '#domain/commands.ts';
import type { Query } from '#domain/queries.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { type Answer, type EngineClient, EngineUnavailable, type Outcome } from '#platform/engine-client.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';

/** When to try again what was never sent. */
const RETRY_AFTER_MS = 1_000;

const filterFailure = (filter: string) => () => apiErrors.invalidMessage(`Filter failure: ${filter}`);

const refusals: Readonly<Record<RejectionName, () => ApiError>> = {
  unknownMarket: apiErrors.invalidSymbol,
  invalidOrder: apiErrors.unsupportedCombination,
  insufficientBalance: () =>
    apiErrors.newOrderRejected('Account has insufficient balance for requested action.'),
  duplicateClientOrderId: () => apiErrors.newOrderRejected('Duplicate order sent.'),
  wouldTake: () => apiErrors.newOrderRejected('Order would immediately match and take.'),
  unknownOrder: () => apiErrors.cancelRejected('Unknown order sent.'),
  cancelRestricted: () => apiErrors.cancelRejected('Order was not canceled due to cancel restrictions.'),
  orderIdMismatch: apiErrors.clientOrderIdMismatch,
  priceFilter: filterFailure('PRICE_FILTER'),
  lotSize: filterFailure('LOT_SIZE'),
  marketLotSize: filterFailure('MARKET_LOT_SIZE'),
  notional: filterFailure('NOTIONAL'),
  maxNumOrders: filterFailure('MAX_NUM_ORDERS'),
  // Refusals of commands that this service never sends.
  unknownAsset: apiErrors.unknown,
  alreadyListed: apiErrors.unknown,
  invalidListing: apiErrors.unknown,
  invalidAmount: apiErrors.unknown,
  duplicateReference: apiErrors.unknown,
  supplyOverflow: apiErrors.unknown,
};

export function refusalOf(rejection: RejectionName): ApiError {
  return refusals[rejection]();
}

/** @throws {ApiError} when the engine refuses, or its answer did not come. */
export async function execute(engine: EngineClient, command: Command): Promise<Outcome> {
  const outcome = await engine.execute(command).catch(throwUnavailable);
  if (outcome.rejection !== null) throw refusalOf(outcome.rejection);
  return outcome;
}

/** Whether nothing came of the command for certain; an order that may have been executed counts as placed. */
export function isUnexecuted(error: unknown): boolean {
  return error instanceof ApiError && !(error.cause instanceof EngineUnavailable && error.cause.sent);
}

/** @throws {ApiError} when the answer did not come. */
export function ask(engine: EngineClient, query: Query): Promise<Answer> {
  return engine.ask(query).catch(throwUnavailable);
}

function throwUnavailable(error: unknown): never {
  if (!(error instanceof EngineUnavailable)) throw error;
  throw error.sent ? apiErrors.timeout(error) : apiErrors.overloaded(RETRY_AFTER_MS, error);
}
