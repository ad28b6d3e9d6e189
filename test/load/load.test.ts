/** The load as the pipeline runs it, on the exchange as `npm start` runs it. */
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ExchangeClient } from '#services/canary/exchange-client.ts';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { runLoad } from './run-load.ts';
import { Samples } from './samples.ts';

const symbol = 'BTCUSDT';
let dataDirectory: string;
let exchange: ExchangeProcess;
let client: ExchangeClient;
let proxy: Server | undefined;

beforeAll(async () => {
  dataDirectory = await emptyDataDirectory();
  exchange = await startExchange(dataDirectory);
  client = new ExchangeClient(exchange.client.baseUrl, exchange.client);
}, 90_000);

afterEach(() => {
  proxy?.closeAllConnections();
  proxy?.close();
  proxy = undefined;
});

afterAll(async () => {
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

const openOrders = async () =>
  (await client.signed('GET', '/api/v3/openOrders', { symbol })) as { clientOrderId: string }[];
const ordersOfLoad = async () =>
  (
    (await client.signed('GET', '/api/v3/allOrders', { symbol })) as {
      clientOrderId: string;
      status: string;
    }[]
  ).filter(({ clientOrderId }) => clientOrderId.startsWith('load-'));

/** The command, with the file that `npm start` leaves. */
function load(...options: readonly string[]) {
  const args = ['test/load/main.ts', '--client', join(dataDirectory, 'client.json'), ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<{ exitCode: number | null; output: string }>((resolve) =>
    child.once('close', (exitCode) => resolve({ exitCode, output })),
  );
  return { child, ended };
}

/** Passes everything on, but answers what `refuses` names with 503. */
async function proxyThat(refuses: (method: string, path: string) => boolean): Promise<string> {
  const { hostname, port } = new URL(exchange.client.baseUrl);
  proxy = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    if (refuses(method, url)) return void outgoing.writeHead(503).end();
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => proxy!.once('listening', listening));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

it('prints a table, is content with an exchange that answers well, and leaves no order behind', async () => {
  const before = (await ordersOfLoad()).length;
  const { exitCode, output } = await load('--seconds', '3', '--p99-ms-max', '5000').ended;
  expect([exitCode, output]).toEqual([
    0,
    expect.stringMatching(/^depth +24 +0 .*\nplace +6 +0 .*\ncancel +6 +0 /m),
  ]);
  const placed = (await ordersOfLoad()).slice(before);
  expect(placed.map(({ status }) => status)).toEqual(Array(6).fill('CANCELED'));
  expect(await openOrders()).toEqual([]);
}, 60_000);

it('fails when too many requests do, says which, and clears away what it could not cancel', async () => {
  let cancels = 0;
  const url = await proxyThat((method) => method === 'DELETE' && ++cancels <= 2);
  const { exitCode, output } = await load('--url', url, '--seconds', '2', '--p99-ms-max', '5000').ended;
  expect([exitCode, output]).toEqual([1, expect.stringContaining('2 × DELETE /api/v3/order: 503')]);
  expect(output).toContain('% of the requests failed, and 1 % may');
  expect(output).not.toContain(exchange.client.secret);
  expect(await openOrders()).toEqual([]);
}, 60_000);

it('clears away when it is stopped half-way, and does not take that for a success', async () => {
  const { child, ended } = load('--seconds', '60', '--p99-ms-max', '5000');
  while ((await ordersOfLoad()).length < 14) await sleep(100);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('stopped before its end'),
  });
  expect(await openOrders()).toEqual([]);
}, 60_000);

it('clears away what a run that was killed left, and nobody else’s orders', async () => {
  const place = (newClientOrderId: string) =>
    client.signed('POST', '/api/v3/order', {
      ...{ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '0.001' },
      newClientOrderId,
    });
  await place('load-left-behind');
  await place('mine');
  await load('--seconds', '1', '--p99-ms-max', '5000').ended;
  expect((await openOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['mine']);
  await client.signed('DELETE', '/api/v3/order', { symbol, origClientOrderId: 'mine' });
}, 60_000);

it('refuses to use more than half of what the account may do, and places nothing', async () => {
  const before = (await ordersOfLoad()).length;
  const { exitCode, output } = await load('--orders-per-second', '3').ended;
  expect([exitCode, output]).toEqual([
    1,
    expect.stringContaining('30 of ORDERS in 10 SECOND, of which 50 are allowed: put fewer orders or reads'),
  ]);
  const reads = { symbol, connections: 1, seconds: 60, ordersPerSecond: 1, readsPerSecond: 50 };
  await expect(runLoad(client, reads)).rejects.toThrow(
    'of REQUEST_WEIGHT in 1 MINUTE, of which 6000 are allowed',
  );
  expect(await ordersOfLoad()).toHaveLength(before);
}, 60_000);

it('fails when one answer in a hundred is too slow, though none fails', async () => {
  const samples = new Samples();
  const now = performance.now();
  for (let index = 0; index < 98; index++) await samples.time('depth', now, async () => {});
  for (let index = 0; index < 2; index++) await samples.time('place', now - 60_000, async () => {});
  expect(samples.faults({ errorPercentMax: 0, p99MsMax: 30_000 })).toEqual([
    expect.stringMatching(/^p99 is 6\d{4}/),
  ]);
  expect(new Samples().faults({ errorPercentMax: 100, p99MsMax: 30_000 })).toEqual(['nothing was asked']);
});

it('says what to do without an exchange or its key', async () => {
  const { exitCode, output } = await load('--client', join(dataDirectory, 'none.json')).ended;
  expect([exitCode, output]).toEqual([1, expect.stringContaining('start the exchange with npm start')]);
  await writeFile(
    join(dataDirectory, 'gone.json'),
    JSON.stringify({ ...exchange.client, baseUrl: 'http://127.0.0.1:1' }),
  );
  const gone = await load('--client', join(dataDirectory, 'gone.json')).ended;
  expect([gone.exitCode, gone.output]).toEqual([
    1,
    expect.stringContaining('GET /api/v3/exchangeInfo: fetch failed'),
  ]);
});
