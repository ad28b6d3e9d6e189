/** The WebSocket API over a real matching engine, on a port, as a client sees it. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { IpAllowList } from '#platform/ip-allow-list.ts';
import type { ApiKey } from '#platform/spot-api/api-keys.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { until } from '#test/support/until.ts';
import { ALICE, BOBS, DOCUMENTED, READ_ONLY, startTestExchange, type TestExchange } from '../exchange.ts';
import { ed25519Signer, hmacSigner, type Message, signedParams, WsClient } from './ws-client.ts';

const pair = generateKeyPairSync('ed25519');
const ED25519 = 'e'.repeat(64);
const keys: Record<string, ApiKey> = {
  [ED25519]: {
    account: ALICE,
    canTrade: true,
    canWithdraw: false,
    allowList: new IpAllowList([]),
    verifier: pair.publicKey,
  },
};
const alice = hmacSigner(DOCUMENTED);
const bob = hmacSigner(BOBS);
const aliceEd = ed25519Signer(ED25519, pair.privateKey);
const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' };

let exchange: TestExchange;
let server: HttpServer;
let url: string;
let open: WsClient[];

async function start(options: Parameters<typeof startTestExchange>[0] = {}): Promise<void> {
  exchange = await startTestExchange({ keys, ...options });
  server = await listen(exchange.app, { port: 0, host: '127.0.0.1' });
  url = `ws://127.0.0.1:${server.port}/ws-api/v3`;
}

async function connect(query = ''): Promise<WsClient> {
  const client = await WsClient.connect(url + query);
  open.push(client);
  return client;
}

beforeEach(async () => {
  open = [];
  await start();
});
afterEach(async () => {
  for (const client of open) client.socket.terminate();
  await server.close();
  await exchange.close();
});

async function restart(options: Parameters<typeof startTestExchange>[0]): Promise<void> {
  await server.close();
  await exchange.close();
  await start(options);
}

describe('a request', () => {
  it('is answered with its id as it was written, and with what the REST endpoint answers', async () => {
    const client = await connect();
    const params = signedParams(alice, { ...order, price: '50000', newClientOrderId: 'by-ws' });
    client.send({ id: 'e2a85d9f-07a5-4f94-8d5f-789dc3deb097', method: 'v3/order.place', params });
    const reply = await client.next();
    expect(reply).toMatchObject({
      id: 'e2a85d9f-07a5-4f94-8d5f-789dc3deb097',
      status: 200,
      result: { symbol: 'BTCUSDT', status: 'NEW', clientOrderId: 'by-ws', fills: [] },
    });
    const { json } = await exchange.alice.get('/api/v3/openOrders');
    expect(json).toMatchObject([{ orderId: reply.result.orderId, clientOrderId: 'by-ws' }]);
  });

  it.each(['17', '-9007199254740993', 'null', '"a"'])('may have the id %s', async (id) => {
    const client = await connect();
    client.send(`{"id":${id},"method":"session.status"}`);
    await client.next();
    expect(client.texts[0]).toMatch(new RegExp(`^{"id":${id},"status":200,"result":`));
  });

  it.each([
    ['text', 'hello', 'Invalid JSON Request'],
    ['a list', '[]', 'Invalid JSON Request'],
    ['null', 'null', 'Invalid JSON Request'],
    ['bytes', Buffer.from('{"id":1,"method":"ping"}'), 'Invalid JSON Request'],
    ['no id', '{"method":"session.status"}', "Invalid 'id' in JSON request"],
    ['an id that is an object', '{"id":{},"method":"session.status"}', "Invalid 'id' in JSON request"],
    ['an id with a fraction', '{"id":1.5,"method":"session.status"}', "Invalid 'id' in JSON request"],
    ['a long id', `{"id":"${'x'.repeat(37)}","method":"session.status"}`, "Invalid 'id' in JSON request"],
    ['no method', '{"id":1}', "Invalid 'method' in JSON request"],
    ['params that are a list', '{"id":1,"method":"session.status","params":[]}', "Invalid 'params' in JSON"],
  ])('is refused when it is %s, and the connection goes on', async (_, message, text) => {
    const client = await connect();
    client.socket.send(message);
    const reply = await client.next();
    expect(reply).toMatchObject({ status: 400, error: { code: -1135, msg: expect.stringContaining(text) } });
    expect(reply.id).toBe(text.includes('method') || text.includes('params') ? 1 : null);
    expect((await client.call('session.status')).status).toBe(200);
  });

  it('is refused for an unknown method and for parameters that are no values, each by its code', async () => {
    const client = await connect();
    expect(await client.call('order.destroy')).toMatchObject({ status: 400, error: { code: -1020 } });
    expect(await client.call('toString')).toMatchObject({ error: { code: -1020 } });
    expect(await client.call('session.status', { deep: { er: 1 } })).toMatchObject({
      error: { code: -1130, msg: "Data sent for parameter 'deep' is not valid." },
    });
    expect(await client.call('session.status', { extra: null })).toMatchObject({ error: { code: -1130 } });
    expect(await client.call('session.status', { extra: 1 })).toMatchObject({ error: { code: -1101 } });
    client.send('{"id":1,"method":"session.status","params":{"__proto__":1,"constructor":2}}');
    expect(await client.find(({ id }) => id === 1)).toMatchObject({ error: { code: -1101 } });
  });

  it('keeps the digits of its numbers, so that no amount is rounded on the way', async () => {
    const client = await connect();
    const payload = `apiKey=${alice.apiKey}&price=50000.10&quantity=0.12300&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp=${Date.now()}&type=LIMIT`;
    const numbers = new Set(['price', 'quantity', 'timestamp']);
    const pairs = payload.split('&').map((each) => each.split('=') as [string, string]);
    const params = [...pairs, ['signature', alice.sign(payload)]].map(
      ([name, value]) => `"${name}":${numbers.has(name!) ? value : `"${value}"`}`,
    );
    client.send(`{"id":1,"method":"order.place","params":{${params.join(',')}}}`);
    expect(await client.next()).toMatchObject({ result: { price: '50000.100000', origQty: '0.12300000' } });
  });

  it('does not wait for the one before it', async () => {
    const client = await connect();
    // The engine holds the order back; what does not need the engine is answered meanwhile.
    const { execute } = exchange.engine;
    const held = Promise.withResolvers<void>();
    exchange.engine.execute = async (command) => {
      await held.promise;
      return execute.call(exchange.engine, command);
    };
    const placed = client.signed(alice, 'order.place', { ...order, price: '50000' });
    expect((await client.call('session.status')).status).toBe(200);
    expect(client.messages).toHaveLength(1);
    held.resolve();
    expect((await placed).status).toBe(200);
  });

  it('is one of at most 200 at once: further ones are refused as queued too many, and nothing is lost', async () => {
    const client = await connect();
    const { execute } = exchange.engine;
    const held = Promise.withResolvers<void>();
    exchange.engine.execute = async (command) => {
      await held.promise;
      return execute.call(exchange.engine, command);
    };
    for (let id = 1; id <= 205; id++)
      client.send({
        id,
        method: 'order.cancel',
        params: signedParams(alice, { symbol: 'BTCUSDT', orderId: id }),
      });
    await until(() => client.messages.length === 5);
    for (const { status, error } of client.messages)
      expect({ status, error }).toMatchObject({
        status: 429,
        error: { code: -1003, msg: 'Too many requests queued.', data: { retryAfter: expect.any(Number) } },
      });
    held.resolve();
    await until(() => client.messages.length === 205);
    expect(new Set(client.messages.map(({ id }) => id)).size).toBe(205);
    expect(client.messages.filter(({ error }) => error.code === -2011)).toHaveLength(200);
  });
});

describe('a signature', () => {
  it('holds over the sorted parameters with the key among them, plain or percent-encoded', async () => {
    const client = await connect();
    const params = { symbol: '比特币', timestamp: Date.now() };
    const plain = `apiKey=${alice.apiKey}&symbol=比特币&timestamp=${params.timestamp}`;
    for (const payload of [plain, plain.replace('比特币', encodeURIComponent('比特币'))]) {
      const signature = alice.sign(payload);
      const reply = await client.call('myFilters', { ...params, apiKey: alice.apiKey, signature });
      // It got as far as the symbol, which is not listed.
      expect(reply.error).toMatchObject({ code: -1121 });
    }
  });

  it('matches the documentation’s example, and fails with one altered character', async () => {
    const documented = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01000000',
      price: '52000.00',
      recvWindow: 100,
      timestamp: 1645423376532,
      apiKey: DOCUMENTED.apiKey,
      signature: 'AA1B5712C094BC4E57C05A1A5C1FD8D88DCD628338EA863FEC7B88E59FE2DB24',
    };
    const client = await connect();
    // Its time is long past: that is seen only after the signature held.
    expect(await client.call('order.place', documented)).toMatchObject({
      status: 400,
      error: { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' },
    });
    const altered = { ...documented, price: '52000.01' };
    expect((await client.call('order.place', altered)).error).toMatchObject({ code: -1022 });
  });

  it.each([
    ['no key', (params: Message) => ({ ...params, apiKey: undefined }), -1102],
    ['no signature', (params: Message) => ({ ...params, signature: undefined }), -1102],
    ['no timestamp', (params: Message) => ({ ...params, timestamp: undefined }), -1102],
    ['a malformed key', (params: Message) => ({ ...params, apiKey: '<key>' }), -2014],
    ['an unknown key', (params: Message) => ({ ...params, apiKey: 'u'.repeat(64) }), -2015],
    ['another time', (params: Message) => ({ ...params, timestamp: params.timestamp + 1 }), -1022],
    ['another key of the account', (params: Message) => ({ ...params, apiKey: READ_ONLY.apiKey }), -1022],
    ['a signature that is no text', (params: Message) => ({ ...params, signature: [1] }), -1130],
  ])('is refused with %s', async (_, fault, code) => {
    const client = await connect();
    const reply = await client.call('account.status', fault(signedParams(alice)));
    expect(reply.error.code).toBe(code);
    expect(reply.status).toBe(code <= -2014 ? 401 : 400);
  });

  it('does not let a key trade that may only read', async () => {
    const client = await connect();
    const readOnly = hmacSigner(READ_ONLY);
    expect((await client.signed(readOnly, 'account.status')).status).toBe(200);
    const refused = await client.signed(readOnly, 'order.place', { ...order, price: '50000' });
    expect(refused).toMatchObject({ status: 401, error: { code: -2015 } });
    expect((await client.signed(readOnly, 'openOrders.status')).result).toEqual([]);
  });
});

describe('rate limits', () => {
  beforeEach(() => freezeClock(Date.now()));
  afterEach(thawClock);

  it('are told with every reply: orders with orders, weight always', async () => {
    const client = await connect();
    const { rateLimits } = await client.signed(alice, 'order.place', { ...order, price: '50000' });
    expect(rateLimits).toEqual([
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 1 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000, count: 1 },
      // Connecting weighs 2, a successful order nothing.
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000, count: 2 },
    ]);
    const status = await client.signed(alice, 'account.status');
    expect(status.rateLimits).toMatchObject([{ rateLimitType: 'REQUEST_WEIGHT', count: 22 }]);
  });

  it('are left out when the request or the address says so, and the request has the last word', async () => {
    const client = await connect();
    expect(await client.call('session.status', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
    const quiet = await connect('?returnRateLimits=false');
    const reply = await quiet.call('session.status');
    expect(reply).not.toHaveProperty('rateLimits');
    expect(reply.result.returnRateLimits).toBe(false);
    expect(await quiet.call('session.status', { returnRateLimits: true })).toHaveProperty('rateLimits');
    expect((await quiet.call('session.status', { returnRateLimits: 'perhaps' })).error.code).toBe(-1130);
  });

  it('refuse with 429 and when to come back, then ban with 418 and end the connection', async () => {
    await restart({ weightPerMinute: 5 });
    const client = await connect();
    await client.call('session.status');
    const refused = await client.call('session.status');
    const minute = 60_000;
    const window = (Math.floor(Date.now() / minute) + 1) * minute;
    expect(refused).toMatchObject({
      status: 429,
      error: { code: -1003, data: { serverTime: expect.any(Number) } },
    });
    expect(Math.abs(refused.error.data.retryAfter - window)).toBeLessThanOrEqual(minute);
    let last: Message;
    do last = await client.call('session.status');
    while (last.status === 429);
    expect(last).toMatchObject({ status: 418, error: { code: -1003 } });
    expect(last.error.data.retryAfter).toBeGreaterThan(Date.now() + minute);
    expect(await client.closed).toMatchObject({ code: 1008 });
    await expect(WsClient.connect(url)).rejects.toThrow('418');
  });

  it('refuse an order past those that an account may place in ten seconds, and say when to come back', async () => {
    await restart({ ordersPer10Seconds: 1 });
    const client = await connect();
    expect((await client.signed(alice, 'order.place', { ...order, price: '50000' })).status).toBe(200);
    const refused = await client.signed(alice, 'order.place', { ...order, price: '50000' });
    expect(refused.status).toBe(429);
    expect(refused.error).toMatchObject({ code: -1015, data: { retryAfter: expect.any(Number) } });
    expect(refused.rateLimits[0]).toMatchObject({ rateLimitType: 'ORDERS', limit: 1 });
  });

  it('let an address open 300 connections in five minutes', async () => {
    for (let count = 0; count < 300; count++) (await WsClient.connect(url)).socket.terminate();
    await expect(WsClient.connect(url)).rejects.toThrow('429');
  });
});

describe('time', () => {
  it('is told in microseconds to whoever asks so in the address, and in milliseconds otherwise', async () => {
    const millis = await (await connect()).call('session.status');
    expect(String(millis.result.serverTime)).toHaveLength(13);
    const client = await connect('?timeUnit=microsecond');
    await client.signed(alice, 'userDataStream.subscribe.signature');
    const { result } = await client.signed(alice, 'order.place', { ...order, price: '50000' });
    expect(String(result.transactTime)).toHaveLength(16);
    const report = (await client.find(({ event }) => event?.e === 'executionReport')).event;
    for (const name of ['E', 'T', 'O', 'W']) expect([name, String(report[name]).length]).toEqual([name, 16]);
    await expect(WsClient.connect(`${url}?timeUnit=hours`)).rejects.toThrow('400');
  });
});

describe('a session', () => {
  it('is for Ed25519 keys alone', async () => {
    const client = await connect();
    const refused = await client.signed(alice, 'session.logon');
    expect(refused).toMatchObject({ status: 400, error: { code: -4056 } });
    expect((await client.call('session.status')).result).toMatchObject({
      apiKey: null,
      authorizedSince: null,
    });
    expect((await client.call('userDataStream.subscribe')).error).toMatchObject({ code: -1002 });
  });

  it('spares requests the key and the signature, but not the timestamp', async () => {
    const client = await connect();
    const { result } = await client.signed(aliceEd, 'session.logon');
    expect(result).toMatchObject({ apiKey: ED25519, userDataStream: false, returnRateLimits: true });
    expect(result.authorizedSince).toBeGreaterThanOrEqual(result.connectedSince);
    const placed = await client.call('order.place', { ...order, price: '50000', timestamp: Date.now() });
    expect(placed.status).toBe(200);
    expect((await client.call('account.status')).error).toMatchObject({ code: -1102 });
    const stale = { timestamp: Date.now() - 10_000 };
    expect((await client.call('account.status', stale)).error).toMatchObject({ code: -1021 });
  });

  it('is passed over by a request with a key of its own', async () => {
    const client = await connect();
    await client.signed(aliceEd, 'session.logon');
    await client.call('order.place', { ...order, price: '50000', timestamp: Date.now() });
    expect((await client.signed(bob, 'openOrders.status')).result).toEqual([]);
    expect((await client.call('openOrders.status', { timestamp: Date.now() })).result).toHaveLength(1);
    const unsigned = { apiKey: BOBS.apiKey, timestamp: Date.now() };
    expect((await client.call('openOrders.status', unsigned)).error).toMatchObject({ code: -1102 });
  });

  it('ends with the logout, and its stream with it; one by signature stays', async () => {
    const client = await connect();
    await client.signed(aliceEd, 'session.logon');
    expect((await client.call('userDataStream.subscribe')).result).toEqual({ subscriptionId: 0 });
    expect((await client.signed(bob, 'userDataStream.subscribe.signature')).result).toEqual({
      subscriptionId: 1,
    });
    const { result } = await client.call('session.logout');
    expect(result).toMatchObject({ apiKey: null, authorizedSince: null, userDataStream: true });
    expect((await client.call('session.subscriptions')).result).toEqual([{ subscriptionId: 1 }]);
    expect(await client.find(({ event }) => event !== undefined)).toMatchObject({
      subscriptionId: 0,
      event: { e: 'eventStreamTerminated', E: expect.any(Number) },
    });
    expect((await client.call('account.status', { timestamp: Date.now() })).error).toMatchObject({
      code: -1102,
    });
  });

  it('ends at once when its key is revoked, in the words of the dialect', async () => {
    const client = await connect();
    await client.signed(aliceEd, 'session.logon');
    await client.call('userDataStream.subscribe');
    exchange.revoke(ED25519);
    expect(await client.find(({ id }) => id === null)).toEqual({
      id: null,
      status: 401,
      error: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
    });
    expect(client.events()).toMatchObject([{ e: 'eventStreamTerminated' }]);
    expect((await client.call('session.status')).result).toMatchObject({
      apiKey: null,
      userDataStream: false,
    });
    await exchange.alice.order({ side: 'BUY', quantity: '1', price: '50000' });
    expect((await client.call('session.subscriptions')).result).toEqual([]);
    expect(client.events('executionReport')).toEqual([]);
  });
});

describe('the connection', () => {
  it('is pinged by the server, and pings are answered', async () => {
    const client = await connect();
    client.socket.ping('are you there');
    const [payload] = await once(client.socket, 'pong');
    expect(String(payload)).toBe('are you there');
  });

  it('needs to be a WebSocket', async () => {
    const response = await fetch(url.replace('ws:', 'http:'));
    expect(response.status).toBe(426);
  });

  it('hears serverShutdown before it ends', async () => {
    const client = await connect();
    for (const connection of exchange.connections) connection.announceShutdown();
    await server.close();
    expect(client.messages).toEqual([{ event: { e: 'serverShutdown', E: expect.any(Number) } }]);
    expect(await client.closed).toMatchObject({ code: 1001 });
    await until(() => exchange.connections.size === 0);
  });

  it('ends with its reason when the client leaves too much unread', async () => {
    await restart({ ordersPer10Seconds: 1_000, weightPerMinute: 100_000 });
    for (let count = 0; count < 100; count++)
      await exchange.alice.order({ side: 'BUY', quantity: '0.01', price: '50000' });
    const client = await connect();
    await client.signed(alice, 'openOrders.status');
    client.socket.pause();
    // Each reply is 50 KB, and the systems between hold some megabytes.
    for (let id = 1; id <= 500; id++) {
      client.send({ id, method: 'openOrders.status', params: signedParams(alice) });
      await new Promise((resume) => setImmediate(resume));
    }
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 1008, reason: 'over 4194304 bytes are unread: read faster' });
    // Whoever is next is served.
    expect((await (await connect()).call('session.status')).status).toBe(200);
  });
});

it('leaves nothing behind when connections come and go', async () => {
  for (let count = 0; count < 20; count++) {
    const client = await connect();
    await client.signed(alice, 'userDataStream.subscribe.signature');
    await (count % 2 === 0 ? client.close() : client.socket.terminate());
  }
  await until(() => exchange.connections.size === 0);
  expect(exchange.userStreams.wanted.size).toBe(0);
});
