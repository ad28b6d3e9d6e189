/** User data on the services as they run: real engines on their journal, real keys, real ports. */
import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { AccountId, AssetId, TimeUs, Units } from '#domain/ids.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { defaultsOf } from '#platform/env.ts';
import { freePort } from '#platform/free-port.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { createApiKey, revokeApiKey } from '#services/accounts/api-keys.ts';
import { freeze, unfreeze } from '#services/accounts/operators.ts';
import { createProjectorTables, startDynamo } from '#services/local/dynamo.ts';
import { config as marketDataConfig } from '#services/market-data/config.ts';
import { startMarketData } from '#services/market-data/service.ts';
import { config as ordersConfig } from '#services/orders/config.ts';
import { type OrdersService, startOrders } from '#services/orders/service.ts';
import { startProjector } from '#services/projector/service.ts';
import { type Balancer, startBalancer } from '#test/faults/support/balancer.ts';
import { type RunningEngine, startEngineService } from '#test/support/engine-service.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';
import { createTables } from '../history.ts';
import {
  ed25519Signer,
  hmacSigner,
  type Message,
  WsClient,
  type WsSigner,
} from '../websocket-api/ws-client.ts';

const SEALING_KEY = 'cd'.repeat(32);
const HOST = '127.0.0.1';
const log = createLog('test', 'silent');
const pair = generateKeyPairSync('ed25519');
const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001' };

let database: TestDatabase;
let engine: RunningEngine;
/** Between the services and the engine, but for commands: those go to the leader's own address. */
let balancer: Balancer;
let target: number | undefined;
let orders: OrdersService;
let server: HttpServer;
let marketDataServer: HttpServer;
let account: AccountId;
let open: WsClient[] = [];
const closing: (() => Promise<unknown> | undefined)[] = [];

const portOf = ({ url }: RunningEngine) => Number(new URL(url).port);

beforeAll(async () => {
  database = await testDatabase();
  closing.push(() => database.drop());
  await createTables(database.db);
  engine = await startEngineService(database.url);
  closing.push(() => engine.close());
  target = portOf(engine);
  balancer = await startBalancer(() => target);
  closing.push(() => balancer.close());
  account = await createAccount('alice@example.com');
  const shared = {
    PORT: 0,
    DATABASE_URL: database.url,
    REDIS_URL: '',
    ENGINE_URL: balancer.url,
    API_KEY_ENCRYPTION_KEY: SEALING_KEY,
    TRUSTED_HOPS: 1,
    REQUEST_WEIGHT_PER_MINUTE: 60_000,
    CONNECTIONS_PER_5_MINUTES: 300,
    ORDERS_PER_10_SECONDS: 10_000,
    ORDERS_PER_DAY: 160_000,
  };
  const projector = await startProjector(
    { DATABASE_URL: database.url, ENGINE_URL: balancer.url } as Parameters<typeof startProjector>[0],
    { log },
  );
  closing.push(() => projector.close());
  const dynamo = await startDynamo();
  closing.push(() => dynamo.close());
  const MARKET_DATA_TABLE = 'market-data';
  await createProjectorTables(dynamo.endpoint, {
    marketData: MARKET_DATA_TABLE,
    transactionHistory: 'transaction-history',
  });
  const ordersPort = await freePort();
  const marketData = await startMarketData(
    {
      ...defaultsOf(marketDataConfig),
      ...shared,
      ORDERS_URL: `http://${HOST}:${ordersPort}`,
      MARKET_DATA_TABLE,
      DYNAMODB_ENDPOINT: dynamo.endpoint,
    },
    { log },
  );
  closing.push(() => marketData.close());
  marketDataServer = await listen(marketData.app, { port: 0, host: HOST });
  closing.push(() => marketDataServer.close());
  const MARKET_DATA_URL = `http://${HOST}:${marketDataServer.port}`;
  // Nobody comes with an access token here.
  orders = await startOrders(
    {
      ...defaultsOf(ordersConfig),
      ...shared,
      MARKET_DATA_URL,
      JWKS_URL: MARKET_DATA_URL,
      TOKEN_ISSUER: 'nobody',
      TRANSACTION_HISTORY_TABLE: 'unused',
    },
    { log },
  );
  closing.push(() => orders.close());
  server = await listen(orders.app, { port: ordersPort, host: HOST });
  closing.push(() => server.close());
}, 60_000);
afterAll(async () => {
  for (const client of open) client.socket.terminate();
  for (const close of closing.reverse()) await close();
});

