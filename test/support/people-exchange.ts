/** Every service that clients reach, as it runs, over one engine and one database, with people who log in. */
import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, MarketId, Price, Units } from '#domain/ids.ts';
import { walletTerms } from '#environments/wallet.ts';
import { openDocuments } from '#platform/documents.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { defaultsOf } from '#platform/env.ts';
import { openFeed } from '#platform/feed.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { routes as accountsRoutes } from '#services/accounts/routes.ts';
import { createProjectorTables } from '#services/local/dynamo.ts';
import { config as marketDataConfig } from '#services/market-data/config.ts';
import { routes as marketDataRoutes } from '#services/market-data/routes.ts';
import { startMarketData } from '#services/market-data/service.ts';
import { config as ordersConfig } from '#services/orders/config.ts';
import { routes as ordersRoutes } from '#services/orders/routes.ts';
import { startOrders } from '#services/orders/service.ts';
import { UNNUMBERED } from '#services/orders/unnumbered.ts';
import { completeTables } from '#services/projector/rebuild/rebuild.ts';
import { startProjector } from '#services/projector/service.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { config as walletConfig } from '#services/wallet/config.ts';
import { routes as walletRoutes } from '#services/wallet/routes.ts';
import { startWallet } from '#services/wallet/service.ts';
import {
  ISSUER,
  startTestAccounts,
  type TestAccounts,
  type TestAccountsOptions,
} from '#test/accounts/accounts-service.ts';
import { startEngineService } from './engine-service.ts';

const HOST = '127.0.0.1';
const UNLIMITED = 1_000_000_000;
/** As good as never, and within what a timer can wait. */
const NEVER_MS = 2_000_000_000;

/** 0.001 BTC at 40,000 USDT, below the market. */
const RESTING_ORDER = {
  type: 'place',
  ...UNNUMBERED,
  market: 0 as MarketId,
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  price: 40_000_000_000 as Price,
  quantity: 100_000 as Units,
  quoteOrderQty: null,
  stopPrice: null,
  trailingDelta: null,
  icebergQuantity: null,
  selfTradePrevention: 'NONE',
} as const;

/** The services that clients reach; a new one is an entry here, and its routes are tried like all others. */
export const routesOf = {
  accounts: accountsRoutes,
  orders: ordersRoutes,
  'market-data': marketDataRoutes,
  wallet: walletRoutes,
} as const;
export type ServiceName = keyof typeof routesOf;

export interface PeopleExchange {
  readonly accounts: TestAccounts;
  readonly engine: EngineClient;
  readonly apps: Readonly<Record<ServiceName, Hono>>;
  /** Where each listens, as `http://host:port`. */
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** Gives an account of asset 0, USDT, and of asset 1, BTC. */
  fund(account: number): Promise<void>;
  /** Places an order that rests, and returns its id. */
  placeOrder(account: number): Promise<number>;
  /** Brings the tables of DynamoDB to where the journal ends, as the stream does. */
  fillTables(): Promise<void>;
  close(): Promise<void>;
}

const TABLES = { marketData: 'market-data', transactionHistory: 'transaction-history' };

export interface PeopleExchangeOptions {
  /** How often the wallet looks at its chain, of which a test mines the blocks; never unless given. */
  readonly walletPollMs?: number;
  /** By which way what clients reach, and not the engine, reaches DynamoDB and PostgreSQL. */
  readonly reach?: TestAccountsOptions['reach'];
}

