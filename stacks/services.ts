import { listings } from '#environments/markets.ts';
import type { EnvironmentOf, SecretsOf, Variables } from '#platform/env.ts';
import type { Routes } from '#platform/routes.ts';
import type { config as accounts } from '#services/accounts/config.ts';
import { routes as accountsRoutes } from '#services/accounts/routes.ts';
import type { config as engine } from '#services/engine/config.ts';
import type { config as marketData } from '#services/market-data/config.ts';
import { routes as marketDataRoutes } from '#services/market-data/routes.ts';
import type { config as orders } from '#services/orders/config.ts';
import { routes as ordersRoutes } from '#services/orders/routes.ts';
import type { config as projector } from '#services/projector/config.ts';

/** What a service may need to know about the environment it runs in. */
export interface Surroundings {
  /** The engine's WebSocket, as `ws://host:port`. */
  readonly engineUrl: string;
  /** Where the engine keeps snapshots and old days of its journal, as `s3://bucket/prefix`. */
  readonly blobStoreUrl: string;
  /** Where people reach the exchange, as `https://host`. */
  readonly publicUrl: string;
}

/** A secret of one environment, stored in Secrets Manager as `crossbook/<environment>/<name>`. */
type SecretName = 'database-url' | 'api-key-encryption-key' | 'token-signing-key';

/** How a service with the configuration `C` runs: a variable that its `config.ts` asks for cannot be forgotten. */
export interface ServiceOf<C extends Variables> {
  readonly environment: (at: Surroundings) => EnvironmentOf<C>;
  readonly secrets: SecretsOf<C, SecretName>;
  /** The paths that the load balancer sends to it; without any it is reached from inside only, or not at all. */
  readonly routes?: Routes;
  /** It runs in the engine's security group, which only the other services reach; a leader and standbys, never more. */
  readonly engine?: true;
  /** One task at a time, replaced by stopping it first: two would compete for the same work. */
  readonly single?: true;
}

/** A service whose configuration is no longer of interest. */
export interface Service extends Omit<ServiceOf<Variables>, 'environment' | 'secrets'> {
  readonly environment: (at: Surroundings) => Readonly<Record<string, string | undefined>>;
  readonly secrets: Readonly<Record<string, SecretName>>;
}

/** Between a client and a service stands the load balancer, which says whom it was called by. */
const TRUSTED_HOPS = '1';

/** The services that exist, by the name of their folder. A new one is an entry here. */
export const services: Readonly<Record<string, Service>> = {
  engine: {
    engine: true,
    environment: ({ blobStoreUrl }) => ({
      MARKETS: JSON.stringify(listings),
      BLOB_STORE_URL: blobStoreUrl,
    }),
    secrets: { DATABASE_URL: 'database-url' },
  } satisfies ServiceOf<typeof engine>,

  orders: {
    routes: ordersRoutes,
    environment: ({ engineUrl }) => ({ ENGINE_URL: engineUrl, TRUSTED_HOPS }),
    secrets: {
      DATABASE_URL: 'database-url',
      API_KEY_ENCRYPTION_KEY: 'api-key-encryption-key',
    },
  } satisfies ServiceOf<typeof orders>,

  'market-data': {
    routes: marketDataRoutes,
    environment: ({ engineUrl }) => ({ ENGINE_URL: engineUrl, TRUSTED_HOPS }),
    secrets: { DATABASE_URL: 'database-url' },
  } satisfies ServiceOf<typeof marketData>,

  accounts: {
    routes: accountsRoutes,
    environment: ({ publicUrl }) => ({ TOKEN_ISSUER: publicUrl, TRUSTED_HOPS }),
    secrets: {
      DATABASE_URL: 'database-url',
      API_KEY_ENCRYPTION_KEY: 'api-key-encryption-key',
      TOKEN_SIGNING_KEY: 'token-signing-key',
    },
  } satisfies ServiceOf<typeof accounts>,

  projector: {
    // Two would write every event twice, harmlessly and for nothing.
    single: true,
    environment: ({ engineUrl }) => ({ ENGINE_URL: engineUrl }),
    secrets: { DATABASE_URL: 'database-url' },
  } satisfies ServiceOf<typeof projector>,
};

/** The port every container listens on; tasks have addresses of their own, so all can have the same. */
export const containerPort = 8080;

/** Answers 200 while the service can do its work. */
export const healthPath = '/health';