async function createAccount(email: string): Promise<AccountId> {
  const { account_id } = await database.db
    .insertInto('accounts.users')
    .values({ email, password_hash: '', created_at: 0 as TimeUs })
    .returning('account_id')
    .executeTakeFirstOrThrow();
  const client = connectEngine(engine.url);
  const amount = 1_000_000_000_000 as Units;
  const deposit = { type: 'deposit', account: account_id, asset: 0 as AssetId, amount } as const;
  await client.execute({ ...deposit, reference: email });
  await client.close();
  return account_id;
}

async function newKey(
  terms: { type?: 'HMAC' | 'ED25519'; ipAllowList?: string[] } = {},
): Promise<{ id: number; apiKey: string; signer: WsSigner }> {
  const { type = 'HMAC', ipAllowList = [] } = terms;
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const all = { label: 'test', type, canTrade: true, canWithdraw: false, ipAllowList };
  const { id, apiKey, secret } = await database.db
    .transaction()
    .execute((transaction) =>
      createApiKey(
        transaction,
        sealingKey(SEALING_KEY),
        account,
        type === 'HMAC' ? all : { ...all, publicKey: pem },
      ),
    );
  const signer =
    type === 'HMAC' ? hmacSigner({ apiKey, secret: secret! }) : ed25519Signer(apiKey, pair.privateKey);
  return { id, apiKey, signer };
}

async function connect(path = '/ws-api/v3?returnRateLimits=false', headers = {}): Promise<WsClient> {
  const client = await WsClient.connect(`ws://${HOST}:${server.port}${path}`, headers);
  open.push(client);
  return client;
}

/** Where market streams are. */
async function connectToStreams(path: string, headers = {}): Promise<WsClient> {
  const client = await WsClient.connect(`ws://${HOST}:${marketDataServer.port}${path}`, headers);
  open.push(client);
  return client;
}

async function follow(signer: WsSigner): Promise<WsClient> {
  const client = await connect();
  expect((await client.signed(signer, 'userDataStream.subscribe.signature')).status).toBe(200);
  return client;
}

/** Places and cancels, so that there are two executions each. */
async function trade(client: WsClient, signer: WsSigner, count: number, prefix: string): Promise<void> {
  for (let index = 0; index < count; index++) {
    const newClientOrderId = `${prefix}-${index}`;
    const placed = await client.signed(signer, 'order.place', { ...order, price: '50000', newClientOrderId });
    expect(placed).toMatchObject({ status: 200 });
    const named = { symbol: 'BTCUSDT', origClientOrderId: newClientOrderId };
    expect(await client.signed(signer, 'order.cancel', named)).toMatchObject({ status: 200 });
  }
}

/** What each report of these orders must be, in order. */
const expectedOf = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => [
    `${prefix}-${index} NEW`,
    `${prefix}-${index} CANCELED`,
  ]).flat();

const told = (client: WsClient, prefix: string) =>
  client
    .events('executionReport')
    .map(({ C, c, x }) => `${C || c} ${x}`)
    .filter((line) => line.startsWith(prefix));

describe('the events of an account', () => {
  it('are all told once and in order, though the line to the engine is cut again and again', async () => {
    const { signer } = await newKey();
    const [follower, trader] = [await follow(signer), await connect()];
    await trade(trader, signer, 3, 'before');
    for (let cut = 0; cut < 3; cut++) {
      target = undefined;
      balancer.cut();
      await trade(trader, signer, 5, `cut-${cut}`);
      target = portOf(engine);
      await trade(trader, signer, 5, `again-${cut}`);
    }
    await until(() => told(follower, 'again-2').length === 10);
    const expected = [...expectedOf(3, 'before')];
    for (let cut = 0; cut < 3; cut++)
      expected.push(...expectedOf(5, `cut-${cut}`), ...expectedOf(5, `again-${cut}`));
    expect(told(follower, '')).toEqual(expected);
  });

  it('are all told once and in order, though another engine takes the lead', async () => {
    const { signer } = await newKey();
    const [follower, trader] = [await follow(signer), await connect()];
    const next = await startEngineService(database.url);
    const trading = (async () => {
      for (let round = 0; round < 20; round++) await trade(trader, signer, 2, `round-${round}`);
    })();
    await until(() => told(follower, 'round-2').length > 0);
    const last = engine;
    engine = next;
    target = portOf(next);
    await last.close();
    await trading;
    await until(() => told(follower, 'round-19').length === 4);
    const expected = Array.from({ length: 20 }, (_, round) => expectedOf(2, `round-${round}`)).flat();
    expect(told(follower, 'round')).toEqual(expected);
  }, 60_000);
});