/** Limits count by what `X-Forwarded-For` says, so that a test can come from many addresses. */
export async function startPeopleExchange({
  walletPollMs = NEVER_MS,
  reach,
}: PeopleExchangeOptions = {}): Promise<PeopleExchange> {
  const closing: (() => Promise<unknown>)[] = [];
  const log = createLog('test', 'silent');
  const serve = async (app: Hono): Promise<string> => {
    const server: HttpServer = await listen(app, { port: 0, host: HOST });
    closing.push(() => server.close());
    return `http://${HOST}:${server.port}`;
  };
  const accounts = await startTestAccounts({ trustedHops: 1, ...(reach && { reach }) });
  closing.push(() => accounts.close());
  const DATABASE_URL = accounts.databaseUrl;
  const feed = await openFeed('');
  closing.push(() => feed.close());
  const running = await startEngineService(DATABASE_URL, {}, { feed });
  closing.push(() => running.close());
  const ENGINE_URL = running.url;
  const projector = await startProjector({ PORT: 0, DATABASE_URL, ENGINE_URL }, { log });
  closing.push(() => projector.close());
  const accountsUrl = await serve(accounts.app);
  const shared = {
    PORT: 0,
    DATABASE_URL: accounts.reachedDatabaseUrl,
    ENGINE_URL,
    TRUSTED_HOPS: 1,
    REQUEST_WEIGHT_PER_MINUTE: UNLIMITED,
  };
  const API_KEY_ENCRYPTION_KEY = accounts.encryptionKey.toString('hex');
  const recognition = {
    ...accounts.sessionsAt,
    JWKS_URL: `${accountsUrl}${accountsRoutes.jwks.path}`,
    TOKEN_ISSUER: ISSUER,
  };
  const { DYNAMODB_ENDPOINT } = accounts.sessionsAt;
  await createProjectorTables(DYNAMODB_ENDPOINT, TABLES);
  const documents = openDocuments(DYNAMODB_ENDPOINT);
  closing.push(async () => documents.destroy());
  const tables = new Tables(documents, TABLES);
  const marketData = await startMarketData(
    {
      ...defaultsOf(marketDataConfig),
      ...shared,
      // Nobody follows an account by way of it.
      ORDERS_URL: 'http://127.0.0.1:9',
      MARKET_DATA_TABLE: TABLES.marketData,
      DYNAMODB_ENDPOINT,
      CONNECTIONS_PER_5_MINUTES: UNLIMITED,
    },
    { feed, log },
  );
  closing.push(() => marketData.close());
  const marketDataUrl = await serve(marketData.app);
  const orders = await startOrders(
    {
      ...defaultsOf(ordersConfig),
      ...shared,
      ...recognition,
      MARKET_DATA_URL: marketDataUrl,
      TRANSACTION_HISTORY_TABLE: TABLES.transactionHistory,
      API_KEY_ENCRYPTION_KEY,
    },
    { log },
  );
  closing.push(() => orders.close());
  const wallet = await startWallet(
    {
      ...defaultsOf(walletConfig),
      ...shared,
      ...recognition,
      API_KEY_ENCRYPTION_KEY,
      WALLET_TERMS: walletTerms,
      ADDRESS_COOL_DOWN: 0,
      POLL_INTERVAL: walletPollMs,
      SANDBOX_BLOCK_TIME: NEVER_MS,
      FAUCET: 'on',
    },
    { log },
  );
  closing.push(() => wallet.close());
  const engine = connectEngine(ENGINE_URL);
  closing.push(() => engine.close());
  return {
    accounts,
    engine,
    apps: { accounts: accounts.app, orders: orders.app, 'market-data': marketData.app, wallet: wallet.app },
    urls: {
      accounts: accountsUrl,
      orders: await serve(orders.app),
      'market-data': marketDataUrl,
      wallet: await serve(wallet.app),
    },
    fund: async (account) => {
      for (const [asset, amount] of [1_000_000_000_000, 1_000_000_000].entries())
        await engine.execute({
          type: 'deposit',
          account: account as AccountId,
          asset: asset as AssetId,
          amount: amount as Units,
          reference: 'first',
        });
    },
    placeOrder: async (account) => {
      const { events } = await engine.execute({
        ...RESTING_ORDER,
        account: account as AccountId,
        clientOrderId: randomUUID(),
      });
      return (events[0] as EventOf<'order'>).orderId;
    },
    fillTables: () => completeTables(tables, ENGINE_URL),
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}
