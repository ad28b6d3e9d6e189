/** The signed trading and account endpoints, those of people, the WebSocket API, and the streams of listen keys. */
import { upgradeWebSocket } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { WebSocket } from 'ws';
import { clientAddress } from '#platform/client-address.ts';
import { peopleApp } from '#platform/people-api/endpoint.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { type ApiReply, attend, type EndpointDeps, reply, timeScale } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { ConnectionCounts } from '#platform/spot-api/limits.ts';
import { Parameters } from '#platform/spot-api/parameters.ts';
import { type SignedRequest, signedEndpoint } from '#platform/spot-api/signed-endpoint.ts';
import { type EndpointName, endpointNames, useCaseOf, weightOf } from './endpoints.ts';
import type { Clock } from './order-view.ts';
import { type OrdersPeopleDeps, ordersPeopleEndpoints } from './people-endpoints.ts';
import { routes } from './routes.ts';
import {
  closeListenKey,
  keepListenKey,
  type ListenKeyDeps,
  openListenKey,
} from './user-data/listen-key-endpoints.ts';
import type { ListenKeyStreams } from './user-data/listen-key-streams.ts';
import { Connection, type ConnectionDeps } from './websocket-api/connection.ts';

export interface OrdersAppDeps extends OrdersPeopleDeps, EndpointDeps, ConnectionDeps, ListenKeyDeps {
  readonly listenKeyStreams: ListenKeyStreams;
  readonly connectionCounts: ConnectionCounts;
  /** Everybody who is connected to the WebSocket API. */
  readonly connections: Set<Connection>;
}

/** What an opened connection weighs. */
const CONNECTION_WEIGHT = 2;

export function createOrdersApp(deps: OrdersAppDeps): Hono {
  const signed = (name: EndpointName): Handler =>
    signedEndpoint(deps, routes[name].security, weightOf(name), (request) => useCaseOf(name)(deps, request));
  type Keyed = 'marginPairs' | 'isolatedMarginPairs' | 'openListenKey' | 'keepListenKey' | 'closeListenKey';
  const keyed = (name: Keyed, handle: (request: SignedRequest) => ApiReply | Promise<ApiReply>): Handler =>
    signedEndpoint(deps, routes[name].security, routes[name].weight, handle);
  // ccxt asks for them, with parameters that are those of its signature.
  const noPairs = () => ({ json: [] });
  const app = peopleApp(deps.log);
  mountRoutes(app, routes, {
    ...(Object.fromEntries(endpointNames.map((name) => [name, signed(name)])) as Record<
      EndpointName,
      Handler
    >),
    ...ordersPeopleEndpoints(deps),
    marginPairs: keyed('marginPairs', noPairs),
    isolatedMarginPairs: keyed('isolatedMarginPairs', noPairs),
    openListenKey: keyed('openListenKey', (request) => openListenKey(deps, request)),
    keepListenKey: keyed('keepListenKey', (request) => keepListenKey(deps, request)),
    closeListenKey: keyed('closeListenKey', (request) => closeListenKey(deps, request)),
    webSocketApi: (context) => openConnection(context, deps),
    listenKeyStream: (context) => openListenKeyStream(context, deps),
  });
  return app;
}

function openConnection(context: Context, deps: OrdersAppDeps): Promise<Response> {
  return upgrade(context, deps, async (address, clock) => {
    const { connections } = deps;
    const returnsRateLimits = returnsRateLimitsOf(context);
    return (socket) => {
      const options = { address, returnsRateLimits, time: clock.time };
      const connection = new Connection(socket, deps, options, () => connections.delete(connection));
      connections.add(connection);
    };
  });
}

/** @throws {ApiError} −1100 */
function returnsRateLimitsOf(context: Context): boolean {
  const wanted = context.req.query('returnRateLimits');
  return wanted === undefined || new Parameters(`returnRateLimits=${wanted}`).boolean('returnRateLimits');
}

function openListenKeyStream(context: Context, deps: OrdersAppDeps): Promise<Response> {
  return upgrade(context, deps, async (address, { time }) => {
    const listenKey = context.req.param('listenKey')!;
    const found = await deps.listenKeys.find(listenKey);
    if (found === undefined) throw apiErrors.invalidListenKey();
    return (socket) => deps.listenKeyStreams.serve(socket, { listenKey, address, time }, found);
  });
}

type Serve = (socket: WebSocket) => void;

/** Weighs the connection and opens it, unless `prepare` refuses; `clock` is as the address has it. */
async function upgrade(
  context: Context,
  deps: OrdersAppDeps,
  prepare: (address: string, clock: Clock) => Promise<Serve>,
): Promise<Response> {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket')
    return context.text('this is a WebSocket\n', 426, { Upgrade: 'websocket' });
  const address = clientAddress(context, deps.trustedHops);
  let serve: Serve | undefined;
  const answer = await attend(
    deps,
    address,
    CONNECTION_WEIGHT,
    () => ({ parameters: new Parameters('') }),
    async () => {
      const retryAfterMs = deps.connectionCounts.open(address);
      if (retryAfterMs > 0) throw apiErrors.tooManyConnections(retryAfterMs);
      const scale = timeScale(context.req.query('timeUnit'));
      serve = await prepare(address, { time: (timeUs) => Math.floor(timeUs / scale) });
      return { json: null };
    },
  );
  if (serve === undefined) return reply(answer, deps.weights.headers(address));
  const open = serve;
  return upgradeWebSocket(context, { onOpen: (_, { raw }) => open(raw as WebSocket) });
}
