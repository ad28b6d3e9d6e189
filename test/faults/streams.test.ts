/**
 * What clients of the streams hear while their connection, the leader, or the Redis that carries the feed fails: every
 * trade once, and books that are the engine's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import type { MarketId, Seq } from '#domain/ids.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { streamEvents } from '#platform/engine-events.ts';
import { LEADER_PATH } from '#platform/engine-protocol.ts';
import { defaultsOf } from '#platform/env.ts';
import { freePort } from '#platform/free-port.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import { config } from '#services/market-data/config.ts';
import { startMarketData } from '#services/market-data/service.ts';
import { migrations } from '#services/projector/migrations.ts';
import { LocalBook, levelsOf } from '#test/market-data/local-book.ts';
import { StreamClient } from '#test/market-data/public-market.ts';
import { newOrder } from '#test/support/commands.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { type RedisServer, redisProgram, startRedisServer } from '#test/support/redis-server.ts';
import { type Balancer, startBalancer } from './support/balancer.ts';
import { EngineGroup } from './support/engine-group.ts';
import { beginFaultRun, type FaultRun, timeoutMs, times } from './support/fault-run.ts';
import { Traders } from './support/traders.ts';

const EVENTS = times(100_000);
const LEASE_MS = 500;
const BTCUSDT = 0 as MarketId;
/** Of an account that does nothing else; its order changes the book last. */
const LAST = 77;

let run: FaultRun;
afterEach(() => run.close());

interface Exchange {
  readonly group: EngineGroup;
  readonly balancer: Balancer;
  readonly engine: EngineClient;
  readonly traders: Traders;
  readonly port: number;
  /** Moves the lead to the other engine. */
  handOff(): Promise<void>;
}

/** Two engines, market data, and traders who do not rest. */
async function startAll(redisUrl: string): Promise<Exchange> {
  const database = await testDatabase();
  run.closing(() => database.drop());
  await migrate(database.db, 'projector', migrations);
  let live = 0;
  let group: EngineGroup | undefined;
  const balancer = await startBalancer(() => group?.at(live)?.port);
  run.closing(() => balancer.close());
  const { blobsDirectory } = run;
  const databaseUrl = database.url;
  const slots = ['blue', 'green'].map((deployment) => () => ({
    databaseUrl,
    blobsDirectory,
    deployment,
    redisUrl,
    leaseMs: LEASE_MS,
    livePort: balancer.port,
    snapshotCommands: 10_000,
  }));
  const engines = await EngineGroup.start(slots);
  group = engines;
  run.closing(() => engines.close());
  live = engines.at(0) === (await engines.leader()) ? 0 : 1;
  const engine = connectEngine(balancer.url);
  run.closing(() => engine.close());
  const log = createLog('market-data', 'silent');
  const values = {
    ...defaultsOf(config),
    DATABASE_URL: databaseUrl,
    ENGINE_URL: balancer.url,
    ORDERS_URL: 'http://127.0.0.1:9', // nor follows an account
    REDIS_URL: redisUrl,
    MARKET_DATA_TABLE: 'unused', // nobody asks for klines here
  };
  const marketData = await startMarketData(values, { log });
  run.closing(() => marketData.close());
  const server = await listen(marketData.app, { port: 0, host: '127.0.0.1' });
  run.closing(() => server.close());
  const traders = new Traders({ url: balancer.url, clients: 2, traders: 24, random: run.random });
  run.closing(() => traders.stop());
  return {
    group: engines,
    balancer,
    engine,
    traders,
    port: server.port,
    handOff: async () => {
      const before = (await engines.leader()).leadingEpoch!;
      await sleep(LEASE_MS + 50);
      live = 1 - live;
      for (;;) {
        const hello = `http://127.0.0.1:${balancer.port}${LEADER_PATH}?port=${balancer.port}`;
        await fetch(hello, { headers: { connection: 'close' } }).catch(() => {});
        const leader = await engines.leader();
        if (leader === engines.at(live) && leader.leadingEpoch! > before) return;
        await sleep(100);
      }
    },
  };
}

class Watcher {
  readonly stream: string;
  readonly #port: number;
  client: StreamClient;
  readonly book: LocalBook;

  private constructor(port: number, stream: string, client: StreamClient) {
    this.#port = port;
    this.stream = stream;
    this.client = client;
    this.book = new LocalBook(client, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
      return answer.json();
    });
  }

  static async open(port: number, stream: string): Promise<Watcher> {
    const watcher = new Watcher(port, stream, await StreamClient.open(`ws://127.0.0.1:${port}/ws/${stream}`));
    // From here on the book is made of events: the snapshot is of now.
    await watcher.book.settle(1);
    return watcher;
  }

  /** Its connection breaks, and it makes another. */
  async reconnect(): Promise<void> {
    await this.book.settle(1);
    await this.client.close();
    this.client = await StreamClient.open(`ws://127.0.0.1:${this.#port}/ws/${this.stream}`);
    this.book.reconnected(this.client);
    await this.book.settle(1);
  }
}

