/** Public market data: REST, and WebSocket streams. */
import { upgradeWebSocket } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { WebSocket } from 'ws';
import type { TimeUs } from '#domain/ids.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { type EndpointDeps, endpoint, type Weight } from '#platform/spot-api/endpoint.ts';
import { traceRequests } from '#platform/tracing.ts';
import { depth, depthWeight } from './depth.ts';
import { exchangeInfo } from './exchange-info.ts';
import { klines } from './klines.ts';
import { routes } from './routes.ts';
import { StreamSocket } from './stream-socket.ts';
import type { Streams } from './streams.ts';
import { bookTicker, dayTicker, dayTickerWeight, priceTicker, tickerWeight } from './tickers.ts';
import { aggregateTrades, trades } from './trades.ts';
import type { MarketDataDeps, UseCase } from './use-case.ts';

export interface MarketDataAppDeps extends MarketDataDeps, EndpointDeps {
  readonly streams: Streams;
  /** Everybody who is connected. */
  readonly sockets: Set<StreamSocket>;
}

/** As `orders` makes them. */
const LISTEN_KEY = /^U[0-9a-f]{64}$/;

export function createMarketDataApp(deps: MarketDataAppDeps): Hono {
  const open = (weight: Weight, useCase: UseCase): Handler =>
    endpoint(deps, weight, (request) => useCase(deps, request));
  const ping: UseCase = (_, { parameters }) => {
    parameters.end();
    return { json: {} };
  };
  const time: UseCase = (_, request) => {
    request.parameters.end();
    return { json: { serverTime: request.time((Date.now() * 1_000) as TimeUs) } };
  };
  /** Whoever is answered is not in maintenance. */
  const systemStatus: UseCase = () => ({ json: { status: 0, msg: 'normal' } });
  const app = new Hono();
  app.use(traceRequests());
  mountRoutes(app, routes, {
    ping: open(routes.ping.weight, ping),
    time: open(routes.time.weight, time),
    exchangeInfo: open(routes.exchangeInfo.weight, exchangeInfo),
    depth: open(depthWeight, depth),
    trades: open(routes.trades.weight, trades),
    aggTrades: open(routes.aggTrades.weight, aggregateTrades),
    klines: open(routes.klines.weight, klines),
    ticker24hr: open(dayTickerWeight, dayTicker),
    tickerPrice: open(tickerWeight, priceTicker),
    tickerBook: open(tickerWeight, bookTicker),
    systemStatus: open(routes.systemStatus.weight, systemStatus),
    stream: (context) => upgrade(context, deps, [], false),
    streamNamed: (context) => upgrade(context, deps, namesIn(context.req.path), false),
    combinedStream: (context) =>
      upgrade(context, deps, (context.req.query('streams') ?? '').split('/'), true),
  });
  return app;
}

/** The names after `/ws/`; some clients percent-encode the `@`. */
function namesIn(path: string): string[] {
  return path
    .split('/')
    .slice(2)
    .map((name) => name.replaceAll(/%40/g, '@'));
}

function upgrade(
  context: Context,
  { streams, listings, sockets }: MarketDataAppDeps,
  names: readonly string[],
  combined: boolean,
): Response | Promise<Response> {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return context.text('this is a WebSocket\n', 426, { Upgrade: 'websocket' });
  }
  // `orders` has what they stand for, and a query does not lead there.
  if (names.some((name) => LISTEN_KEY.test(name)))
    return context.text('a listenKey is followed at /ws/<listenKey>, alone\n', 400);
  return upgradeWebSocket(context, {
    onOpen: (_, { raw }) => {
      const socket = new StreamSocket(raw as WebSocket, streams, listings, names, combined);
      sockets.add(socket);
      (raw as WebSocket).once('close', () => sockets.delete(socket));
    },
  });
}