describe('a key', () => {
  it.each([
    ['is revoked', (id: number) => revokeApiKey(database.db, account, id)],
    ['belongs to an account that is frozen', () => freeze(database.db, account)],
  ])('loses its streams and its session at once when it %s', async (_, end) => {
    const { id, signer } = await newKey({ type: 'ED25519' });
    const client = await connect();
    await client.signed(signer, 'session.logon');
    await client.call('userDataStream.subscribe');
    const began = performance.now();
    await end(id);
    await until(() => client.events('eventStreamTerminated').length === 1);
    await client.find((message) => message.id === null && message.error.code === -2015);
    // By hearing of it: a key is kept for five seconds otherwise.
    expect(performance.now() - began).toBeLessThan(4_000);
    await unfreeze(database.db, account);
  });

  it('follows nothing from an address that it may not be used from', async () => {
    const { signer } = await newKey({ ipAllowList: ['198.51.100.0/24'] });
    const inside = await connect('/ws-api/v3', { 'X-Forwarded-For': '198.51.100.7' });
    expect((await inside.signed(signer, 'userDataStream.subscribe.signature')).status).toBe(200);
    const outside = await connect('/ws-api/v3', { 'X-Forwarded-For': '203.0.113.7' });
    expect((await outside.signed(signer, 'userDataStream.subscribe.signature')).error).toMatchObject({
      code: -2015,
    });
  });
});

