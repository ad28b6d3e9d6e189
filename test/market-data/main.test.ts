/** The service as a process of its own, beside a real engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { listings } from '#environments/markets.ts';
import { freePort } from '#platform/free-port.ts';
import { migrate } from '#platform/postgres.ts';
import { migrations } from '#services/projector/migrations.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { testDatabase } from '#test/support/postgres.ts';

const HOST = '127.0.0.1';
const MAIN = fileURLToPath(new URL('../../services/market-data/main.ts', import.meta.url));

let port: number;
let marketData: ChildProcess;
const closing: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  const database = await testDatabase();
  closing.push(() => database.drop());
  await migrate(database.db, 'projector', migrations);
  const engine = await startEngineService(database.url);
  closing.push(engine.close);
  port = await freePort();
  marketData = spawn(process.execPath, [MAIN], {
    env: {
      PORT: String(port),
      MARKET_DATA_TABLE: 'market-data',
      DATABASE_URL: database.url,
      ENGINE_URL: engine.url,
      ORDERS_URL: 'http://127.0.0.1:9',
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
