/** The service as a process of its own, beside a real engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { listings } from '#environments/markets.ts';
import { openFeed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import { startEngine } from '#services/engine/service.ts';
import { migrations } from '#services/projector/migrations.ts';
import { testDatabase } from '#test/support/postgres.ts';

const HOST = '127.0.0.1';
const MAIN = fileURLToPath(new URL('../../services/market-data/main.ts', import.meta.url));
const log = createLog('test', 'silent');

let port: number;
let marketData: ChildProcess;
const closing: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  const database = await testDatabase();
  closing.push(() => database.drop());
  await migrate(database.db, 'projector', migrations);
  const feed = await openFeed('');
  closing.push(() => feed.close());
  const values = { PORT: 0, DATABASE_URL: database.url, REDIS_URL: '', BATCH_COMMANDS_MAX: 1_024 };
  const engine = await startEngine({ ...values, MARKETS: listings }, { feed, log });
  closing.push(() => engine.close());
  const server = await listen(engine.app, { port: 0, host: HOST });
  closing.push(() => server.close());
  port = await freePort();
  marketData = spawn(process.execPath, [MAIN], {
    env: {
      PORT: String(port),
      DATABASE_URL: database.url,
      ENGINE_URL: `ws://${HOST}:${server.port}`,
      REDIS_URL: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => marketData.kill('SIGKILL'));
  for await (const line of marketData.stdout!) if (String(line).includes('market data is open')) break;
}, 60_000);

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  return free;
}

it('serves, and on SIGTERM tells its clients before it closes their connections and ends', async () => {
  const response = await fetch(`http://${HOST}:${port}/api/v3/exchangeInfo`);
  expect(((await response.json()) as { symbols: unknown[] }).symbols).toHaveLength(listings.markets.length);

  const socket = new WebSocket(`ws://${HOST}:${port}/ws`);
  const heard: { e?: string }[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  await once(socket, 'open');
  const exited = once(marketData, 'exit');
  marketData.kill('SIGTERM');
  const [code] = await once(socket, 'close');
  expect(heard.map(({ e }) => e)).toEqual(['serverShutdown']);
  expect(code).toBe(1001);
  expect(await exited).toEqual([0, null]);
}, 30_000);
