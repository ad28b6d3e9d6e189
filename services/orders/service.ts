/** Puts the service together. */
import type { Hono } from 'hono';
import { openDocuments } from '#platform/documents.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { type EventStream, streamEvents } from '#platform/engine-events.ts';
import type { ConfigOf } from '#platform/env.ts';
import { createLog, type Log } from '#platform/log.ts';
import { openRecognition } from '#platform/people-api/recognition.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { listenTo } from '#platform/postgres-notifications.ts';
import { ReadBarrier } from '#platform/read-barrier.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { openKeyRing } from '#platform/spot-api/key-ring.ts';
import { ConnectionCounts, OrderCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { openWindowCounters } from '#platform/spot-api/window-counters.ts';
import type { tracingVariables } from '#platform/tracing.ts';
import { createOrdersApp } from './app.ts';
import type { config } from './config.ts';
import { KeyWatch } from './key-watch.ts';
import { LISTEN_KEYS_CHANNEL, migrations } from './migrations.ts';
import { Transactions } from './transactions.ts';
import { ListNames } from './user-data/list-names.ts';
import { ListenKeyStreams } from './user-data/listen-key-streams.ts';
import { ListenKeys } from './user-data/listen-keys.ts';
import { UserStreams } from './user-data/user-streams.ts';
import type { Connection } from './websocket-api/connection.ts';
import { marketDataAt } from './websocket-api/market-data.ts';

const CONNECTIONS_MAX = 8;

export interface OrdersStartDeps {
  /** Closed by whoever gives it; by default one of the service's own. */
  readonly engine?: EngineClient;
  readonly log?: Log;
}

export interface OrdersService {
  readonly app: Hono;
  /** Tells everybody who is connected that this server goes away; before their connections are closed. */
  announceShutdown(): void;
  close(): Promise<void>;
}

/**
 * @throws {SealError} when the encryption key is malformed.
 * @throws {EngineUnavailable} when the engine stays away.
 * @throws {MigrationError} when the schema cannot be brought up to date.
 */
export async function startOrders(
  values: Omit<ConfigOf<typeof config>, keyof typeof tracingVariables>,
  { engine: given, log = createLog('orders') }: OrdersStartDeps = {},
): Promise<OrdersService> {
  const secretsKey = sealingKey(values.API_KEY_ENCRYPTION_KEY);
  const db = openDatabase(values.DATABASE_URL, { connectionsMax: CONNECTIONS_MAX });
  const counters = await openWindowCounters(values.REDIS_URL);
  const engine = given ?? connectEngine(values.ENGINE_URL);
  const recognition = openRecognition(values, db);
  const keyRing = openKeyRing(
    db,
    { databaseUrl: values.DATABASE_URL, sealingKey: secretsKey, log },
    { onConnected: () => keyWatch.checkAll(), onNotification: (apiKey) => keyWatch.check(apiKey) },
  );
  const keyWatch = new KeyWatch(keyRing.keys, log);
  const documents = openDocuments(values.DYNAMODB_ENDPOINT);
  const closing: (() => unknown)[] = [
    () => db.destroy(),
    () => (given === undefined ? engine.close() : undefined),
    () => counters.close(),
    () => recognition.close(),
    () => keyRing.close(),
    () => documents.destroy(),
  ];
  const leave = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const listings = await Listings.load(engine);
    closing.push(() => listings.close());
    await migrate(db, 'orders', migrations);
    const barrier = new ReadBarrier(db);
    const userStreams = new UserStreams(listings, new ListNames({ db, barrier, log }));
    const events = await follow(values.ENGINE_URL, engine, userStreams, log);
    closing.push(() => events.close());
    const listenKeys = new ListenKeys(db, secretsKey);
    const listenKeyStreams = new ListenKeyStreams({ listenKeys, userStreams, keyWatch, log });
    const listenKeyChanges = listenTo(
      values.DATABASE_URL,
      LISTEN_KEYS_CHANNEL,
      {
        onConnected: () => listenKeyStreams.check(),
        onNotification: (name) => listenKeyStreams.check(name),
      },
      log,
    );
    closing.push(() => listenKeyChanges.close());
    const connections = new Set<Connection>();
    const app = createOrdersApp({
      ...recognition,
      engine,
      listings,
      db,
      log,
      trustedHops: values.TRUSTED_HOPS,
      barrier,
      keys: keyRing.keys,
      keyUses: keyRing.keyUses,
      keyWatch,
      userStreams,
      listenKeys,
      listenKeyStreams,
      connections,
      connectionCounts: new ConnectionCounts(counters, values.CONNECTIONS_PER_5_MINUTES),
      marketData: marketDataAt(values.MARKET_DATA_URL),
      transactions: new Transactions(documents, values.TRANSACTION_HISTORY_TABLE),
      weights: new RequestWeights(counters, values.REQUEST_WEIGHT_PER_MINUTE),
      orderCounts: new OrderCounts(counters, {
        per10Seconds: values.ORDERS_PER_10_SECONDS,
        perDay: values.ORDERS_PER_DAY,
      }),
    });
    return {
      app,
      announceShutdown: () => {
        for (const connection of connections) connection.announceShutdown();
        listenKeyStreams.announceShutdown();
      },
      close: leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

/**
 * Tells the streams of every event from now on. The engine itself is followed, not the feed: the feed may lose messages,
 * and what a stream has missed nobody can ask for again (`docs/decisions/0019`).
 */
async function follow(
  url: string,
  engine: EngineClient,
  userStreams: UserStreams,
  log: Log,
): Promise<EventStream> {
  const { seq } = await engine.ask({ type: 'position' });
  const events = streamEvents(url, seq, (frame) => userStreams.take(frame), {
    log,
    wanted: userStreams.wanted,
  });
  // Not caught: streams that would miss events from here on are worse than none.
  events.ended.catch((error: unknown) => {
    log.fatal({ err: error }, 'the events of accounts cannot be followed any further');
    throw error;
  });
  return events;
}
