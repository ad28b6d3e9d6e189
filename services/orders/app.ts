/** Trading and account endpoints: signed ones of bots, and those of people. */
import assert from 'node:assert/strict';
import type { Hono } from 'hono';
import { peopleApp } from '#platform/people-api/endpoint.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { type EndpointDeps, endpoint, type Weight } from '#platform/spot-api/endpoint.ts';
import { amendOrder } from './amend-order.ts';
import { authenticate, type KeyRing } from './authenticate.ts';
import { cancelOpenOrders } from './cancel-open-orders.ts';
import { cancelOrder } from './cancel-order.ts';
import { cancelOrderList } from './cancel-order-list.ts';
import { cancelReplace } from './cancel-replace.ts';
import { listAllOrderLists } from './list-all-order-lists.ts';
import { listAllOrders } from './list-all-orders.ts';
import { listAmendments } from './list-amendments.ts';
import { listMyTrades, myTradesWeight } from './list-my-trades.ts';
import { listOpenOrderLists } from './list-open-order-lists.ts';
import { listOpenOrders, openOrdersWeight } from './list-open-orders.ts';
import { listPreventedMatches, preventedMatchesWeight } from './list-prevented-matches.ts';
import { type OrdersPeopleDeps, ordersPeopleEndpoints } from './people-endpoints.ts';
import { placeOrder } from './place-order.ts';
import { placeLegacyOco, placeOco, placeOto, placeOtoco } from './place-order-list.ts';
import { placeSorOrder } from './place-sor-order.ts';
import { queryOrder } from './query-order.ts';
import { queryOrderList } from './query-order-list.ts';
import { routes } from './routes.ts';
import { showAccount } from './show-account.ts';
import { showCommission } from './show-commission.ts';
import { showFilters } from './show-filters.ts';
import { testOrder, testOrderWeight, testSorOrder } from './test-order.ts';
import type { UseCase } from './use-case.ts';

export interface OrdersAppDeps extends OrdersPeopleDeps, EndpointDeps, KeyRing {}

type Name = keyof typeof routes;

export function createOrdersApp(deps: OrdersAppDeps): Hono {
  /** The route's declared security is checked before its use case runs. */
  const signed = (name: Name, useCase: UseCase, weight: Weight = fixedWeight(name)): Handler => {
    const { security } = routes[name];
    return endpoint(deps, weight, async (request) => {
      const caller = await authenticate(deps, request, security);
      return useCase(deps, { ...request, caller });
    });
  };
  const app = peopleApp(deps.log);
  mountRoutes(app, routes, {
    placeOrder: signed('placeOrder', placeOrder),
    testOrder: signed('testOrder', testOrder, testOrderWeight),
    cancelOrder: signed('cancelOrder', cancelOrder),
    cancelOpenOrders: signed('cancelOpenOrders', cancelOpenOrders),
    cancelReplace: signed('cancelReplace', cancelReplace),
    amendOrder: signed('amendOrder', amendOrder),
    placeOco: signed('placeOco', placeOco),
    placeOto: signed('placeOto', placeOto),
    placeOtoco: signed('placeOtoco', placeOtoco),
    placeLegacyOco: signed('placeLegacyOco', placeLegacyOco),
    cancelOrderList: signed('cancelOrderList', cancelOrderList),
    placeSorOrder: signed('placeSorOrder', placeSorOrder),
    testSorOrder: signed('testSorOrder', testSorOrder, testOrderWeight),
    order: signed('order', queryOrder),
    openOrders: signed('openOrders', listOpenOrders, openOrdersWeight),
    allOrders: signed('allOrders', listAllOrders),
    amendments: signed('amendments', listAmendments),
    orderList: signed('orderList', queryOrderList),
    allOrderLists: signed('allOrderLists', listAllOrderLists),
    openOrderLists: signed('openOrderLists', listOpenOrderLists),
    preventedMatches: signed('preventedMatches', listPreventedMatches, preventedMatchesWeight),
    account: signed('account', showAccount),
    commission: signed('commission', showCommission),
    filters: signed('filters', showFilters),
    myTrades: signed('myTrades', listMyTrades, myTradesWeight),
    ...ordersPeopleEndpoints(deps),
  });
  return app;
}

/** The weight a route declares; one that depends on the parameters has to be given. */
function fixedWeight(name: Name): number {
  const { weight } = routes[name];
  assert(weight !== 'handler', `the weight of ${name} depends on its parameters`);
  return weight;
}
