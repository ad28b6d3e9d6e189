/**
 * A server of the streams bench, in a process of its own: `market-data`, which is told of trades by an engine in its
 * process, or `ws`, which sends the same texts to every client of a bare `ws` server. Both go on to the next step as soon
 * as the clients have read most of the last.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { FrameWriter } from '#domain/codec.ts';
import type { AccountId, MarketId, Price, SessionId, Units } from '#domain/ids.ts';
import type { Side } from '#domain/orders.ts';
import { openDocuments } from '#platform/documents.ts';
import { EVENTS_CHANNEL, openFeed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { openDatabase } from '#platform/postgres.ts';
import { ConnectionCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { createMarketDataApp } from '#services/market-data/app.ts';
import { Books } from '#services/market-data/books.ts';
import { History } from '#services/market-data/history.ts';
import { KlineHistory } from '#services/market-data/kline-history.ts';
import { RecentTrading } from '#services/market-data/recent-trading.ts';
import { type Stream, streamOf } from '#services/market-data/streams/names.ts';
import { Streams } from '#services/market-data/streams/streams.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';
import { nowMs, type Sent, type ServerTask } from './messages.ts';

/** Unread bytes for each client on average, past which the next step waits. */
const AHEAD_BYTES_MAX = 4_096;

const connections = new Set<Socket>();
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function clientsHaveRead(aheadMax = AHEAD_BYTES_MAX): Promise<void> {
  await turn();
  for (;;) {
    let unread = 0;
    for (const { writableLength } of connections) unread += writableLength;
    if (unread <= connections.size * aheadMax) return;
    // Not turn by turn: the clients need the processor.
    await sleep(1);
  }
}

/** Returns the texts that each client got. */
type Step = (index: number) => Promise<readonly string[]>;

async function run(steps: number, step: Step): Promise<Sent> {
  const texts: (readonly string[])[] = [];
  const beganMs = nowMs();
  const began = process.cpuUsage();
  for (let index = 0; index < steps; index++) {
    texts.push(await step(index));
    await clientsHaveRead();
  }
  await clientsHaveRead(0);
  const { user, system } = process.cpuUsage(began);
  const all = texts.flat();
  const bytes = all.reduce((sum, text) => sum + frameBytes(Buffer.byteLength(text)), 0);
  return { beganMs, cpuMs: (user + system) / 1_000, messages: all.length, bytes, texts };
}

const frameBytes = (length: number) => length + (length < 126 ? 2 : length < 65_536 ? 4 : 10);

function serve(task: (given: ServerTask) => Promise<Sent>, port: number): void {
  process.on('message', async (given: ServerTask) => process.send!(await task(given)));
  process.send!({ port });
}

/** The peer: what everybody writes who broadcasts with `ws`. */
async function serveBare(): Promise<void> {
  const server = createServer().on('connection', count);
  const webSockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const task = (given: ServerTask) => {
    if (!('replay' in given)) throw new Error('the bare server only replays');
    return run(given.replay.length, async (index) => {
      // As late as this one is sent, for its time of arrival to mean something.
      const texts = given.replay[index]!.map((text) =>
        text.replace(/"T":\d{16}/, `"T":${Math.floor(nowMs() * 1_000)}`),
      );
      for (const text of texts) for (const client of webSockets.clients) client.send(text);
      return texts;
    });
  };
  serve(task, (server.address() as AddressInfo).port);
}

async function serveMarketData(): Promise<void> {
  const log = createLog('bench', 'silent');
  const feed = await openFeed('');
  const engine = await InProcessEngine.start(undefined, ({ seq, timeUs, events }) => {
    const writer = new FrameWriter();
    for (const event of events) writer.write(seq, timeUs, event);
    feed.publish(EVENTS_CHANNEL, writer.finish(seq, seq));
  });
  for (const account of [1, 2])
    for (const asset of [0, 1]) await engine.deposit(account, asset, 1_000_000_000_000_000);
  const listings = await Listings.load(engine);
  const never = () => ({ ended: new Promise<void>(() => {}), close: async () => {} });
  const books = await Books.open({ engine, feed, stream: never, log });
  const nothing = { lastTrade: async () => undefined, candles: async () => [] };
  const recent = await RecentTrading.open({ books, stored: nothing, listings, log });
  const streams = new Streams({ books, recent, listings });
  // No request of the bench comes as far as the database.
  const db = openDatabase('postgres://127.0.0.1:1/none', { connectionsMax: 1 });
  const counters = new ProcessCounters();
  const app = createMarketDataApp({
    db,
    listings,
    books,
    recent,
    klines: new KlineHistory(db, openDocuments('http://127.0.0.1:1'), 'none'),
    streams,
    log,
    history: new History(db),
    sockets: new Set(),
    userData: { follow: async () => assert.fail('no client of the bench has a listen key') },
    trustedHops: 0,
    weights: new RequestWeights(counters, 6_000),
    connections: new ConnectionCounts(counters, Number.MAX_SAFE_INTEGER),
    limits: { requestWeightPerMinute: 6_000, ordersPer10Seconds: 50, ordersPerDay: 160_000 },
  });
  const counted = new Hono();
  counted.use(async (context, next) => {
    count((context.env as { incoming: IncomingMessage }).incoming.socket);
    await next();
  });
  counted.route('/', app);
  const { port } = await listen(counted, { port: 0, host: '127.0.0.1' });
  let texts: string[] = [];
  const witness = {
    form: { combined: false, micros: true },
    deliver: (_: Stream, datum: { json(micros: boolean): string }) => void texts.push(datum.json(true)),
  };
  for (const name of ['btcusdt@trade', 'btcusdt@depth@100ms'])
    streams.broadcast.subscribe(streamOf(name, listings)!, witness);
  const place = (account: number, side: Side, index: number) =>
    engine.execute({
      type: 'place',
      session: 0 as SessionId,
      request: 0,
      account: account as AccountId,
      market: 0 as MarketId,
      side,
      orderType: 'LIMIT',
      timeInForce: 'GTC',
      price: (50_000_000_000 + (index % 100) * 10_000) as Price,
      quantity: 10_000 as Units,
      stopPrice: null,
      trailingDelta: null,
      icebergQuantity: null,
      quoteOrderQty: null,
      selfTradePrevention: 'NONE',
      clientOrderId: '',
    });
  const task = (given: ServerTask) => {
    if (!('steps' in given)) throw new Error('market data makes its own texts');
    return run(given.steps, async (index) => {
      await place(1, 'SELL', index);
      await place(2, 'BUY', index);
      await turn();
      const told = texts;
      texts = [];
      return told;
    });
  };
  serve(task, port);
}

function count(socket: Socket): void {
  connections.add(socket);
  socket.once('close', () => connections.delete(socket));
}

process.once('disconnect', () => process.exit());
await (process.argv[2] === 'ws' ? serveBare() : serveMarketData());
