/** From a command's time to its trade at a client, with everything between as it runs: journal, feed, market data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AccountId, AssetId, MarketId, Price, SessionId, Units } from '#domain/ids.ts';
import type { Side } from '#domain/orders.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { startRedis } from '#services/local/redis.ts';
import { migrations } from '#services/projector/migrations.ts';
import { EngineProcess } from '#test/faults/support/engine-process.ts';
import { startTestServer } from '#test/support/postgres-server.ts';
import type { ClientsTask, Heard } from './messages.ts';

const CLIENTS = 100;
const MARKET_DATA = fileURLToPath(new URL('../../../services/market-data/main.ts', import.meta.url));
/** Pairs of an order and one that takes it are sent at this pace, as many each time as it needs. */
const TURN_MS = 10;
const WAITING_PAIRS_MAX = 256;

export interface LatencyOptions {
  readonly clients: { tell<T>(task: ClientsTask): Promise<T> };
  readonly path: string;
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly print: (line: string) => void;
}

export async function measureLatency({ clients, path, print, ...load }: LatencyOptions) {
  const closes: (() => Promise<unknown> | unknown)[] = [];
  try {
    const postgres = await startTestServer();
    closes.push(() => postgres.stop());
    const db = openDatabase(postgres.url, { connectionsMax: 1 });
    await migrate(db, 'projector', migrations);
    await db.destroy();
    const redis = await startRedis(process.env.REDIS_URL ?? '', process.env.PATH ?? '');
    closes.push(() => redis.close());
    const blobsDirectory = await mkdtemp(join(tmpdir(), 'crossbook-bench-'));
    closes.push(() => rm(blobsDirectory, { recursive: true, force: true }));
    const engineProcess = await EngineProcess.start({
      databaseUrl: postgres.url,
      blobsDirectory,
      snapshotCommands: 500_000,
      redisUrl: redis.url,
    });
    closes.push(() => {
      engineProcess.signal('SIGTERM');
      return engineProcess.exited;
    });
    const engineUrl = `ws://127.0.0.1:${engineProcess.port}`;
    const engine = connectEngine(engineUrl);
    closes.push(() => engine.close());
    await fund(engine);
    const marketData = await startMarketData({
      DATABASE_URL: postgres.url,
      // Nobody asks for klines here.
      MARKET_DATA_TABLE: 'unused',
      ENGINE_URL: engineUrl,
      // Nor follows an account.
      ORDERS_URL: 'http://127.0.0.1:9',
      REDIS_URL: redis.url,
    });
    closes.push(() => marketData.child.kill('SIGKILL'));
    await clients.tell({ connect: { port: marketData.port, path, count: CLIENTS } });
    closes.push(() => clients.tell({ disconnect: true }));
    const feed = redis.url === '' ? 'without Redis' : 'through Redis';
    const measured: Heard[] = [];
    let eventsPerSecond = 0;
    for (let round = 0; round <= load.rounds; round++) {
      eventsPerSecond = await trade(engine, load.eventsPerSecond, load.seconds);
      const heard = await clients.tell<Heard>({ heard: true });
      if (round === 0) continue;
      measured.push(heard);
      print(
        `${CLIENTS} clients ${feed}, ${Math.round(eventsPerSecond)} events/s: command to client ` +
          `p50 ${heard.p50Ms.toFixed(1)} ms, p99 ${heard.p99Ms.toFixed(1)} ms of ${heard.messages} trades`,
      );
    }
    const median = (of: (heard: Heard) => number) =>
      Number(
        measured
          .map(of)
          .sort((a, b) => a - b)
          [measured.length >> 1]!.toFixed(2),
      );
    return {
      name: 'streams/command-to-client-p99',
      value: median(({ p99Ms }) => p99Ms),
      unit: 'ms',
      ratios: {},
      p50Ms: median(({ p50Ms }) => p50Ms),
      eventsPerSecond: Math.round(eventsPerSecond),
      clients: CLIENTS,
      feed,
    };
  } finally {
    for (const close of closes.reverse()) await close();
  }
}

async function startMarketData(variables: Readonly<Record<string, string>>) {
  const child: ChildProcess = spawn(process.execPath, [MARKET_DATA], {
    env: { ...variables, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
    if (msg === 'market data is open') {
      child.stdout!.resume();
      return { child, port: port! };
    }
  }
  throw new Error('market data did not come up');
}

async function fund(engine: EngineClient): Promise<void> {
  for (const account of [1, 2])
    for (const asset of [0, 1])
      await engine.execute({
        type: 'deposit',
        account: account as AccountId,
        asset: asset as AssetId,
        amount: 1_000_000_000_000_000 as Units,
        reference: `bench-${account}-${asset}`,
      });
}

/** Pairs of orders that trade, for so long; returns the events that were committed each second. */
async function trade(engine: EngineClient, eventsPerSecond: number, seconds: number): Promise<number> {
  const place = (account: number, side: Side) =>
    engine.execute({
      type: 'place',
      session: 0 as SessionId,
      request: 0,
      account: account as AccountId,
      market: 0 as MarketId,
      side,
      orderType: 'LIMIT',
      timeInForce: 'GTC',
      price: 50_000_000_000 as Price,
      quantity: 10_000 as Units,
      stopPrice: null,
      trailingDelta: null,
      icebergQuantity: null,
      quoteOrderQty: null,
      selfTradePrevention: 'NONE',
      clientOrderId: '',
    });
  let events = 0;
  const pair = async () => {
    const outcomes = await Promise.all([place(1, 'SELL'), place(2, 'BUY')]);
    for (const outcome of outcomes) events += outcome.events.length;
  };
  await pair();
  const pairsPerSecond = eventsPerSecond / events;
  events = 0;
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1_000;
  let waiting = 0;
  for (let pairs = 0; elapsed() < seconds; await sleep(TURN_MS)) {
    for (const due = elapsed() * pairsPerSecond; pairs < due && waiting < WAITING_PAIRS_MAX; pairs++) {
      waiting++;
      void pair().finally(() => waiting--);
    }
  }
  while (waiting > 0) await sleep(TURN_MS);
  return events / elapsed();
}
