/** Puts the service together. */
import type { Hono } from 'hono';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import type { ConfigOf } from '#platform/env.ts';
import { createLog, type Log } from '#platform/log.ts';
import { openRecognition } from '#platform/people-api/recognition.ts';
import { openDatabase } from '#platform/postgres.ts';
import { listenTo } from '#platform/postgres-notifications.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { OrderCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { openWindowCounters } from '#platform/spot-api/window-counters.ts';
import type { tracingVariables } from '#platform/tracing.ts';
import { ApiKeyUses } from './api-key-uses.ts';
import { ApiKeys } from './api-keys.ts';
import { createOrdersApp } from './app.ts';
import type { config } from './config.ts';
import { ReadBarrier } from './read-barrier.ts';

const CONNECTIONS_MAX = 8;
/** Where `accounts` tells which API key changed: see its migrations. */
const API_KEYS_CHANNEL = 'api_keys';

export interface OrdersStartDeps {
  /** Closed by whoever gives it; by default one of the service's own. */
  readonly engine?: EngineClient;
  readonly log?: Log;
}

export interface OrdersService {
  readonly app: Hono;
  close(): Promise<void>;
}

/**
 * @throws {SealError} when the encryption key is malformed.
 * @throws {EngineUnavailable} when the engine stays away.
 */
export async function startOrders(
  values: Omit<ConfigOf<typeof config>, keyof typeof tracingVariables>,
  { engine: given, log = createLog('orders') }: OrdersStartDeps = {},
): Promise<OrdersService> {
  const secretsKey = sealingKey(values.API_KEY_ENCRYPTION_KEY);
  const db = openDatabase(values.DATABASE_URL, { connectionsMax: CONNECTIONS_MAX });
  const counters = openWindowCounters(values.REDIS_URL);
  const engine = given ?? connectEngine(values.ENGINE_URL);
  const recognition = openRecognition(values, db);
  const keys = new ApiKeys(db, secretsKey);
  const keyUses = new ApiKeyUses(db, log);
  const onNotification = (apiKey: string) => keys.forget(apiKey);
  const keyChanges = listenTo(
    values.DATABASE_URL,
    API_KEYS_CHANNEL,
    { onConnected: () => keys.forgetAll(), onNotification },
    log,
  );
  const leave = async () => {
    await Promise.all([
      given === undefined ? engine.close() : undefined,
      counters.close(),
      keyChanges.close(),
      keyUses.close(),
      recognition.close(),
    ]);
    await db.destroy();
  };
  try {
    const listings = await Listings.load(engine);
    const app = createOrdersApp({
      ...recognition,
      engine,
      listings,
      db,
      log,
      trustedHops: values.TRUSTED_HOPS,
      barrier: new ReadBarrier(db),
      keys,
      keyUses,
      weights: new RequestWeights(counters, values.REQUEST_WEIGHT_PER_MINUTE),
      orderCounts: new OrderCounts(counters, {
        per10Seconds: values.ORDERS_PER_10_SECONDS,
        perDay: values.ORDERS_PER_DAY,
      }),
    });
    return {
      app,
      close: async () => {
        listings.close();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
