/** What a client hears when the engine refuses a command or gives no answer: the one place that translates. */
import type { Command } from '#domain/commands.ts';
import type { Query } from '#domain/queries.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { type Answer, type EngineClient, EngineUnavailable, type Outcome } from '#platform/engine-client.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';

/** When to try again what was never sent. */
const RETRY_AFTER_MS = 1_000;

/** What was refused: the same words of the engine have a code for each. */
export type Refused = 'order' | 'cancel' | 'amend';

type Refusal = (reject: (message: string) => ApiError) => ApiError;

const inWords =
  (message: string): Refusal =>
  (reject) =>
    reject(message);
const filterFailure = (filter: string) => () => apiErrors.invalidMessage(`Filter failure: ${filter}`);

const refusals: Readonly<Record<RejectionName, Refusal>> = {
  unknownMarket: apiErrors.invalidSymbol,
  invalidOrder: apiErrors.unsupportedCombination,
  invalidOrderList: apiErrors.unsupportedCombination,
  insufficientBalance: inWords('Account has insufficient balance for requested action.'),
  duplicateClientOrderId: inWords('Duplicate order sent.'),
  duplicateListClientOrderId: inWords('Duplicate order sent.'),
  wouldTake: inWords('Order would immediately match and take.'),
  wouldTrigger: inWords('Order would trigger immediately.'),
  orderListPrices: inWords('The relationship of the prices for the orders is not correct.'),
  marketClosed: inWords('Market is closed.'),
  unknownOrder: inWords('Unknown order sent.'),
  unknownOrderList: inWords('Unknown order list sent.'),
  cancelRestricted: inWords('Order was not canceled due to cancel restrictions.'),
  // The engine has one code for all of them; `amend-order.ts` finds out which it was.
  invalidAmend: inWords('Order amend (quantity increase) is not supported.'),
  orderIdMismatch: apiErrors.clientOrderIdMismatch,
  priceFilter: filterFailure('PRICE_FILTER'),
  percentPriceBySide: filterFailure('PERCENT_PRICE_BY_SIDE'),
  lotSize: filterFailure('LOT_SIZE'),
  marketLotSize: filterFailure('MARKET_LOT_SIZE'),
  icebergParts: filterFailure('ICEBERG_PARTS'),
  trailingDelta: filterFailure('TRAILING_DELTA'),
  notional: filterFailure('NOTIONAL'),
  maxPosition: filterFailure('MAX_POSITION'),
  maxNumOrders: filterFailure('MAX_NUM_ORDERS'),
  maxNumAlgoOrders: filterFailure('MAX_NUM_ALGO_ORDERS'),
  maxNumIcebergOrders: filterFailure('MAX_NUM_ICEBERG_ORDERS'),
  maxNumOrderLists: filterFailure('MAX_NUM_ORDER_LISTS'),
  // Of all filters this one alone is told with the code of its action.
  maxNumOrderAmends: inWords('Filter failure: MAX_NUM_ORDER_AMENDS'),
  // Refusals of commands that this service never sends.
  unknownAsset: () => apiErrors.unknown(),
  alreadyListed: () => apiErrors.unknown(),
  invalidListing: () => apiErrors.unknown(),
  invalidAmount: () => apiErrors.unknown(),
  duplicateReference: () => apiErrors.unknown(),
  supplyOverflow: () => apiErrors.unknown(),
  unknownLogic: () => apiErrors.unknown(),
  invalidTier: () => apiErrors.unknown(),
  unknownSession: () => apiErrors.unknown(),
  forgottenRequest: () => apiErrors.unknown(),
  conflictingReference: () => apiErrors.unknown(),
  unknownWithdrawal: () => apiErrors.unknown(),
  withdrawalEnded: () => apiErrors.unknown(),
};

const rejects: Readonly<Record<Refused, (message: string) => ApiError>> = {
  order: apiErrors.newOrderRejected,
  cancel: apiErrors.cancelRejected,
  amend: apiErrors.amendRejected,
};

/** A refusal in the dialect's words, with the engine's name for it. */
export class EngineRefusal extends ApiError {
  readonly rejection: RejectionName;

  constructor(rejection: RejectionName, { code, message, status, parameter }: ApiError) {
    super(code, message, { status, ...(parameter === undefined ? {} : { parameter }) });
    this.rejection = rejection;
  }
}

export function refusalOf(rejection: RejectionName, refused: Refused = 'order'): EngineRefusal {
  return new EngineRefusal(rejection, refusals[rejection](rejects[refused]));
}

function refusedBy(type: Command['type']): Refused {
  if (type === 'cancel' || type === 'cancelAll' || type === 'cancelList') return 'cancel';
  return type === 'amend' ? 'amend' : 'order';
}

/** @throws {ApiError} when the engine's answer did not come. */
export function attempt(engine: EngineClient, command: Command): Promise<Outcome> {
  return engine.execute(command).catch(throwUnavailable);
}

/** @throws {ApiError} when the engine refuses, or its answer did not come. */
export async function execute(engine: EngineClient, command: Command): Promise<Outcome> {
  const outcome = await attempt(engine, command);
  if (outcome.rejection !== null) throw refusalOf(outcome.rejection, refusedBy(command.type));
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

/** @throws {ApiError} instead of what a client of the engine throws without an answer. */
export function throwUnavailable(error: unknown): never {
  if (!(error instanceof EngineUnavailable)) throw error;
  throw error.sent ? apiErrors.timeout(error) : apiErrors.overloaded(RETRY_AFTER_MS, error);
}
