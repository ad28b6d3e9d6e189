/** The signed trading and account endpoints. */
import { Hono } from 'hono';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { type EndpointDeps, endpoint, type Weight } from '#platform/spot-api/endpoint.ts';
import type { ApiKeys } from './api-keys.ts';
import { authenticate } from './authenticate.ts';
import { cancelOpenOrders } from './cancel-open-orders.ts';
import { cancelOrder } from './cancel-order.ts';
import { listAllOrders } from './list-all-orders.ts';
import { listMyTrades, myTradesWeight } from './list-my-trades.ts';
import { listOpenOrders, openOrdersWeight } from './list-open-orders.ts';
import { placeOrder } from './place-order.ts';
import { queryOrder } from './query-order.ts';
import { routes } from './routes.ts';
import { showAccount } from './show-account.ts';
import { testOrder, testOrderWeight } from './test-order.ts';
import type { OrdersDeps, UseCase } from './use-case.ts';

export interface OrdersAppDeps extends OrdersDeps, EndpointDeps {
  readonly keys: Pick<ApiKeys, 'find'>;
}

export function createOrdersApp(deps: OrdersAppDeps): Hono {
  /** The route's declared security is checked before its use case runs. */
  const signed = (name: keyof typeof routes, weight: Weight, useCase: UseCase): Handler => {
    const { security } = routes[name];
    return endpoint(deps, weight, async (request) => {
      const caller = await authenticate(deps.keys, request, security);
      return useCase(deps, { ...request, caller });
    });
  };
  const app = new Hono();
  mountRoutes(app, routes, {
    placeOrder: signed('placeOrder', routes.placeOrder.weight, placeOrder),
    testOrder: signed('testOrder', testOrderWeight, testOrder),
    cancelOrder: signed('cancelOrder', routes.cancelOrder.weight, cancelOrder),
    cancelOpenOrders: signed('cancelOpenOrders', routes.cancelOpenOrders.weight, cancelOpenOrders),
    order: signed('order', routes.order.weight, queryOrder),
    openOrders: signed('openOrders', openOrdersWeight, listOpenOrders),
    allOrders: signed('allOrders', routes.allOrders.weight, listAllOrders),
    account: signed('account', routes.account.weight, showAccount),
    myTrades: signed('myTrades', myTradesWeight, listMyTrades),
  });
  return app;
}
