import { listings } from '#environments/markets.ts';
import { walletTerms } from '#environments/wallet.ts';
import type { EnvironmentOf, SecretsOf, Variables } from '#platform/env.ts';
import type { Routes } from '#platform/routes.ts';
import type { config as accounts } from '#services/accounts/config.ts';
import { routes as accountsRoutes } from '#services/accounts/routes.ts';
import type { config as engine } from '#services/engine/config.ts';
import type { config as marketData } from '#services/market-data/config.ts';
import { routes as marketDataRoutes } from '#services/market-data/routes.ts';
import type { config as orders } from '#services/orders/config.ts';
import { routes as ordersRoutes } from '#services/orders/routes.ts';
import type { config as projector, rebuildConfig as rebuild } from '#services/projector/config.ts';
import type { config as wallet } from '#services/wallet/config.ts';
import { routes as walletRoutes } from '#services/wallet/routes.ts';

/** What a service may need to know about the environment it runs in. */
export interface Surroundings {
  /** PostgreSQL, as a URL that names the secret with the password. */
  readonly databaseUrl: string;
  /** Valkey, likewise; undefined where there is none. */
  readonly redisUrl: string | undefined;
  /** The engine's load balancer, as `ws://host:port`: its live port. */
  readonly engineUrl: string;
  /** The load balancer's port for market-data, as `http://host:port`. */
  readonly marketDataUrl: string;
  /** The same for orders. */
  readonly ordersUrl: string;
  /** Where the engine keeps snapshots and old days of its journal, as `s3://bucket/prefix`. */
  readonly blobStoreUrl: string;
  /** The Kinesis stream of committed events. */
  readonly streamName: string;
  /** The DynamoDB tables of people's sessions, of klines, and of what happened to accounts. */
  readonly sessionsTable: string;
  /** Where accounts publishes the keys of access tokens, inside the VPC, as `http://host:port/path`. */
  readonly keySetUrl: string;
  readonly marketDataTable: string;
  readonly transactionHistoryTable: string;
  /** Where people reach the exchange, as `https://host`. */
  readonly publicUrl: string;
  /** Whether nothing in it is worth anything: its data goes with its stores. */
  readonly isForPractice: boolean;
}

/** A secret of one environment, stored in Secrets Manager as `crossbook/<environment>/<name>`. */
type SecretName = 'api-key-encryption-key' | 'token-signing-key';

/**
 * A store that a service reads or writes; its task role gets these and no others. `sessions` is for their writer,
 * `sessions-to-read` for whoever looks one up; `tables`, and `klines` and `history`, likewise.
 */
export type Store =
  | 'database'
  | 'cache'
  | 'blobs'
  | 'sessions'
  | 'sessions-to-read'
  | 'stream'
  | 'klines'
  | 'history'
  | 'tables';

/** How a service with the configuration `C` runs: a variable that its `config.ts` asks for cannot be forgotten. */
export interface ServiceOf<C extends Variables> {
  readonly environment: (at: Surroundings) => EnvironmentOf<C>;
  readonly secrets: SecretsOf<C, SecretName>;
  readonly uses: readonly Store[];
  /** Its paths; without any it is reached from inside only, or not at all. */
  readonly routes?: Routes;
  /** The load balancer's port for it, which has routes. A release moves one port for each service. */
  readonly port?: number;
  /**
   * Who brings a release to it. `codedeploy`: CodeDeploy, blue/green; it needs a load balancer. `native`: ECS itself,
   * with the same steps, checks, alarms and times behind a load balancer; without one task by task, and back when the
   * new ones do not start. Read docs/runbook.md before changing it for a service that runs.
   */
  readonly deployment: 'codedeploy' | 'native';
  /** It runs in the engine's security group, behind a load balancer of its own; a leader and a standby, never more. */
  readonly engine?: true;
  /** One task at a time, replaced by stopping it first: two would compete for the same work. */
  readonly single?: true;
}

/** A service whose configuration is no longer of interest. */
export interface Service extends Omit<ServiceOf<Variables>, 'environment' | 'secrets'> {
  readonly environment: (at: Surroundings) => Readonly<Record<string, string | undefined>>;
  readonly secrets: Readonly<Record<string, SecretName>>;
}

/** Between a client and a service stand CloudFront or API Gateway, and the load balancer. */
const TRUSTED_HOPS = '2';
/** The collector in the task takes spans here. */
const TRACES_ENDPOINT = 'http://127.0.0.1:4318';

