/** Public market data: REST, and WebSocket streams. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { upgradeWebSocket } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { WebSocket } from 'ws';
import { clientAddress } from '#platform/client-address.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { type EndpointDeps, endpoint, reply } from '#platform/spot-api/endpoint.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';
import type { ConnectionCounts } from '#platform/spot-api/limits.ts';
import { traceRequests } from '#platform/tracing.ts';
import { type EndpointName, useCases, weightOf } from './endpoints.ts';
import { routes } from './routes.ts';
import type { Form } from './streams/broadcast.ts';
import { LISTEN_KEYS_MAX, StreamSocket } from './streams/socket.ts';
import type { Streams } from './streams/streams.ts';
import { isListenKey, type UserData, type UserDataSource } from './streams/user-data.ts';
import type { MarketDataDeps } from './use-case.ts';

export interface MarketDataAppDeps extends MarketDataDeps, EndpointDeps {
  readonly streams: Streams;
  readonly connections: ConnectionCounts;
  /** Everybody who is connected. */
  readonly sockets: Set<StreamSocket>;
  /** What listen keys stand for. */
  readonly userData: UserDataSource;
}

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
    listenKeyAndMore: (context) => upgrade(context, deps, namesIn(context.req.path), false),
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

async function upgrade(
  context: Context,
  deps: MarketDataAppDeps,
  names: readonly string[],
  combined: boolean,
): Promise<Response> {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return context.text('this is a WebSocket\n', 426, { Upgrade: 'websocket' });
  }
  const form = readForm(context, combined);
  if (form === undefined) return context.json(apiErrors.invalidTimeUnit(), 400);
  const address = clientAddress(context, deps.trustedHops);
  const retryAfterMs = deps.connections.open(address);
  if (retryAfterMs > 0)
    return context.text('too many connections\n', 429, {
      'Retry-After': String(Math.ceil(retryAfterMs / 1_000)),
    });
  const { streams, listings, sockets } = deps;
  const { broadcast } = streams;
  const connection = (context.env as { incoming: IncomingMessage }).incoming.socket;
  const follow = (listenKey: string, { micros }: Form) =>
    deps.userData.follow(listenKey, { address, micros });
  const listenKeys = [...new Set(names.filter(isListenKey))];
  if (listenKeys.length > LISTEN_KEYS_MAX)
    return context.text(`at most ${LISTEN_KEYS_MAX} listenKeys per connection\n`, 400);
  let userData: readonly UserData[];
  try {
    userData = await followAll(listenKeys, connection, (listenKey) => follow(listenKey, form));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, retryAfterMs } = error;
    return reply({ json: error, status, headers: {}, retryAfterMs });
  }
  return upgradeWebSocket(context, {
    onOpen: (_, { raw }) => {
      const socket = raw as WebSocket;
      const options = { socket, connection, broadcast, listings, names, userData, follow, form };
      const opened = new StreamSocket(options);
      sockets.add(opened);
      socket.once('close', () => sockets.delete(opened));
    },
  });
}

/**
 * All of them or none; they end with the connection, whether or not it becomes a WebSocket.
 * @throws {ApiError} when there is no such listen key.
 */
async function followAll(
  listenKeys: readonly string[],
  connection: Duplex,
  follow: (listenKey: string) => Promise<UserData>,
): Promise<readonly UserData[]> {
  const userData: UserData[] = [];
  const close = () => {
    for (const followed of userData) followed.close();
  };
  connection.once('close', close);
  try {
    for (const listenKey of listenKeys) userData.push(await follow(listenKey));
  } catch (error) {
    close();
    throw error;
  }
  if (connection.destroyed) close();
  return userData;
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
