/** Market data over a real matching engine, a real feed and a real database, served on a port. */
import type { Kysely } from 'kysely';
import { WebSocket } from 'ws';
import { readFrame } from '#domain/codec.ts';
import type { AccountId, MarketId, Price, SessionId, Units } from '#domain/ids.ts';
import type { Side } from '#domain/orders.ts';
import type { Database } from '#platform/database.ts';
import { openDocuments } from '#platform/documents.ts';
import { EVENTS_CHANNEL, openFeed } from '#platform/feed.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import { ConnectionCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { createProjectorTables, startDynamo } from '#services/local/dynamo.ts';
import { createMarketDataApp } from '#services/market-data/app.ts';
import { Books, type BooksOptions } from '#services/market-data/books.ts';
import { followListings } from '#services/market-data/follow-listings.ts';
import { History } from '#services/market-data/history.ts';
import { KlineHistory } from '#services/market-data/kline-history.ts';
import { RecentTrading } from '#services/market-data/recent-trading.ts';
import type { StreamSocket } from '#services/market-data/streams/socket.ts';
import { Streams } from '#services/market-data/streams/streams.ts';
import { userDataAt } from '#services/market-data/streams/user-data.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';
import { RecordedEvents } from '#test/support/recorded-events.ts';

const log = createLog('market-data', 'silent');
const TABLES = { marketData: 'market-data', transactionHistory: 'transaction-history' };
const MAKER = 1 as AccountId;
const TAKER = 2 as AccountId;
export const BTCUSDT = 0 as MarketId;

