/**
 * The methods of the WebSocket API. Those that have a route do what it does, by the same use case; those of public data
 * are asked of `market-data`.
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/
 */
import { type EndpointName, useCaseOf, weightOf } from '../endpoints.ts';
import { routes } from '../routes.ts';
import type { Method } from './call.ts';
import { sessionMethods } from './session-methods.ts';

const endpointMethods: Readonly<Record<string, EndpointName>> = {
  'order.place': 'placeOrder',
  'order.test': 'testOrder',
  'order.cancel': 'cancelOrder',
  'order.cancelReplace': 'cancelReplace',
  'order.amend.keepPriority': 'amendOrder',
  'order.status': 'order',
  'order.amendments': 'amendments',
  'openOrders.status': 'openOrders',
  'openOrders.cancelAll': 'cancelOpenOrders',
  allOrders: 'allOrders',
  'orderList.place': 'placeLegacyOco',
  'orderList.place.oco': 'placeOco',
  'orderList.place.oto': 'placeOto',
  'orderList.place.otoco': 'placeOtoco',
  'orderList.cancel': 'cancelOrderList',
  'orderList.status': 'orderList',
  'openOrderLists.status': 'openOrderLists',
  allOrderLists: 'allOrderLists',
  'sor.order.place': 'placeSorOrder',
  'sor.order.test': 'testSorOrder',
  'account.status': 'account',
  'account.commission': 'commission',
  'account.rateLimits.orders': 'orderCounts',
  myTrades: 'myTrades',
  myPreventedMatches: 'preventedMatches',
  myAllocations: 'allocations',
  myFilters: 'filters',
};

const COUNTS_ORDERS = /^(order\.place|order\.cancelReplace|orderList\.place.*|sor\.order\.place)$/;

const marketDataMethods: Readonly<Record<string, string>> = {
  ping: '/api/v3/ping',
  time: '/api/v3/time',
  exchangeInfo: '/api/v3/exchangeInfo',
  executionRules: '/api/v3/executionRules',
  depth: '/api/v3/depth',
  'trades.recent': '/api/v3/trades',
  'trades.historical': '/api/v3/historicalTrades',
  'trades.aggregate': '/api/v3/aggTrades',
  klines: '/api/v3/klines',
  uiKlines: '/api/v3/uiKlines',
  avgPrice: '/api/v3/avgPrice',
  'ticker.24hr': '/api/v3/ticker/24hr',
  'ticker.tradingDay': '/api/v3/ticker/tradingDay',
  ticker: '/api/v3/ticker',
  'ticker.price': '/api/v3/ticker/price',
  'ticker.book': '/api/v3/ticker/bookTicker',
};

function asEndpoint(name: EndpointName): Omit<Method, 'countsOrders'> {
  const { security } = routes[name];
  const useCase = useCaseOf(name);
  return {
    weight: weightOf(name),
    handle: async (call) => useCase(call.deps, call.by(await call.authenticate(security))),
  };
}

/** Weighed by the service that answers. */
const asMarketData = (path: string): Method => ({
  weight: 0,
  handle: (call) => call.deps.marketData.get(path, call),
});

export const methods: ReadonlyMap<string, Method> = new Map([
  ...Object.entries(endpointMethods).map(
    ([method, name]) => [method, { ...asEndpoint(name), countsOrders: COUNTS_ORDERS.test(method) }] as const,
  ),
  ...Object.entries(marketDataMethods).map(([method, path]) => [method, asMarketData(path)] as const),
  ...Object.entries(sessionMethods),
]);
