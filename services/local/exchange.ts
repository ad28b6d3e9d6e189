/** The whole exchange in one process: every service as it runs on AWS, on embedded components, behind one port. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import { listings } from '#environments/markets.ts';
import { walletTerms } from '#environments/wallet.ts';
import { startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { type ConfigOf, defaultsOf } from '#platform/env.ts';
import { openFeed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import type { Routes } from '#platform/routes.ts';
import { config as accountsConfig } from '#services/accounts/config.ts';
import { routes as accountsRoutes } from '#services/accounts/routes.ts';
import { startAccounts } from '#services/accounts/service.ts';
import { config as engineConfig } from '#services/engine/config.ts';
import { startEngine } from '#services/engine/service.ts';
import { routes as marketDataRoutes } from '#services/market-data/routes.ts';
import { startMarketData } from '#services/market-data/service.ts';
import { config as ordersConfig } from '#services/orders/config.ts';
import { routes as ordersRoutes } from '#services/orders/routes.ts';
import { startOrders } from '#services/orders/service.ts';
import { startProjector } from '#services/projector/service.ts';
import { config as walletConfig } from '#services/wallet/config.ts';
import { routes as walletRoutes } from '#services/wallet/routes.ts';
import { startWallet } from '#services/wallet/service.ts';
import type { config } from './config.ts';
import { type Connections, noteConnections } from './connections.ts';
import { type DataDirectory, postgresDirectory } from './data-directory.ts';
import { type Demo, OPENING_FUNDS, prepareDemo } from './demo.ts';
import { createSessionsTable, startDynamo } from './dynamo.ts';
import { startEventStream, startTables, TABLE_NAMES } from './event-stream.ts';
import { Mailbox } from './mailbox.ts';
import { servePages } from './pages.ts';
import { startRedis } from './redis.ts';
import { Shutdown } from './shutdown.ts';

const LOOPBACK = '127.0.0.1';
const SESSIONS_TABLE = 'user-sessions';
/** Nobody wants to wait for a sandbox. */
const SANDBOX_BLOCK_TIME = 1_000;
const ADDRESS_COOL_DOWN = 10_000;
const RESERVES_INTERVAL = 3_600_000;

/** The terminal belongs to whoever started it: only what needs attention is logged. */
const log = (service: string) => createLog(service, 'warn');

type Settings = ConfigOf<typeof config>;

export interface Exchange {
  readonly demo: Demo;
  readonly connections: Connections;
  readonly markets: readonly string[];
  /** What each optional component turned out to be, for the banner. */
  readonly components: Readonly<Record<string, string>>;
  /** Stops everything in the reverse order of starting; all that was acknowledged is stored. */
  close(): Promise<void>;
}

/** Starts it all; `progress` is told what comes next. What had started is stopped when a later part fails. */
export async function startExchange(
  settings: Settings,
  data: DataDirectory,
  progress: (step: string) => void,
): Promise<Exchange> {
  const shutdown = new Shutdown();
  try {
    progress('PostgreSQL');
    const postgres = shutdown.later(await openPostgres(settings.DATABASE_URL, postgresDirectory(data.path)));
    progress('Redis');
    const redis = shutdown.later(await startRedis(settings.REDIS_URL, settings.PATH));
    progress('the services');
    const { engineUrl, apps, mailbox, announceShutdown } = await startServices(
      settings,
      data,
      postgres.url,
      redis.url,
      shutdown,
    );
    const server = shutdown.later(await listen(front(apps), { port: settings.PORT, host: settings.HOST }));
    shutdown.later({ close: async () => announceShutdown() });
    progress('the market makers');
    const engine = shutdown.later(await connectEngine(engineUrl));
    const demo = await prepareDemo({
      accounts: apps.accounts,
      mailbox,
      engine,
      dataDirectory: data.path,
      password: data.secrets.demoPassword,
      address: `${settings.HOST}:${server.port}`,
      marketMakers: settings.MARKET_MAKERS !== 'off',
      onError: (error) => {
        throw error;
      },
    });
    shutdown.later(demo);
    const connections = { databaseUrl: postgres.url, engineUrl };
    shutdown.later(await noteConnections(data.path, connections));
    return {
      demo,
      connections,
      markets: listings.markets.map(({ symbol }) => symbol),
      components: { PostgreSQL: postgres.description, 'Feed, limits': redis.description },
      close: () => shutdown.now(),
    };
  } catch (error) {
    await shutdown.now();
    throw error;
  }
}

async function openPostgres(givenUrl: string, directory: string) {
  if (givenUrl !== '')
    return { url: givenUrl, description: 'the one at DATABASE_URL', close: async () => {} };
  const server = await startEmbeddedPostgres({ directory });
  return { url: server.url, description: 'embedded', close: () => server.stop() };
}