describe('a listen key', () => {
  const ask = async (method: string, apiKey: string, query = '') => {
    const response = await fetch(`http://${HOST}:${server.port}/api/v3/userDataStream${query}`, {
      method,
      headers: { 'X-MBX-APIKEY': apiKey },
    });
    return { status: response.status, json: (await response.json()) as Message };
  };
  const openKey = async (apiKey: string): Promise<string> => (await ask('POST', apiKey)).json.listenKey;

  it('is the same one while it lives, kept by PUT, ended by DELETE, the account’s own alone', async () => {
    const { apiKey } = await newKey();
    const listenKey = await openKey(apiKey);
    expect(listenKey).toMatch(/^U[0-9a-f]{64}$/);
    expect(await openKey(apiKey)).toBe(listenKey);
    const query = `?listenKey=${listenKey}`;
    expect(await ask('PUT', apiKey, query)).toEqual({ status: 200, json: {} });
    const mine = account;
    account = await createAccount('mallory@example.com');
    const { apiKey: foreign } = await newKey();
    account = mine;
    const unknown = { status: 400, json: { code: -1125, msg: 'This listenKey does not exist.' } };
    expect(await ask('PUT', foreign, query)).toEqual(unknown);
    expect(await ask('DELETE', foreign, query)).toEqual(unknown);
    expect(await ask('DELETE', apiKey, query)).toEqual({ status: 200, json: {} });
    expect(await ask('DELETE', apiKey, query)).toEqual(unknown);
    expect(await openKey(apiKey)).not.toBe(listenKey);
    expect(await ask('PUT', apiKey)).toMatchObject({ status: 400, json: { code: -1102 } });
  });

  it('is not in the database as it is', async () => {
    const { apiKey } = await newKey();
    const listenKey = await openKey(apiKey);
    const rows = await database.db.selectFrom('orders.listen_keys').selectAll().execute();
    const stored = rows
      .map((row) => `${row.key_hash.toString('hex')} ${row.sealed_key.toString('latin1')}`)
      .join();
    expect(rows.length).toBeGreaterThan(0);
    expect(stored).not.toContain(listenKey);
    expect(stored).not.toContain(listenKey.slice(1));
  });

  it('shows each event as it is, without a wrapping', async () => {
    const { apiKey, signer } = await newKey();
    const stream = await connect(`/ws/${await openKey(apiKey)}`);
    await trade(await connect(), signer, 1, 'legacy');
    await until(() => stream.messages.length >= 4);
    expect(stream.messages.map(({ e, x }) => x ?? e)).toEqual([
      'NEW',
      'outboundAccountPosition',
      'CANCELED',
      'outboundAccountPosition',
    ]);
  });

  const expireIn = (ms: number) =>
    database.db
      .updateTable('orders.listen_keys')
      .set({ expires_at: ((Date.now() + ms) * 1_000) as TimeUs })
      .execute();

  it('ends its streams when it is closed, and says so', async () => {
    const { apiKey } = await newKey();
    const listenKey = await openKey(apiKey);
    const stream = await connect(`/ws/${listenKey}`);
    await ask('DELETE', apiKey, `?listenKey=${listenKey}`);
    expect(await stream.next()).toEqual({ e: 'listenKeyExpired', E: expect.any(Number), listenKey });
    expect(await stream.closed).toMatchObject({ code: 1008 });
  });

  it('ends its streams when it expires, and not before', async () => {
    const { apiKey } = await newKey();
    const listenKey = await openKey(apiKey);
    await expireIn(400);
    const stream = await connect(`/ws/${listenKey}`);
    // Kept alive, it would live for another hour: then it is made to end soon again.
    await ask('PUT', apiKey, `?listenKey=${listenKey}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(stream.messages).toEqual([]);
    await expireIn(200);
    const next = await connect(`/ws/${listenKey}`);
    expect(await next.next()).toMatchObject({ e: 'listenKeyExpired', listenKey });
    expect(await next.closed).toMatchObject({ code: 1008 });
    expect((await ask('PUT', apiKey, `?listenKey=${listenKey}`)).json.code).toBe(-1125);
  });

  it('ends its streams at once when its API key is revoked', async () => {
    const { id, apiKey } = await newKey();
    const stream = await connect(`/ws/${await openKey(apiKey)}`);
    await revokeApiKey(database.db, account, id);
    expect(await stream.next()).toMatchObject({ e: 'eventStreamTerminated' });
    expect(await stream.closed).toMatchObject({ code: 1008 });
  });

  it('opens nothing when it does not exist', async () => {
    await expect(connect(`/ws/U${'0'.repeat(64)}`)).rejects.toThrow('400');
  });
});

describe('a listen key among market streams', () => {
  const openKey = async (apiKey: string): Promise<string> => {
    const response = await fetch(`http://${HOST}:${server.port}/api/v3/userDataStream`, {
      method: 'POST',
      headers: { 'X-MBX-APIKEY': apiKey },
    });
    return ((await response.json()) as Message).listenKey;
  };
  const accountEvents = (client: WsClient, listenKey: string) =>
    client.messages.filter(({ stream }) => stream === listenKey).map(({ data }) => data.x ?? data.e);
  const oneTrade = ['NEW', 'outboundAccountPosition', 'CANCELED', 'outboundAccountPosition'];
  const unknown = `U${'0'.repeat(64)}`;

  it.each([
    '/stream?streams=KEY',
    '/stream?streams=KEY/btcusdt@depth@100ms',
    '/stream?streams=btcusdt@depth@100ms/KEY',
  ])('is followed at %s, wrapped and named as it was asked for', async (path) => {
    const { apiKey, signer } = await newKey();
    const listenKey = await openKey(apiKey);
    const client = await connectToStreams(path.replace('KEY', listenKey));
    await trade(await connect(), signer, 1, 'combined');
    await until(() => accountEvents(client, listenKey).length >= 4);
    expect(accountEvents(client, listenKey)).toEqual(oneTrade);
    if (path.includes('depth')) await client.find(({ stream }) => stream === 'btcusdt@depth@100ms');
    await client.close();
  });

  it.each(['/ws/KEY/btcusdt@depth@100ms', '/ws/btcusdt@depth@100ms/KEY'])(
    'is followed at %s, without a wrapping',
    async (path) => {
      const { apiKey, signer } = await newKey();
      const client = await connectToStreams(path.replace('KEY', await openKey(apiKey)));
      await trade(await connect(), signer, 1, 'raw');
      await client.find(({ e }) => e === 'depthUpdate');
      const own = () => client.messages.filter(({ e }) => e !== 'depthUpdate').map(({ e, x }) => x ?? e);
      await until(() => own().length >= 4);
      expect(own()).toEqual(oneTrade);
      await client.close();
    },
  );

  it('is subscribed to, listed and unsubscribed from by request', async () => {
    const { apiKey, signer } = await newKey();
    const listenKey = await openKey(apiKey);
    const client = await connectToStreams('/stream');
    const trader = await connect();
    const ask = async (method: string, id: number, params: string[] = []) => {
      client.send({ method, params, id });
      return client.find((message) => message.id === id);
    };
    // Sent together, they are answered in order: the key is looked up meanwhile.
    client.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade', listenKey, listenKey], id: 1 });
    client.send({ method: 'LIST_SUBSCRIPTIONS', id: 2 });
    await client.find((message) => message.id === 2);
    expect(client.messages).toEqual([
      { result: null, id: 1 },
      { result: ['btcusdt@trade', listenKey], id: 2 },
    ]);
    await trade(trader, signer, 1, 'subscribed');
    await until(() => accountEvents(client, listenKey).length >= 4);
    expect(await ask('UNSUBSCRIBE', 3, [listenKey])).toEqual({ result: null, id: 3 });
    await trade(trader, signer, 1, 'unsubscribed');
    // What would have been told comes before what is asked for later.
    const again = await ask('SUBSCRIBE', 4, [listenKey]);
    expect(again).toEqual({ result: null, id: 4 });
    await trade(trader, signer, 1, 'again');
    await until(() => accountEvents(client, listenKey).length >= 8);
    const orders = client.messages.flatMap(({ data }) => (data?.x === 'NEW' ? [data.c] : []));
    expect(orders).toEqual(['subscribed-0', 'again-0']);
    await client.close();
  });

  it('is told in microseconds where the streams are', async () => {
    const { apiKey, signer } = await newKey();
    const client = await connectToStreams(`/stream?streams=${await openKey(apiKey)}&timeUnit=MICROSECOND`);
    await trade(await connect(), signer, 1, 'micros');
    const { data } = await client.find((message) => message.data?.x === 'NEW');
    expect(String(data.E)).toHaveLength(16);
    await client.close();
  });

  it('opens nothing when it does not exist, and subscribes to nothing', async () => {
    const url = `http://${HOST}:${marketDataServer.port}/stream?streams=btcusdt@trade/${unknown}`;
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const answer = await new Promise<{ status?: number | undefined; text: string }>((resolve, reject) => {
      request(url, { headers }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, text: body }), reject);
      })
        .once('upgrade', () => reject(new Error('it was opened')))
        .once('error', reject)
        .end();
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ code: -1125, msg: 'This listenKey does not exist.' });
    const client = await connectToStreams('/stream');
    client.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade', unknown], id: 1 });
    client.send({ method: 'LIST_SUBSCRIPTIONS', id: 2 });
    expect(await client.find((message) => message.id === 1)).toEqual({
      error: { code: 2, msg: 'Invalid request: This listenKey does not exist.' },
      id: 1,
    });
    expect(await client.find((message) => message.id === 2)).toEqual({ result: [], id: 2 });
    await client.close();
  });

  it('is one of ten at most', async () => {
    const keys = Array.from({ length: 11 }, (_, index) => `U${String(index).padStart(64, '0')}`);
    await expect(connectToStreams(`/stream?streams=${keys.join('/')}`)).rejects.toThrow('400');
    const client = await connectToStreams('/stream');
    client.send({ method: 'SUBSCRIBE', params: keys, id: 1 });
    expect((await client.find((message) => message.id === 1)).error.msg).toMatch(/at most 10 listenKeys/);
    await client.close();
  });

  it('may be used from where its API key may be used alone: the address is the client’s own', async () => {
    const { apiKey } = await newKey({ ipAllowList: ['192.0.2.0/24'] });
    const inside = { 'X-Forwarded-For': '192.0.2.5' };
    const response = await fetch(`http://${HOST}:${server.port}/api/v3/userDataStream`, {
      method: 'POST',
      headers: { 'X-MBX-APIKEY': apiKey, ...inside },
    });
    const { listenKey } = (await response.json()) as Message;
    const path = `/stream?streams=${listenKey}`;
    const outside = await connectToStreams(path, { 'X-Forwarded-For': '198.51.100.5' });
    expect((await outside.closed).code).toBe(1008);
    const client = await connectToStreams(path, inside);
    client.send({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    expect((await client.find(({ id }) => id === 1)).result).toEqual([listenKey]);
    await client.close();
  });

  it('ends the connection when it ends, and says why', async () => {
    const { apiKey } = await newKey();
    const listenKey = await openKey(apiKey);
    const client = await connectToStreams(`/stream?streams=btcusdt@trade/${listenKey}`);
    await fetch(`http://${HOST}:${server.port}/api/v3/userDataStream?listenKey=${listenKey}`, {
      method: 'DELETE',
      headers: { 'X-MBX-APIKEY': apiKey },
    });
    expect(await client.next()).toEqual({
      stream: listenKey,
      data: { e: 'listenKeyExpired', E: expect.any(Number), listenKey },
    });
    expect(await client.closed).toEqual({
      code: 1008,
      reason: 'the listenKey has ended: ask for another one',
    });
  });
});

