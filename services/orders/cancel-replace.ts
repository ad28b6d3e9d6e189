/**
 * `POST /api/v3/order/cancelReplace`. Filters that need no engine are checked before anything is cancelled; what else
 * refuses the new order is found after the cancel, and told as a partial failure.
 */
import { randomUUID } from 'node:crypto';
import type { EventOf } from '#domain/events.ts';
import { CANCEL_REPLACE_MODES } from '#domain/orders.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { rejectionName } from '#domain/rejections.ts';
import type { Outcome } from '#platform/engine-client.ts';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import type { ApiReply } from '#platform/spot-api/endpoint.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import { readCancelRestriction } from './cancel-order.ts';
import { cancelledViews } from './cancelled.ts';
import { attempt, execute, isUnexecuted, refusalOf } from './engine-refusals.ts';
import { currentFilterFailure } from './filters.ts';
import { type NewOrder, readNewOrder } from './new-order.ts';
import { uncountFilled } from './order-counting.ts';
import { readOrderName } from './order-name.ts';
import { type Json, placedView } from './order-view.ts';
import { UNNUMBERED } from './unnumbered.ts';
import type { OrdersDeps, UseCase } from './use-case.ts';

const LIMIT_MODES = ['DO_NOTHING', 'CANCEL_ONLY'] as const;

interface Cancel {
  readonly mode: (typeof CANCEL_REPLACE_MODES)[number];
  readonly name: ReturnType<typeof readOrderName>;
  readonly restriction: ReturnType<typeof readCancelRestriction>;
  readonly cancelId: string;
  /** What to do when the account has too many unfilled orders. */
  readonly beyondLimit: (typeof LIMIT_MODES)[number];
}

/** What became of each half: a view, or why it failed; a new order that was not tried has neither. */
interface Halves {
  readonly cancel: Json | ApiError;
  readonly order: Json | ApiError | null;
}

export const cancelReplace: UseCase = async (deps, request) => {
  const { listings, orderCounts } = deps;
  const { parameters, caller } = request;
  const order = readNewOrder(parameters, listings, caller.account);
  const cancel = readCancel(parameters);
  parameters.end();
  const failure = await currentFilterFailure(listings, order.market, order.command);
  if (failure !== null) throw refusalOf(failure);
  requireFresh(caller);
  try {
    orderCounts.add(caller.account);
  } catch (error) {
    if (!(error instanceof ApiError) || cancel.beyondLimit === 'DO_NOTHING') throw error;
    return cancelAlone(deps, request, order, cancel, error);
  }
  const outcome = await replace(deps, order, cancel);
  const headers = orderCounts.headers(caller.account);
  return { ...replyOf(await halvesOf(deps, request, order, cancel, outcome)), headers };
};

function readCancel(parameters: Parameters): Cancel {
  return {
    mode: parameters.mandatoryOneOf('cancelReplaceMode', CANCEL_REPLACE_MODES),
    name: readOrderName(parameters, 'cancelOrderId', 'cancelOrigClientOrderId'),
    restriction: readCancelRestriction(parameters),
    cancelId: parameters.clientId('cancelNewClientOrderId') ?? randomUUID(),
    beyondLimit: parameters.oneOf('orderRateLimitExceededMode', LIMIT_MODES) ?? 'DO_NOTHING',
  };
}

/** A new order that was tried and refused does not stay counted; one that was not tried does. */
async function replace(
  { engine, orderCounts }: OrdersDeps,
  { command }: NewOrder,
  { mode, name, restriction, cancelId }: Cancel,
): Promise<Outcome> {
  const { type: _, ...terms } = command;
  try {
    const outcome = await execute(engine, {
      type: 'cancelReplace',
      ...terms,
      mode,
      cancelOrderId: name.orderId,
      cancelRestriction: restriction,
      cancelClientOrderId: name.clientOrderId,
      cancelNewClientOrderId: cancelId,
    });
    const { placeCode } = codesOf(outcome);
    if (placeCode !== null && placeCode !== 0) orderCounts.remove(command.account);
    uncountFilled(orderCounts, outcome.events);
    return outcome;
  } catch (error) {
    if (isUnexecuted(error)) orderCounts.remove(command.account);
    throw error;
  }
}

function codesOf({ events }: Outcome): EventOf<'cancelReplaced'> {
  return events.find(({ type }) => type === 'cancelReplaced') as EventOf<'cancelReplaced'>;
}

async function halvesOf(
  deps: OrdersDeps,
  request: SignedRequest,
  { market, command, responseType }: NewOrder,
  { cancelId }: Cancel,
  outcome: Outcome,
): Promise<Halves> {
  const { cancelCode, placeCode } = codesOf(outcome);
  const { account } = command;
  const refusal = (code: number, refused: 'cancel' | 'order') =>
    refusalOf(rejectionName(code) as RejectionName, refused);
  const [cancelled] = await cancelledViews(deps, request, market, account, outcome, cancelId);
  // What was cancelled is not new, and whatever else becomes new is triggered or activated after the order was placed.
  const placed = outcome.events.find(
    (event) => event.type === 'order' && event.status === 'NEW',
  ) as EventOf<'order'>;
  return {
    cancel: cancelCode === 0 ? cancelled! : refusal(cancelCode, 'cancel'),
    order:
      placeCode === null
        ? null
        : placeCode === 0
          ? placedView(request, market, outcome, placed, responseType)
          : refusal(placeCode, 'order'),
  };
}

/** Past the order limit, when the client wants at least the cancel. */
async function cancelAlone(
  deps: OrdersDeps,
  request: SignedRequest,
  { market, command }: NewOrder,
  { mode, name, restriction, cancelId }: Cancel,
  tooMany: ApiError,
): Promise<ApiReply> {
  const { account } = command;
  const outcome = await attempt(deps.engine, {
    type: 'cancel',
    ...UNNUMBERED,
    account,
    market: market.id,
    ...name,
    restriction,
    newClientOrderId: cancelId,
  });
  const { rejection, events } = outcome;
  uncountFilled(deps.orderCounts, events);
  const stops = mode === 'STOP_ON_FAILURE';
  const [cancelled] = await cancelledViews(deps, request, market, account, outcome, cancelId);
  const halves: Halves = {
    cancel: rejection === null ? cancelled! : refusalOf(rejection, 'cancel'),
    order: rejection !== null && stops ? null : tooMany,
  };
  const reply = replyOf(halves);
  return stops ? { ...reply, status: tooMany.status } : reply;
}

function replyOf({ cancel, order }: Halves): ApiReply {
  const result = (half: Json | ApiError | null) =>
    half === null ? 'NOT_ATTEMPTED' : half instanceof ApiError ? 'FAILURE' : 'SUCCESS';
  const data = {
    cancelResult: result(cancel),
    newOrderResult: result(order),
    cancelResponse: cancel,
    newOrderResponse: order,
  };
  const succeeded = [data.cancelResult, data.newOrderResult].filter((each) => each === 'SUCCESS').length;
  if (succeeded === 2) return { json: data, weightless: true };
  const refusal = succeeded === 1 ? apiErrors.cancelReplacePartlyFailed() : apiErrors.cancelReplaceFailed();
  return { json: { ...refusal.toJSON(), data }, status: refusal.status };
}
