/** Puts the service together. */
import type { Hono } from 'hono';
import { openDocuments } from '#platform/documents.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { streamEvents } from '#platform/engine-events.ts';
import type { ConfigOf } from '#platform/env.ts';
import { type Feed, openFeed } from '#platform/feed.ts';
import { createLog, type Log } from '#platform/log.ts';
import { openDatabase } from '#platform/postgres.ts';
import { ConnectionCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { openWindowCounters } from '#platform/spot-api/window-counters.ts';
import type { tracingVariables } from '#platform/tracing.ts';
import { createMarketDataApp } from './app.ts';
import { Books, type BooksOptions, HEARD_TYPES } from './books.ts';
import type { config } from './config.ts';
import { followListings } from './follow-listings.ts';
import { History } from './history.ts';
import { KlineHistory } from './kline-history.ts';
import { RecentTrading } from './recent-trading.ts';
import type { StreamSocket } from './streams/socket.ts';
import { Streams } from './streams/streams.ts';
import { userDataAt } from './streams/user-data.ts';

const CONNECTIONS_MAX = 8;

export interface MarketDataStartDeps {
  /** Closed by whoever gives it; by default one of the service's own. */
  readonly feed?: Feed;
  readonly log?: Log;
}

export interface MarketDataService {
  readonly app: Hono;
  /** Tells everybody who is connected that this server goes away; before their connections are closed. */
  announceShutdown(): void;
  close(): Promise<void>;
}

/** @throws {EngineUnavailable} when the engine stays away. */
export async function startMarketData(
  values: Omit<ConfigOf<typeof config>, keyof typeof tracingVariables>,
  { feed: given, log = createLog('market-data') }: MarketDataStartDeps = {},
): Promise<MarketDataService> {
  const db = openDatabase(values.DATABASE_URL, { connectionsMax: CONNECTIONS_MAX });
  const documents = openDocuments(values.DYNAMODB_ENDPOINT);
  const counters = await openWindowCounters(values.REDIS_URL);
  const engine = connectEngine(values.ENGINE_URL);
  const feed = given ?? (await openFeed(values.REDIS_URL));
  const listings = await Listings.load(engine);
  const history = new History(db);
  const stream: BooksOptions['stream'] = (after, onFrame) =>
    streamEvents(values.ENGINE_URL, after, onFrame, { log, wanted: HEARD_TYPES });
  const books = await Books.open({ engine, feed, stream, log });
  const recent = await RecentTrading.open({ books, stored: history, listings, log });
  followListings(books, listings);
  const streams = new Streams({ books, recent, listings });
  const sockets = new Set<StreamSocket>();
  const app = createMarketDataApp({
    db,
    listings,
    books,
    history,
    recent,
    klines: new KlineHistory(db, documents, values.MARKET_DATA_TABLE),
    streams,
    sockets,
    userData: userDataAt(values.ORDERS_URL),
    log,
    trustedHops: values.TRUSTED_HOPS,
    weights: new RequestWeights(counters, values.REQUEST_WEIGHT_PER_MINUTE),
    connections: new ConnectionCounts(counters, values.CONNECTIONS_PER_5_MINUTES),
    limits: {
      requestWeightPerMinute: values.REQUEST_WEIGHT_PER_MINUTE,
      ordersPer10Seconds: values.ORDERS_PER_10_SECONDS,
      ordersPerDay: values.ORDERS_PER_DAY,
    },
  });
  return {
    app,
    announceShutdown: () => {
      for (const socket of sockets) socket.announceShutdown();
    },
    close: async () => {
      streams.close();
      recent.close();
      listings.close();
      await books.close();
      await Promise.all([engine.close(), counters.close(), given === undefined ? feed.close() : undefined]);
      documents.destroy();
      await db.destroy();
    },
  };
}