describe('public data over the WebSocket API', () => {
  it.each([
    ['ping', {}, {}],
    ['time', {}, { serverTime: expect.any(Number) }],
    [
      'exchangeInfo',
      { symbols: ['BTCUSDT', 'ETHUSDT'] },
      { symbols: [{ symbol: 'BTCUSDT' }, { symbol: 'ETHUSDT' }] },
    ],
    ['depth', { symbol: 'BTCUSDT', limit: 5 }, { lastUpdateId: expect.any(Number), bids: [], asks: [] }],
    ['trades.recent', { symbol: 'BTCUSDT' }, []],
    ['trades.aggregate', { symbol: 'BTCUSDT' }, []],
    ['klines', { symbol: 'BTCUSDT', interval: '1m' }, []],
    ['ticker.price', { symbols: ['BTCUSDT'] }, [{ symbol: 'BTCUSDT' }]],
    ['ticker.book', { symbol: 'BTCUSDT' }, { symbol: 'BTCUSDT' }],
    ['ticker.24hr', { symbol: 'BTCUSDT', type: 'MINI' }, { symbol: 'BTCUSDT' }],
  ])('answers %s as REST does', async (method, params, result) => {
    const client = await connect('/ws-api/v3', { 'X-Forwarded-For': '192.0.2.77' });
    const reply = await client.call(method, params);
    expect(reply).toMatchObject({ status: 200, result });
    expect(reply.rateLimits).toMatchObject([{ rateLimitType: 'REQUEST_WEIGHT', limit: 60_000 }]);
    expect(reply.rateLimits[0].count).toBeGreaterThan(0);
  });

  it('refuses as REST does, and counts the weight of the client’s own address', async () => {
    const client = await connect('/ws-api/v3', { 'X-Forwarded-For': '192.0.2.78' });
    expect(await client.call('depth', { symbol: 'NONSENSE' })).toMatchObject({
      status: 400,
      error: { code: -1121, msg: 'Invalid symbol.' },
    });
    expect((await client.call('depth')).error).toMatchObject({ code: -1102 });
    expect((await client.call('klines', { symbol: 'BTCUSDT', interval: '7m' })).error.code).toBe(-1120);
    const counts = [];
    for (let count = 0; count < 2; count++)
      counts.push((await client.call('exchangeInfo', { symbol: 'BTCUSDT' })).rateLimits[0].count);
    expect(counts[1]! - counts[0]!).toBe(20);
    const other = await connect('/ws-api/v3', { 'X-Forwarded-For': '192.0.2.79' });
    expect((await other.call('ping')).rateLimits[0].count).toBeLessThan(counts[0]!);
  });

  it('is told in microseconds to whoever asks so', async () => {
    const client = await connect('/ws-api/v3?timeUnit=MICROSECOND');
    expect(String((await client.call('time')).result.serverTime)).toHaveLength(16);
  });
});