/** A JSON message from a stream, or an answer to a request. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape
export type StreamMessage = any;

export interface PublicMarketOptions {
  readonly connectionsPer5Minutes?: number;
}

export class PublicMarket {
  readonly engine: InProcessEngine;
  /** Frames are thrown away instead of published. */
  isFeedLosing = false;
  readonly #server: HttpServer;
  readonly #closers: (() => Promise<void> | void)[];
  #ids = 0;

  private constructor(engine: InProcessEngine, server: HttpServer) {
    this.engine = engine;
    this.#server = server;
    this.#closers = [];
  }

  static async start(
    db: Kysely<Database>,
    { connectionsPer5Minutes = 300 }: PublicMarketOptions = {},
  ): Promise<PublicMarket> {
    await migrate(db, 'projector', migrations);
    const dynamo = await startDynamo();
    await createProjectorTables(dynamo.endpoint, TABLES);
    const documents = openDocuments(dynamo.endpoint);
    const feed = await openFeed('');
    const recorded = new RecordedEvents();
    let market: PublicMarket | undefined;
    // What the engine and the projector do together: store, then publish.
    const engine = await InProcessEngine.start(undefined, async (outcome) => {
      const bytes = recorded.record(outcome);
      await applyFrames(db, [readFrame(bytes)]);
      if (market?.isFeedLosing !== true) feed.publish(EVENTS_CHANNEL, bytes);
    });
    for (const account of [MAKER, TAKER]) {
      await engine.deposit(account, 0, 1_000_000_000_000);
      await engine.deposit(account, 1, 10_000_000_000);
    }
    const listings = await Listings.load(engine);
    const history = new History(db);
    const stream: BooksOptions['stream'] = (after, onFrame) => recorded.stream(after, onFrame);
    const books = await Books.open({ engine, feed, stream, log });
    const recent = await RecentTrading.open({ books, stored: history, listings, log });
    followListings(books, listings);
    const streams = new Streams({ books, recent, listings });
    const sockets = new Set<StreamSocket>();
    const counters = new ProcessCounters();
    const weights = new RequestWeights(counters, 6_000);
    const deps = {
      db,
      listings,
      books,
      history,
      recent,
      klines: new KlineHistory(db, documents, TABLES.marketData),
      streams,
      sockets,
      userData: userDataAt('http://127.0.0.1:9'),
      log,
      trustedHops: 0,
      weights,
      connections: new ConnectionCounts(counters, connectionsPer5Minutes),
      limits: { requestWeightPerMinute: 6_000, ordersPer10Seconds: 50, ordersPerDay: 160_000 },
    };
    const server = await listen(createMarketDataApp(deps), { port: 0, host: '127.0.0.1' });
    market = new PublicMarket(engine, server);
    market.#closers.push(
      () => server.close(),
      () => streams.close(),
      () => recent.close(),
      () => listings.close(),
      () => books.close(),
      () => feed.close(),
      () => documents.destroy(),
      () => dynamo.close(),
    );
    return market;
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }

  /** A limit order on BTCUSDT; `price` in whole cents, `lots` of 0.0001 BTC. Returns its id. */
  async place(side: Side, cents: number, lots: number, account = MAKER): Promise<number> {
    const outcome = await this.engine.execute({
      type: 'place',
      session: 0 as SessionId,
      request: 0,
      account,
      market: BTCUSDT,
      side,
      orderType: 'LIMIT',
      timeInForce: 'GTC',
      price: (cents * 10_000) as Price,
      quantity: (lots * 10_000) as Units,
      stopPrice: null,
      trailingDelta: null,
      icebergQuantity: null,
      quoteOrderQty: null,
      selfTradePrevention: 'NONE',
      clientOrderId: `t-${++this.#ids}`,
    });
    const order = outcome.events.find((event) => event.type === 'order');
    if (order === undefined) throw new Error(`the order was refused: ${outcome.rejection}`);
    return order.orderId;
  }

  /** Takes from the book as another account. */
  take(side: Side, cents: number, lots: number): Promise<number> {
    return this.place(side, cents, lots, TAKER);
  }

  async cancel(orderId: number): Promise<void> {
    await this.engine.execute({
      type: 'cancel',
      session: 0 as SessionId,
      request: 0,
      account: MAKER,
      market: BTCUSDT,
      orderId: orderId as never,
      restriction: 'NONE',
      clientOrderId: '',
      newClientOrderId: '',
    });
  }

  fetch(path: string): Promise<Response> {
    return globalThis.fetch(`http://127.0.0.1:${this.#server.port}/api/v3/${path}`);
  }

  async get(path: string): Promise<{ status: number; headers: Headers; json: StreamMessage }> {
    const response = await this.fetch(path);
    return { status: response.status, headers: response.headers, json: await response.json() };
  }

  /** Of a connection without subscriptions. */
  get streamUrl(): string {
    return `ws://127.0.0.1:${this.#server.port}/ws`;
  }

  /** Connects and resolves when the connection stands. */
  connect(path: string): Promise<StreamClient> {
    return StreamClient.open(`ws://127.0.0.1:${this.#server.port}${path}`);
  }
}

export class StreamClient {
  readonly messages: StreamMessage[] = [];
  /** The same, as they came. */
  readonly texts: string[] = [];
  /** The close code. */
  readonly closed: Promise<number>;
  /** The close reason. */
  reason = '';
  readonly #socket: WebSocket;
  #onMessage = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.reason = String(reason);
        resolve(code);
      });
    });
    socket.on('message', (data) => {
      this.texts.push(String(data));
      this.messages.push(JSON.parse(String(data)));
      this.#onMessage();
    });
  }

  static open(url: string): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      const client = new StreamClient(socket);
      socket.once('open', () => resolve(client)).once('error', reject);
    });
  }

  send(request: unknown): void {
    this.#socket.send(typeof request === 'string' ? request : JSON.stringify(request));
  }

  /** The first message so far or to come that `matches`. */
  async next(matches: (message: StreamMessage) => boolean = () => true): Promise<StreamMessage> {
    const deadline = Date.now() + 5_000;
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`no such message among ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, 100);
        this.#onMessage = () => {
          clearTimeout(timer);
          resume();
        };
      });
    }
  }

  /** Stops and goes on reading. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