/** Once nobody trades any more: the books and the engine's, after a last change. */
async function settle({ engine }: Exchange, watchers: readonly Watcher[]): Promise<void> {
  await engine.execute({
    type: 'deposit',
    account: LAST as never,
    asset: 0 as never,
    amount: 1_000_000_000 as never,
    reference: `last-${performance.now()}`,
  });
  const last = await engine.execute(newOrder({ account: LAST, price: 80_000_000, quantity: 20_000_000 }));
  expect(last.rejection).toBeNull();
  const expected = levelsOf(await engine.ask({ type: 'book', market: BTCUSDT, depthMax: 5_000 }));
  for (const { book, stream } of watchers) {
    await book.settle(last.seq);
    expect([stream, book.levels()]).toEqual([stream, expected]);
  }
}

/** How many events are committed. */
function countEvents(url: string) {
  let count = 0;
  const stream = streamEvents(url, 0 as Seq, async ({ records }) => {
    count += records.length;
  });
  return {
    reach: async (target: number) => {
      while (count < target) await sleep(20);
    },
    close: () => stream.close(),
  };
}

/** Every trade from the first one heard to the last, once each and in order. */
function expectEveryTrade(client: StreamClient, lastTradeId: number): void {
  const ids = client.messages.map(({ t }) => t);
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => ids[0] + index));
  expect(ids.at(-1)).toBe(lastTradeId);
}

async function lastTradeId(port: number): Promise<number> {
  const day = await fetch(`http://127.0.0.1:${port}/api/v3/ticker/24hr?symbol=BTCUSDT`);
  return ((await day.json()) as { lastId: number }).lastId;
}

it(
  'a book by the documented rule equals the engine’s after 100,000 events, across a reconnect and changes of leader',
  async () => {
    run = await beginFaultRun('streams');
    const redis = redisProgram === undefined ? undefined : await startRedisServer(await freePort());
    run.closing(() => redis?.stop());
    const exchange = await startAll(redis?.url ?? '');
    const { traders, port } = exchange;
    const trades = await StreamClient.open(`ws://127.0.0.1:${port}/ws/btcusdt@trade`);
    run.closing(() => trades.close());
    const watchers = [
      await Watcher.open(port, 'btcusdt@depth@100ms'),
      await Watcher.open(port, 'btcusdt@depth'),
    ];
    for (const watcher of watchers) run.closing(() => watcher.client.close());
    const events = countEvents(exchange.balancer.url);
    run.closing(() => events.close());
    await events.reach(EVENTS * 0.25);
    await exchange.handOff();
    await events.reach(EVENTS * 0.5);
    for (const watcher of watchers) await watcher.reconnect();
    await events.reach(EVENTS * 0.75);
    await (await exchange.group.leader()).kill();
    await events.reach(EVENTS);
    await traders.pause();
    await settle(exchange, watchers);
    for (const { client, book } of watchers) {
      expect(book.resyncs).toBe(2);
      for (const [index, { U }] of client.messages.entries())
        if (index > 0) expect(U).toBe(client.messages[index - 1].u + 1);
    }
    expectEveryTrade(trades, await lastTradeId(port));
    run.tell(`${traders.history.summary}; ${trades.messages.length} trades heard`);
  },
  timeoutMs(240_000),
);

const faults: readonly (readonly [string, (redis: RedisServer, port: number) => Promise<RedisServer>])[] = [
  [
    'killed, and back after two seconds',
    async (redis, port) => {
      await redis.stop();
      await sleep(2_000);
      return startRedisServer(port);
    },
  ],
  ['flushed', (redis) => command(redis, ['FLUSHALL'])],
  [
    'silent for two seconds',
    async (redis) => {
      redis.signal('SIGSTOP');
      await sleep(2_000);
      redis.signal('SIGCONT');
      return redis;
    },
  ],
  ['read-only', (redis) => command(redis, ['REPLICAOF', '127.0.0.1', '1'])],
];

async function command(redis: RedisServer, words: string[]): Promise<RedisServer> {
  const client = createClient({ url: redis.url });
  await client.connect();
  try {
    await client.sendCommand(words);
    return redis;
  } finally {
    client.destroy();
  }
}

(redisProgram === undefined ? it.skip.each(faults) : it.each(faults))(
  'a Redis that is %s costs clients no trade and no level, and orders nothing',
  async (name, fail) => {
    run = await beginFaultRun(`redis ${name}`);
    const redisPort = await freePort();
    let redis = await startRedisServer(redisPort);
    run.closing(() => redis.stop());
    const exchange = await startAll(redis.url);
    const { traders, port } = exchange;
    const trades = await StreamClient.open(`ws://127.0.0.1:${port}/ws/btcusdt@trade`);
    run.closing(() => trades.close());
    const watcher = await Watcher.open(port, 'btcusdt@depth@100ms');
    run.closing(() => watcher.client.close());
    await traders.history.moreAcknowledged(500);
    redis = await fail(redis, redisPort);
    await traders.history.moreAcknowledged(2_000);
    await traders.pause();
    await settle(exchange, [watcher]);
    expect(watcher.book.resyncs).toBe(1);
    expectEveryTrade(trades, await lastTradeId(port));
    expect([...traders.history.failed]).toEqual([]);
    run.tell(`${traders.history.summary}; ${trades.messages.length} trades heard`);
  },
  timeoutMs(120_000),
);
