import { defineRoutes } from '#platform/routes.ts';

/** Weights: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ (general and market data endpoints). */
export const routes = defineRoutes({
  ping: { method: 'GET', path: '/api/v3/ping', security: 'NONE', weight: 1 },
  time: { method: 'GET', path: '/api/v3/time', security: 'NONE', weight: 1 },
  exchangeInfo: {
    method: 'GET',
    path: '/api/v3/exchangeInfo',
    security: 'NONE',
    weight: 20,
  },
  executionRules: {
    method: 'GET',
    path: '/api/v3/executionRules',
    security: 'NONE',
    weight: 'handler',
  },
  depth: {
    method: 'GET',
    path: '/api/v3/depth',
    security: 'NONE',
    weight: 'handler',
  },
  trades: {
    method: 'GET',
    path: '/api/v3/trades',
    security: 'NONE',
    weight: 25,
  },
  historicalTrades: {
    method: 'GET',
    path: '/api/v3/historicalTrades',
    security: 'NONE',
    weight: 25,
  },
  aggTrades: {
    method: 'GET',
    path: '/api/v3/aggTrades',
    security: 'NONE',
    weight: 4,
  },
  klines: {
    method: 'GET',
    path: '/api/v3/klines',
    security: 'NONE',
    weight: 2,
  },
  uiKlines: {
    method: 'GET',
    path: '/api/v3/uiKlines',
    security: 'NONE',
    weight: 2,
  },
  avgPrice: {
    method: 'GET',
    path: '/api/v3/avgPrice',
    security: 'NONE',
    weight: 2,
  },
  ticker: {
    method: 'GET',
    path: '/api/v3/ticker',
    security: 'NONE',
    weight: 'handler',
  },
  tickerTradingDay: {
    method: 'GET',
    path: '/api/v3/ticker/tradingDay',
    security: 'NONE',
    weight: 'handler',
  },
  ticker24hr: {
    method: 'GET',
    path: '/api/v3/ticker/24hr',
    security: 'NONE',
    weight: 'handler',
  },
  tickerPrice: {
    method: 'GET',
    path: '/api/v3/ticker/price',
    security: 'NONE',
    weight: 'handler',
  },
  tickerBook: {
    method: 'GET',
    path: '/api/v3/ticker/bookTicker',
    security: 'NONE',
    weight: 'handler',
  },
  systemStatus: { method: 'GET', path: '/sapi/v1/system/status', security: 'NONE', weight: 1 },
  stream: {
    method: 'GET',
    path: '/ws',
    security: 'NONE',
    weight: 'handler',
    upgrade: true,
  },
  streamNamed: {
    method: 'GET',
    path: '/ws/*',
    security: 'NONE',
    weight: 'handler',
    upgrade: true,
  },
  // A listen key alone is of `orders`.
  listenKeyAndMore: {
    method: 'GET',
    path: '/ws/:listenKey{U[0-9a-f]+}/*',
    security: 'NONE',
    weight: 'handler',
    upgrade: true,
  },
  combinedStream: {
    method: 'GET',
    path: '/stream',
    security: 'NONE',
    weight: 'handler',
    upgrade: true,
  },
});