/** The same services, with the same configuration, as run on AWS in tasks of their own. */
async function startServices(
  settings: Settings,
  data: DataDirectory,
  databaseUrl: string,
  redisUrl: string,
  shutdown: Shutdown,
) {
  const feed = shutdown.later(await openFeed(redisUrl));
  const shared = { PORT: 0, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  const stream = shutdown.later(await startEventStream());
  const dynamo = shutdown.later(await startDynamo(join(data.path, 'dynamodb')));
  const engineDefaults = defaultsOf(engineConfig);
  const engine = await startEngine(
    {
      ...engineDefaults,
      ...shared,
      ...stream.variables,
      MARKETS: listings,
      BLOB_STORE_URL: pathToFileURL(join(data.path, 'blobs')).href,
    },
    { feed, log: log('engine') },
  );
  // The engine has a port of its own, open to this machine only: commands carry no signature there.
  const engineServer = shutdown.later(await listen(engine.app, { port: 0, host: LOOPBACK }));
  const engineUrl = `ws://${LOOPBACK}:${engineServer.port}`;
  shutdown.later(engine);
  engine.begin(engineUrl);
  const common = {
    ...shared,
    ENGINE_URL: engineUrl,
    DYNAMODB_ENDPOINT: dynamo.endpoint,
    MARKET_DATA_TABLE: TABLE_NAMES.marketData,
    TRANSACTION_HISTORY_TABLE: TABLE_NAMES.transactionHistory,
    API_KEY_ENCRYPTION_KEY: data.secrets.apiKeyEncryptionKey,
    TRUSTED_HOPS: 0,
    REQUEST_WEIGHT_PER_MINUTE: settings.REQUEST_WEIGHT_PER_MINUTE,
    CONNECTIONS_PER_5_MINUTES: settings.CONNECTIONS_PER_5_MINUTES,
    ORDERS_PER_10_SECONDS: settings.ORDERS_PER_10_SECONDS,
    ORDERS_PER_DAY: settings.ORDERS_PER_DAY,
    TOKEN_SIGNING_KEY: data.secrets.tokenSigningKey,
    TOKEN_ISSUER: `http://${settings.HOST}:${settings.PORT}`,
  };
  shutdown.later(await startProjector(common, { log: log('projector') }));
  shutdown.later(
    await startTables({
      stream,
      dynamoEndpoint: dynamo.endpoint,
      engineUrl,
      dataDirectory: data.path,
      log: log('projector'),
    }),
  );
  await createSessionsTable(dynamo.endpoint, SESSIONS_TABLE);
  const sessions = { SESSIONS_TABLE, DYNAMODB_ENDPOINT: dynamo.endpoint };
  const mailbox = new Mailbox((mail) =>
    log('accounts').warn({ mail }, 'a mail, which stays on this machine'),
  );
  const accounts = shutdown.later(
    await startAccounts(
      { ...defaultsOf(accountsConfig), ...common, ...sessions },
      { log: log('accounts'), mailer: mailbox },
    ),
  );
  // Where other services find the keys of access tokens, as at the load balancer on AWS.
  const accountsServer = shutdown.later(await listen(accounts.app, { port: 0, host: LOOPBACK }));
  const recognition = {
    ...sessions,
    JWKS_URL: `http://${LOOPBACK}:${accountsServer.port}${accountsRoutes.jwks.path}`,
  };
  const wallet = shutdown.later(
    await startWallet(
      {
        ...defaultsOf(walletConfig),
        ...common,
        ...recognition,
        WALLET_TERMS: walletTerms,
        ADDRESS_COOL_DOWN,
        SANDBOX_BLOCK_TIME,
        FAUCET: 'on',
        UNBACKED_REFERENCE: OPENING_FUNDS,
        RESERVES_INTERVAL,
      },
      { log: log('wallet') },
    ),
  );
  // It asks `orders`, and `orders` asks it: one of the two has an address before it is there.
  const atOrders = new Hono();
  const ordersServer = shutdown.later(await listen(atOrders, { port: 0, host: LOOPBACK }));
  const ORDERS_URL = `http://${LOOPBACK}:${ordersServer.port}`;
  const marketData = shutdown.later(
    await startMarketData({ ...common, ORDERS_URL }, { feed, log: log('market-data') }),
  );
  // The WebSocket API asks for public data there, as it does of the load balancer on AWS.
  const marketDataServer = shutdown.later(await listen(marketData.app, { port: 0, host: LOOPBACK }));
  const MARKET_DATA_URL = `http://${LOOPBACK}:${marketDataServer.port}`;
  const orders = shutdown.later(
    await startOrders(
      { ...defaultsOf(ordersConfig), ...common, ...recognition, MARKET_DATA_URL },
      { log: log('orders') },
    ),
  );
  forward(atOrders, ordersRoutes, orders.app);
  return {
    engineUrl,
    mailbox,
    apps: { accounts: accounts.app, orders: orders.app, marketData: marketData.app, wallet: wallet.app },
    announceShutdown: () => {
      orders.announceShutdown();
      marketData.announceShutdown();
    },
  };
}

/** One port for all: sends what each service's routes declare to it, as the load balancer does on AWS. */
function front(apps: Readonly<Record<'accounts' | 'orders' | 'marketData' | 'wallet', Hono>>): Hono {
  const app = new Hono();
  forward(app, ordersRoutes, apps.orders);
  forward(app, marketDataRoutes, apps.marketData);
  forward(app, accountsRoutes, apps.accounts);
  forward(app, walletRoutes, apps.wallet);
  servePages(app);
  return app;
}

function forward(app: Hono, routes: Routes, service: Hono): void {
  for (const { method, path } of Object.values(routes))
    app.on(method, path, (context) => service.fetch(context.req.raw, context.env));
}
