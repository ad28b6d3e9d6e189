/** Public market data: REST, and WebSocket streams. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { upgradeWebSocket } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { WebSocket } from 'ws';
import { clientAddress } from '#platform/client-address.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { type EndpointDeps, endpoint } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { ConnectionCounts } from '#platform/spot-api/limits.ts';
import { traceRequests } from '#platform/tracing.ts';
import { type EndpointName, useCases, weightOf } from './endpoints.ts';
import { routes } from './routes.ts';
import type { Form } from './streams/broadcast.ts';
import { StreamSocket } from './streams/socket.ts';
import type { Streams } from './streams/streams.ts';
import type { MarketDataDeps } from './use-case.ts';

export interface MarketDataAppDeps extends MarketDataDeps, EndpointDeps {
  readonly streams: Streams;
  readonly connections: ConnectionCounts;
  /** Everybody who is connected. */
  readonly sockets: Set<StreamSocket>;
}

/** As `orders` makes them. */
const LISTEN_KEY = /^U[0-9a-f]{64}$/;

export function createMarketDataApp(deps: MarketDataAppDeps): Hono {
  const open = (name: EndpointName): Handler =>
    endpoint(deps, weightOf(name), (request) => useCases[name](deps, request));
  const app = new Hono();
  app.use(traceRequests());
  mountRoutes(app, routes, {
    ...(Object.fromEntries(
      (Object.keys(useCases) as EndpointName[]).map((name) => [name, open(name)]),
    ) as Record<EndpointName, Handler>),
    stream: (context) => upgrade(context, deps, [], false),
    streamNamed: (context) => upgrade(context, deps, namesIn(context.req.path), false),
    combinedStream: (context) => {
      const streams = context.req.query('streams') ?? '';
      return upgrade(context, deps, streams === '' ? [] : streams.split('/'), true);
    },
  });
  return app;
}

/** The names after `/ws/`; some clients percent-encode the `@`, and the `+` of a time zone. */
function namesIn(path: string): string[] {
  return path
    .split('/')
    .slice(2)
    .map((name) => name.replaceAll(/%40/g, '@').replaceAll(/%2b/gi, '+').replaceAll(/%3a/gi, ':'));
}

function upgrade(
  context: Context,
  deps: MarketDataAppDeps,
  names: readonly string[],
  combined: boolean,
): Response | Promise<Response> {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return context.text('this is a WebSocket\n', 426, { Upgrade: 'websocket' });
  }
  // `orders` has what they stand for, and a query does not lead there.
  if (names.some((name) => LISTEN_KEY.test(name)))
    return context.text('a listenKey is followed at /ws/<listenKey>, alone\n', 400);
  const form = readForm(context, combined);
  if (form === undefined) return context.json(apiErrors.invalidTimeUnit(), 400);
  const retryAfterMs = deps.connections.open(clientAddress(context, deps.trustedHops));
  if (retryAfterMs > 0)
    return context.text('too many connections\n', 429, {
      'Retry-After': String(Math.ceil(retryAfterMs / 1_000)),
    });
  const connection = (context.env as { incoming: IncomingMessage }).incoming.socket;
  return upgradeWebSocket(context, {
    onOpen: (_, { raw }) => open(deps, raw as WebSocket, connection, names, form),
  });
}

function open(
  { streams, listings, sockets }: MarketDataAppDeps,
  socket: WebSocket,
  connection: Duplex,
  names: readonly string[],
  form: Form,
): void {
  const { broadcast } = streams;
  const opened = new StreamSocket({ socket, connection, broadcast, listings, names, form });
  sockets.add(opened);
  socket.once('close', () => sockets.delete(opened));
}

/** Undefined for a `timeUnit` that is none. */
function readForm(context: Context, combined: boolean): Form | undefined {
  switch ((context.req.query('timeUnit') ?? 'MILLISECOND').toUpperCase()) {
    case 'MILLISECOND':
      return { combined, micros: false };
    case 'MICROSECOND':
      return { combined, micros: true };
    default:
      return undefined;
  }
}