it('tells everybody that it goes away before their connections end', async () => {
  const { apiKey, signer } = await newKey();
  const following = await follow(signer);
  const response = await fetch(`http://${HOST}:${server.port}/api/v3/userDataStream`, {
    method: 'POST',
    headers: { 'X-MBX-APIKEY': apiKey },
  });
  const { listenKey } = (await response.json()) as { listenKey: string };
  const legacy = await connect(`/ws/${listenKey}`);
  const combined = await connectToStreams(`/stream?streams=${listenKey}`);
  orders.announceShutdown();
  const closed = server.close();
  expect(await following.find(({ event }) => event?.e === 'serverShutdown')).toMatchObject({
    event: { E: expect.any(Number) },
  });
  expect(await legacy.next()).toMatchObject({ e: 'serverShutdown' });
  expect(await combined.next()).toMatchObject({ stream: listenKey, data: { e: 'serverShutdown' } });
  expect(await combined.closed).toMatchObject({ code: 1001 });
  expect([await following.closed, await legacy.closed]).toMatchObject([{ code: 1001 }, { code: 1001 }]);
  await closed;
  await expect(WsClient.connect(`ws://${HOST}:${server.port}/ws-api/v3`)).rejects.toThrow('ECONNREFUSED');
  open = open.filter(({ socket }) => socket.readyState === WebSocket.OPEN);
});
