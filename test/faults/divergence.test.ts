/** A release that decides otherwise is seen while it only follows: it never leads, and trading goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { listings } from '#environments/markets.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { freePort } from '#platform/free-port.ts';
import { newOrder } from '#test/support/commands.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

const DIVERGING = fileURLToPath(new URL('./support/diverging-engine.ts', import.meta.url));
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The lines that it logs, and the port on which it answers. */
async function startDiverging(databaseUrl: string) {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [DIVERGING], {
    env: {
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      MARKETS: JSON.stringify(listings),
      BLOB_STORE_URL: 'file:///nonexistent',
      DEPLOYMENT: 'next',
      LEASE: '300',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const lines = () =>
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await until(() => output.includes('the engine is ready'));
  return { child, port, lines };
}

async function trade(client: EngineClient, trades: number): Promise<void> {
  const order = { price: 60_000_000_000, quantity: 100_000 };
  for (let count = 0; count < trades; count++) {
    await client.execute(newOrder({ ...order, account: 1, side: 'BUY' }));
    const { rejection } = await client.execute(newOrder({ ...order, account: 2, side: 'SELL' }));
    expect(rejection).toBeNull();
  }
}

it('a build with a planted change is stopped by its first different event, and trading goes on', async () => {
  const database = await testDatabase();
  closing.push(() => database.drop());
  const leader = await startEngineService(database.url, { DEPLOYMENT: 'current' });
  closing.push(() => leader.close());
  const client = connectEngine(leader.url);
  closing.push(() => client.close());
  for (const account of [1, 2] as AccountId[])
    for (const asset of [0, 1] as AssetId[]) {
      const amount = 1_000_000_000_000 as Units;
      await client.execute({ type: 'deposit', account, asset, amount, reference: `${account} ${asset}` });
    }
  await trade(client, 50);
  const next = await startDiverging(database.url);
  const health = async () => (await fetch(`http://127.0.0.1:${next.port}/health`)).status;
  await trade(client, 40);
  expect(await health()).toBe(200);

  await trade(client, 20);
  await until(() => next.lines().some(({ level }) => level === 'error'));
  expect(await health()).toBe(503);
  const told = next.lines().find(({ level }) => level === 'error')!;
  process.stdout.write(`the gate: ${JSON.stringify(told)}\n`);
  expect(told).toMatchObject({
    msg: 'this program decides otherwise than the leader: it is unhealthy and will never lead',
    command: { type: 'place', account: 2, side: 'SELL' },
    here: { type: 'trade', tradeId: 100 },
    leader: { type: 'trade', tradeId: 100 },
  });
  const { here, leader: there } = told as Record<string, { takerFee: number }>;
  expect(here!.takerFee).toBe(there!.takerFee - 1);
  const { seq } = await client.execute(newOrder({ account: 1, price: 60_000_000_000, quantity: 100_000 }));
  expect(seq).toBeGreaterThan(told.seq as number);
  expect(next.lines().some(({ Divergence }) => Divergence === 1)).toBe(true);

  // With nobody else there it does not lead either; the next sound one does.
  await leader.close();
  closing.splice(1, 1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const head = await database.db.selectFrom('engine.head').select('leader').executeTakeFirstOrThrow();
  expect(head.leader).toBe('');
  const sound = await startEngineService(database.url, { DEPLOYMENT: 'current' });
  closing.push(() => sound.close());
  const again = connectEngine(sound.url);
  closing.push(() => again.close());
  expect(await again.ask({ type: 'position' })).toMatchObject({ seq: seq + 1 });
}, 60_000);
