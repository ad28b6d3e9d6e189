import { defineRoutes } from '#platform/routes.ts';

/** Weights: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ (trading and account endpoints). */
export const routes = defineRoutes({
  placeOrder: {
    method: 'POST',
    path: '/api/v3/order',
    security: 'TRADE',
    weight: 1,
  },
  testOrder: {
    method: 'POST',
    path: '/api/v3/order/test',
    security: 'TRADE',
    weight: 'handler',
  },
  cancelOrder: {
    method: 'DELETE',
    path: '/api/v3/order',
    security: 'TRADE',
    weight: 1,
  },
  cancelOpenOrders: {
    method: 'DELETE',
    path: '/api/v3/openOrders',
    security: 'TRADE',
    weight: 1,
  },
  order: {
    method: 'GET',
    path: '/api/v3/order',
    security: 'USER_DATA',
    weight: 4,
  },
  openOrders: {
    method: 'GET',
    path: '/api/v3/openOrders',
    security: 'USER_DATA',
    weight: 'handler',
  },
  allOrders: {
    method: 'GET',
    path: '/api/v3/allOrders',
    security: 'USER_DATA',
    weight: 20,
  },
  account: {
    method: 'GET',
    path: '/api/v3/account',
    security: 'USER_DATA',
    weight: 20,
  },
  myTrades: {
    method: 'GET',
    path: '/api/v3/myTrades',
    security: 'USER_DATA',
    weight: 'handler',
  },
});
