/** `POST /api/v3/orderList/oco`, `oto` and `otoco`, and the deprecated `POST /api/v3/order/oco`. */
import type { EventOf } from '#domain/events.ts';
import type { Units } from '#domain/ids.ts';
import { SIDES, type Side } from '#domain/orders.ts';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import { execute } from './engine-refusals.ts';
import {
  type Leg,
  type NewOrderList,
  readLegId,
  readNewOrderList,
  readPair,
  readPendingLeg,
  readPendingQuantity,
  readWorkingLeg,
} from './new-order-list.ts';
import { counted } from './order-counting.ts';
import { orderIdsOf, orderListView } from './order-list-view.ts';
import { readTerms, type TermNames } from './order-terms.ts';
import { placedView } from './order-view.ts';
import type { UseCase } from './use-case.ts';

type Read = (request: SignedRequest, market: Market) => NewOrderList;

const placing =
  (read: Read): UseCase =>
  async ({ engine, listings, orderCounts }, request) => {
    const { parameters, caller } = request;
    const { account } = caller;
    const market = listings.marketOf(parameters.symbol());
    const { command, responseType } = read(request, market);
    const orders = command.kind === 'OTOCO' ? 3 : 2;
    const outcome = await counted(orderCounts, account, orders, () => {
      requireFresh(caller);
      return execute(engine, command);
    });
    const { events, timeUs } = outcome;
    const list = events[0] as EventOf<'orderList'>;
    const placed = orderIdsOf(list).map((id) => events.find(isOrder(id)) as EventOf<'order'>);
    const clientOrderIds = new Map(placed.map(({ orderId, clientOrderId }) => [orderId, clientOrderId]));
    return {
      json: {
        ...orderListView(request, market, list, clientOrderIds, timeUs),
        orderReports: placed.map((order, leg) => {
          // Only the order that works at once is told with what came of it: the others as they were accepted.
          const isTaker = leg === 0 && command.kind !== 'OCO';
          const own = { timeUs, events: isTaker ? events : [order] };
          return placedView(request, market, own, order, responseType);
        }),
      },
      headers: orderCounts.headers(account),
      weightless: true,
    };
  };

const isOrder =
  (id: number) =>
  (event: { readonly type: string }): boolean =>
    event.type === 'order' && (event as EventOf<'order'>).orderId === id;

const readSide = (parameters: Parameters, name: string): Side =>
  parameters.mandatoryOneOf(name, SIDES, apiErrors.invalidSide);

export const placeOco = placing(({ parameters, caller }, market) => {
  const side = readSide(parameters, 'side');
  const quantity = parameters.mandatoryDecimal<Units>('quantity', market.base.scale);
  const legs = readPair(parameters, market, side, quantity, ['above', 'below']);
  return readNewOrderList(parameters, market, caller.account, 'OCO', legs);
});

export const placeOto = placing(({ parameters, caller }, market) => {
  const working = readWorkingLeg(parameters, market, readSide(parameters, 'workingSide'));
  const pending = readPendingLeg(parameters, market, readSide(parameters, 'pendingSide'));
  return readNewOrderList(parameters, market, caller.account, 'OTO', [working, pending]);
});

export const placeOtoco = placing(({ parameters, caller }, market) => {
  const working = readWorkingLeg(parameters, market, readSide(parameters, 'workingSide'));
  const side = readSide(parameters, 'pendingSide');
  const quantity = readPendingQuantity(parameters, market);
  const pair = readPair(parameters, market, side, quantity, ['pendingAbove', 'pendingBelow']);
  return readNewOrderList(parameters, market, caller.account, 'OTOCO', [working, ...pair]);
});

const LEGACY_LIMIT: TermNames = {
  price: 'price',
  icebergQty: 'limitIcebergQty',
  strategyId: 'limitStrategyId',
  strategyType: 'limitStrategyType',
};
const LEGACY_STOP: TermNames = {
  price: 'stopLimitPrice',
  icebergQty: 'stopIcebergQty',
  strategyId: 'stopStrategyId',
  strategyType: 'stopStrategyType',
  timeInForce: 'stopLimitTimeInForce',
  stopPrice: 'stopPrice',
  trailingDelta: 'trailingDelta',
};

/** A limit order on the good side of the price, and a stop-loss on the bad one. */
export const placeLegacyOco = placing(({ parameters, caller }, market) => {
  const side = readSide(parameters, 'side');
  const quantity = parameters.mandatoryDecimal<Units>('quantity', market.base.scale);
  parameters.mandatoryText('price');
  parameters.mandatoryText('stopPrice');
  const stopType = parameters.has('stopLimitPrice') ? 'STOP_LOSS_LIMIT' : 'STOP_LOSS';
  const limit: Leg = {
    terms: readTerms(parameters, LEGACY_LIMIT, { side, orderType: 'LIMIT_MAKER', quantity }, market),
    clientOrderId: readLegId(parameters, 'limitClientOrderId'),
  };
  const stop: Leg = {
    terms: readTerms(parameters, LEGACY_STOP, { side, orderType: stopType, quantity }, market),
    clientOrderId: readLegId(parameters, 'stopClientOrderId'),
  };
  const legs: [Leg, Leg] = side === 'BUY' ? [stop, limit] : [limit, stop];
  return readNewOrderList(parameters, market, caller.account, 'OCO', legs);
});
