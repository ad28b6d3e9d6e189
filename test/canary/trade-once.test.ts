/** The synthetic trader against the exchange itself, which runs as `npm start` runs it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ExchangeClient } from '#services/canary/exchange-client.ts';
import { tradeOnce } from '#services/canary/trade-once.ts';
import { writeBundle } from '#stacks/bundle.ts';
import { canaryBundle } from '#stacks/canary.ts';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';

const trading = { symbol: 'BTCUSDT', latencyMsMax: 5_000 };

interface Order {
  readonly clientOrderId: string;
  readonly status: string;
  readonly executedQty: string;
}

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
});

afterAll(async () => {
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

const orders = async (path: 'openOrders' | 'allOrders') =>
  (await client.signed('GET', `/api/v3/${path}`, { symbol: trading.symbol })) as Order[];

const place = (newClientOrderId: string) =>
  client.signed('POST', '/api/v3/order', {
    symbol: trading.symbol,
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    price: '20000',
    quantity: '0.001',
    newClientOrderId,
  });

/** Passes everything on, but answers what `swallows` names with nothing, after the exchange has done it. */
async function proxyThat(swallows: (method: string, path: string) => boolean): Promise<string> {
  proxy = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const onward = request(new URL(url, exchange.client.baseUrl), { method, headers }, (answer) => {
      if (swallows(method, url)) return answer.resume();
      outgoing.writeHead(answer.statusCode!, answer.headers);
      return answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => proxy!.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe('the synthetic trader', () => {
  it('places an order and cancels it, and says how long each request took', async () => {
    const before = (await orders('allOrders')).length;
    const latencies = await tradeOnce(client, trading);
    for (const ms of Object.values(latencies)) expect(ms).toBeLessThanOrEqual(trading.latencyMsMax);
    expect(Object.keys(latencies)).toEqual(['depth', 'place', 'cancel']);
    const placed = (await orders('allOrders')).slice(before);
    expect(placed).toEqual([
      expect.objectContaining({
        status: 'CANCELED',
        executedQty: '0.00000000',
        clientOrderId: expect.stringMatching(/^canary-/),
      }),
    ]);
    expect(await orders('openOrders')).toEqual([]);
  });

  it('clears away what a run before it left, and no order of anybody else', async () => {
    await place('canary-stopped-half-way');
    await place('mine');
    await tradeOnce(client, trading);
    const open = await orders('openOrders');
    expect(open.map(({ clientOrderId }) => clientOrderId)).toEqual(['mine']);
    await client.signed('DELETE', '/api/v3/openOrders', { symbol: trading.symbol });
  });

  it('says what the exchange said to a key that it does not know, and places nothing', async () => {
    const before = (await orders('allOrders')).length;
    const stranger = new ExchangeClient(exchange.client.baseUrl, {
      ...exchange.client,
      apiKey: 'x'.repeat(64),
    });
    await expect(tradeOnce(stranger, trading)).rejects.toThrow(
      /^GET \/api\/v3\/openOrders: 401 -2015 Invalid API-key/,
    );
    expect(await orders('allOrders')).toHaveLength(before);
  });

  it('tells a wrong secret from a wrong key, and neither from the message', async () => {
    const secret = '0'.repeat(64);
    const forger = new ExchangeClient(exchange.client.baseUrl, { ...exchange.client, secret });
    const error: unknown = await tradeOnce(forger, trading).catch((reason: unknown) => reason);
    expect(String(error)).toContain('-1022 Signature');
    expect(String(error)).not.toContain(secret);
    expect(String(error)).not.toContain(exchange.client.apiKey);
  });

  it('fails when an answer comes too late, with nothing left open', async () => {
    await expect(tradeOnce(client, { ...trading, latencyMsMax: -1 })).rejects.toThrow(
      /^depth took \d+ ms, place took \d+ ms, cancel took \d+ ms; -1 ms are allowed$/,
    );
    expect(await orders('openOrders')).toEqual([]);
  });

  it('takes back an order whose acceptance it was never told of', async () => {
    const url = await proxyThat((method) => method === 'POST');
    const deaf = new ExchangeClient(url, exchange.client, 1_000);
    const before = (await orders('allOrders')).length;
    await expect(tradeOnce(deaf, trading)).rejects.toThrow(/^POST \/api\/v3\/order: .*timeout/);
    const placed = (await orders('allOrders')).slice(before);
    expect(placed.map(({ status }) => status)).toEqual(['CANCELED']);
  });

  it('tells of the first failure, also when it cannot clear away, and the next run does', async () => {
    let isDeaf = false;
    const url = await proxyThat((method) => {
      isDeaf ||= method === 'POST';
      return isDeaf;
    });
    const deaf = new ExchangeClient(url, exchange.client, 1_000);
    await expect(tradeOnce(deaf, trading)).rejects.toThrow(/^POST \/api\/v3\/order: .*timeout/);
    expect(await orders('openOrders')).toHaveLength(1);
    await tradeOnce(client, trading);
    expect(await orders('openOrders')).toEqual([]);
  });

  it('says that a market does not exist', async () => {
    await expect(tradeOnce(client, { ...trading, symbol: 'NONESUCH' })).rejects.toThrow(/400 -1121/);
  });

  it('says that nobody is there', async () => {
    const nobody = new ExchangeClient('http://127.0.0.1:9', exchange.client);
    await expect(tradeOnce(nobody, trading)).rejects.toThrow(/^GET \/api\/v3\/openOrders: fetch failed/);
  });
});

describe('the program as CloudWatch Synthetics gets it', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crossbook-canary-'));
    writeBundle(canaryBundle, directory);
    const sdk = join(directory, 'runtime', '@aws-sdk', 'client-secrets-manager');
    await mkdir(sdk, { recursive: true });
    await writeFile(join(sdk, 'index.js'), secretsManager);
  });

  afterAll(() => rm(directory, { recursive: true }));

  /** Lambda finds the SDK beside its runtime, by NODE_PATH. */
  async function run(secret: string): Promise<unknown> {
    const script = `require('${directory}/nodejs/node_modules/canary.js').handler().then(
      (result) => console.log(JSON.stringify(result)),
      (error) => console.log(JSON.stringify(String(error))),
    )`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      env: {
        NODE_PATH: join(directory, 'runtime'),
        EXCHANGE_URL: exchange.client.baseUrl,
        KEY_SECRET: 'crossbook/dev/canary-key',
        STORED: secret,
      },
    });
    return JSON.parse(stdout);
  }

  it('trades with the key that Secrets Manager has under its name', async () => {
    const { apiKey, secret } = exchange.client;
    const latencies = await run(JSON.stringify({ apiKey, secret }));
    expect(latencies).toEqual({
      depth: expect.any(Number),
      place: expect.any(Number),
      cancel: expect.any(Number),
    });
  });

  it('says what the secret must be when it is something else, without telling what it is', async () => {
    expect(await run('{"apiKey":"abc"}')).toBe(
      'Error: the secret crossbook/dev/canary-key must be {"apiKey": "…", "secret": "…"}',
    );
    expect(await run('abc')).toBe(
      'Error: the secret crossbook/dev/canary-key must be {"apiKey": "…", "secret": "…"}',
    );
  });
});

/** Answers with what STORED has, to whoever asks for the right name. */
const secretsManager = `
exports.GetSecretValueCommand = class { constructor(input) { this.input = input; } };
exports.SecretsManagerClient = class {
  async send({ input }) {
    if (input.SecretId !== process.env.KEY_SECRET) throw new Error('no such secret');
    return { SecretString: process.env.STORED };
  }
};`;