/** What a service that has routes with the security JWT knows people by. */
const recognition = (at: Pick<Surroundings, 'keySetUrl' | 'publicUrl' | 'sessionsTable'>) => ({
  JWKS_URL: at.keySetUrl,
  TOKEN_ISSUER: at.publicUrl,
  SESSIONS_TABLE: at.sessionsTable,
});

/** By the name of the service's folder. */
export type ServiceTable = Readonly<Record<string, Service>>;

/** The services that exist. A new one is an entry here. */
export const services: ServiceTable = {
  engine: {
    engine: true,
    deployment: 'codedeploy',
    uses: ['database', 'cache', 'blobs', 'stream'],
    environment: ({ databaseUrl, redisUrl, blobStoreUrl, streamName }) => ({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      MARKETS: JSON.stringify(listings),
      BLOB_STORE_URL: blobStoreUrl,
      STREAM_NAME: streamName,
      LIVE_PORT: String(enginePort),
    }),
    secrets: {},
  } satisfies ServiceOf<typeof engine>,

  orders: {
    routes: ordersRoutes,
    port: 8081,
    deployment: 'codedeploy',
    uses: ['database', 'cache', 'sessions-to-read', 'history'],
    environment: ({ databaseUrl, redisUrl, engineUrl, marketDataUrl, transactionHistoryTable, ...at }) => ({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      ENGINE_URL: engineUrl,
      MARKET_DATA_URL: marketDataUrl,
      TRANSACTION_HISTORY_TABLE: transactionHistoryTable,
      ...recognition(at),
      TRUSTED_HOPS,
      TRACES_ENDPOINT,
    }),
    secrets: { API_KEY_ENCRYPTION_KEY: 'api-key-encryption-key' },
  } satisfies ServiceOf<typeof orders>,

  'market-data': {
    routes: marketDataRoutes,
    port: 8082,
    deployment: 'codedeploy',
    uses: ['database', 'cache', 'klines'],
    environment: ({ databaseUrl, redisUrl, engineUrl, ordersUrl, marketDataTable }) => ({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      ENGINE_URL: engineUrl,
      ORDERS_URL: ordersUrl,
      MARKET_DATA_TABLE: marketDataTable,
      TRUSTED_HOPS,
      TRACES_ENDPOINT,
    }),
    secrets: {},
  } satisfies ServiceOf<typeof marketData>,

  accounts: {
    routes: accountsRoutes,
    port: 8083,
    deployment: 'codedeploy',
    uses: ['database', 'cache', 'sessions'],
    environment: ({ databaseUrl, redisUrl, sessionsTable, publicUrl }) => ({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      SESSIONS_TABLE: sessionsTable,
      TOKEN_ISSUER: publicUrl,
      TRUSTED_HOPS,
      TRACES_ENDPOINT,
    }),
    secrets: {
      API_KEY_ENCRYPTION_KEY: 'api-key-encryption-key',
      TOKEN_SIGNING_KEY: 'token-signing-key',
    },
  } satisfies ServiceOf<typeof accounts>,

  wallet: {
    routes: walletRoutes,
    port: 8084,
    deployment: 'codedeploy',
    uses: ['database', 'cache', 'sessions-to-read'],
    environment: ({ databaseUrl, redisUrl, engineUrl, isForPractice, ...at }) => ({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      ENGINE_URL: engineUrl,
      WALLET_TERMS: JSON.stringify(walletTerms),
      FAUCET: isForPractice ? 'on' : 'off',
      ...recognition(at),
      TRUSTED_HOPS,
      TRACES_ENDPOINT,
    }),
    secrets: { API_KEY_ENCRYPTION_KEY: 'api-key-encryption-key' },
  } satisfies ServiceOf<typeof wallet>,

  projector: {
    // Two would write every event twice, harmlessly and for nothing.
    single: true,
    deployment: 'native',
    // The tables are for its other program, which builds everything anew.
    uses: ['database', 'tables'],
    environment: ({ databaseUrl, engineUrl, marketDataTable, transactionHistoryTable }) => ({
      DATABASE_URL: databaseUrl,
      ENGINE_URL: engineUrl,
      MARKET_DATA_TABLE: marketDataTable,
      TRANSACTION_HISTORY_TABLE: transactionHistoryTable,
    }),
    secrets: {},
  } satisfies ServiceOf<typeof projector & typeof rebuild>,
};

/** The port every container listens on; tasks have addresses of their own, so all can have the same. */
export const containerPort = 8080;

/** The engine's load balancer: clients dial this one. */
export const enginePort = 8080;

/** Beside each live port, the one that leads to the tasks of a release that nobody uses yet. */
export const testPortOf = (port: number) => port + 1_000;

/** Answers 200 while the service can do its work. */
export const healthPath = '/health';
