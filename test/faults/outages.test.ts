/** What clients are told while a store is away: that they may ask again, not that something is broken. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { PASSWORD, type TestUser } from '#test/accounts/accounts-service.ts';
import { form, hmac, type Signer } from '#test/orders/signed-client.ts';
import { hmacSigner, WsClient } from '#test/orders/websocket-api/ws-client.ts';
import { FaultyLine } from '#test/support/faulty-line.ts';
import { type PeopleExchange, type ServiceName, startPeopleExchange } from '#test/support/people-exchange.ts';

/** API Gateway gives up after ten. */
const PATIENCE_MS = 8_000;
/** As behind the load balancer. */
const FROM = { 'X-Forwarded-For': '198.51.100.7' };
const UNAVAILABLE = { status: 503, retryAfter: '1', code: 'UNAVAILABLE' };
const OVERLOADED = { status: 503, retryAfter: '1', code: -1008 };

let exchange: PeopleExchange;
const lines = { sessions: [] as FaultyLine[], database: [] as FaultyLine[] };
let user: TestUser;
let keys: Signer[];

beforeAll(async () => {
  const reach = async (serverUrl: string) => {
    const line = await FaultyLine.to(serverUrl);
    lines[serverUrl.startsWith('http') ? 'sessions' : 'database'].push(line);
    return line.url;
  };
  exchange = await startPeopleExchange({ reach });
  user = await exchange.accounts.newUser('user@example.com');
  keys = [];
  for (const label of ['first', 'second', 'third']) {
    const body = { label, canTrade: true };
    const { json } = await exchange.accounts.call('POST', '/api/users/me/api-keys', {
      token: user.token,
      body,
    });
    keys.push(json);
  }
}, 60_000);
const setLines = (which: keyof typeof lines, state: FaultyLine['state']) => {
  for (const line of lines[which]) line.state = state;
};
afterEach(() => {
  setLines('sessions', 'open');
  setLines('database', 'open');
});
afterAll(async () => {
  await exchange.close();
  for (const line of [...lines.sessions, ...lines.database]) await line.close();
});

async function told(response: Response) {
  const { code } = ((await response.json()) ?? {}) as { code?: unknown };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), code };
}

async function ask(service: ServiceName, path: string, body?: object) {
  const startedMs = performance.now();
  const response = await fetch(exchange.urls[service] + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...FROM,
      ...(body === undefined
        ? { Authorization: `Bearer ${user.token}` }
        : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await told(response);
  expect(performance.now() - startedMs).toBeLessThan(PATIENCE_MS);
  return answer;
}

/** One route of each service, as somebody who is logged in. */
const askAll = () =>
  Promise.all([
    ask('accounts', '/api/users/me'),
    ask('orders', '/api/orders'),
    ask('wallet', '/api/wallet/balances'),
  ]);

async function askSigned({ apiKey, secret }: Signer, path = '/api/v3/openOrders') {
  const query = form({ timestamp: Date.now() });
  const url = `${exchange.urls.orders}${path}?${query}&signature=${hmac(secret, query)}`;
  return fetch(url, { headers: { ...FROM, 'X-MBX-APIKEY': apiKey } });
}

const atFault = () => exchange.accounts.logged.filter((line) => line.includes('a request failed'));

describe.each(['cut', 'silent'] as const)('while the line to the sessions is %s', (state) => {
  it('people are told to come back soon, by every service, and bots go on', async () => {
    setLines('sessions', state);
    expect(await askAll()).toEqual([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
    const credentials = { email: user.email, password: PASSWORD };
    expect(await ask('accounts', '/api/users/login', credentials)).toEqual(UNAVAILABLE);
    const { refreshToken } = user;
    expect(await ask('accounts', '/api/users/refresh', { refreshToken })).toEqual(UNAVAILABLE);
    expect((await askSigned(keys[0]!)).status).toBe(200);
    expect(atFault()).toEqual([]);
    setLines('sessions', 'open');
    for (const { status } of await askAll()) expect(status).toBe(200);
  }, 60_000);
});

describe('while the line to PostgreSQL is cut', () => {
  it('people are told to come back soon', async () => {
    setLines('database', 'cut');
    expect(await askAll()).toEqual([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
    const signUp = { email: 'another@example.com', password: PASSWORD };
    expect(await ask('accounts', '/api/users', signUp)).toEqual(UNAVAILABLE);
    expect(atFault()).toEqual([]);
    setLines('database', 'open');
    for (const { status } of await askAll()) expect(status).toBe(200);
  });

  it('so are bots, over HTTP and over WebSockets', async () => {
    const ws = await WsClient.connect(`${exchange.urls.orders.replace('http', 'ws')}/ws-api/v3`, FROM);
    setLines('database', 'cut');
    expect(await told(await askSigned(keys[1]!))).toEqual(OVERLOADED);
    const reply = await ws.signed(hmacSigner(keys[2]!), 'account.status');
    expect(reply).toMatchObject({ status: 503, error: { code: -1008 } });
    expect(reply.error.data.retryAfter).toBe(reply.error.data.serverTime + 1_000);
    const listening = new WebSocket(`${exchange.urls.orders.replace('http', 'ws')}/ws/U0123`, {
      headers: FROM,
    });
    const [, response] = await new Promise<[unknown, { statusCode?: number; headers: object }]>((resolve) => {
      listening.once('unexpected-response', (...args) => resolve(args));
    });
    expect(response).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
    setLines('database', 'open');
    expect((await askSigned(keys[1]!)).status).toBe(200);
    expect(await ws.signed(hmacSigner(keys[2]!), 'account.status')).toMatchObject({ status: 200 });
    ws.socket.close();
  });
});

it('a fault of our own is still told as one', async () => {
  await exchange.accounts.db.schema.alterTable('accounts.users').renameTo('gone').execute();
  expect(await ask('wallet', '/api/wallet/balances')).toMatchObject({ status: 500, code: 'INTERNAL' });
  await exchange.accounts.db.schema.alterTable('accounts.gone').renameTo('users').execute();
});
