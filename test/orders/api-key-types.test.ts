/** Keys as their owners make them, used by the libraries that traders use, unmodified, on the service as it runs. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Spot } from '@binance/spot';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MainClient } from 'binance';
import ccxt from 'ccxt';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '#services/accounts/api-keys.ts';
import type { ApiKeyType } from '#services/accounts/api-public-key.ts';
import { freeze, unfreeze } from '#services/accounts/operators.ts';
import { type OrdersService, startOrders } from '#services/orders/service.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { noPeople } from '#test/support/no-people.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { createTables } from './history.ts';
import { form } from './signed-client.ts';

const SEALING_KEY = 'cd'.repeat(32);
const pairs = {
  ED25519: generateKeyPairSync('ed25519'),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const privatePem = (type: keyof typeof pairs) =>
  pairs[type].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let database: TestDatabase;
let orders: OrdersService;
let server: HttpServer;
let baseUrl: string;
let account: AccountId;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  closing.push(() => database.drop());
  await createTables(database.db);
  const engine = await startEngineService(database.url);
  closing.push(engine.close);
  account = (
    await database.db
      .insertInto('accounts.users')
      .values({ email: 'alice@example.com', password_hash: '', created_at: 0 as TimeUs })
      .returning('account_id')
      .executeTakeFirstOrThrow()
  ).account_id;
  orders = await startOrders(
    {
      PORT: 0,
      DATABASE_URL: database.url,
      REDIS_URL: '',
      ENGINE_URL: engine.url,
      MARKET_DATA_URL: 'http://127.0.0.1:9',
      API_KEY_ENCRYPTION_KEY: SEALING_KEY,
      ...noPeople,
      TRUSTED_HOPS: 1,
      REQUEST_WEIGHT_PER_MINUTE: 60_000,
      CONNECTIONS_PER_5_MINUTES: 300,
      ORDERS_PER_10_SECONDS: 50,
      ORDERS_PER_DAY: 160_000,
    },
    { log: createLog('test', 'silent') },
  );
  closing.push(() => orders.close());
  server = await listen(orders.app, { port: 0, host: '127.0.0.1' });
  closing.push(() => server.close());
  baseUrl = `http://127.0.0.1:${server.port}`;
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

function newKey(type: ApiKeyType, terms: { canTrade?: boolean; ipAllowList?: string[] } = {}) {
  const publicKey =
    type === 'HMAC'
      ? {}
      : { publicKey: pairs[type].publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  const all = {
    label: type,
    type,
    canTrade: false,
    canWithdraw: false,
    ipAllowList: [],
    ...publicKey,
    ...terms,
  };
  return database.db
    .transaction()
    .execute((transaction) => createApiKey(transaction, sealingKey(SEALING_KEY), account, all));
}

/** The status of a signed request for the account, and its code when it is refused. */
async function ask(apiKey: string, signature: (payload: string) => string, address = '192.0.2.1') {
  const payload = form({ timestamp: Date.now() });
  const url = `${baseUrl}/api/v3/account?${payload}&signature=${encodeURIComponent(signature(payload))}`;
  const response = await fetch(url, { headers: { 'X-MBX-APIKEY': apiKey, 'X-Forwarded-For': address } });
  return [response.status, ((await response.json()) as { code?: number }).code];
}
const hmacOf = (secret: string | KeyObject) => (payload: string) =>
  createHmac('sha256', secret).update(payload).digest('hex');
const signatureOf = (type: keyof typeof pairs) => (payload: string) =>
  sign(type === 'RSA' ? 'sha256' : null, Buffer.from(payload), pairs[type].privateKey).toString('base64');

const OK = [200, undefined];
const NOT_SIGNED = [400, -1022];
const REJECTED = [401, -2015];

describe.each(['ED25519', 'RSA'] as const)('a key of %s', (type) => {
  const secret = () => privatePem(type);

  it('signs for ccxt', async () => {
    const { apiKey } = await newKey(type);
    const urls = { api: { public: `${baseUrl}/api/v3`, private: `${baseUrl}/api/v3` } };
    const client = new ccxt.binance({ apiKey, secret: secret(), urls });
    const shown = await client.request('account', 'private', 'GET');
    expect(shown.uid).toBe(account);
  });

  it('signs for binance', async () => {
    const { apiKey } = await newKey(type, { canTrade: true });
    const client = new MainClient({ baseUrl, api_key: apiKey, api_secret: secret() });
    expect(await client.getAccountInformation()).toMatchObject({ uid: account });
    const cancel = client.cancelOrder({ symbol: 'BTCUSDT', origClientOrderId: 'none-such' });
    await expect(cancel).rejects.toMatchObject({ code: -2011 });
  });

  it('signs for @binance/spot', async () => {
    const { apiKey } = await newKey(type);
    const configurationRestAPI = { apiKey, privateKey: secret(), basePath: baseUrl };
    const response = await new Spot({ configurationRestAPI }).restAPI.getAccount();
    expect((await response.data()).uid).toBe(account);
  });

  it('holds for the exact payload alone, in base64 alone', async () => {
    const { apiKey } = await newKey(type);
    const right = signatureOf(type);
    expect(await ask(apiKey, right)).toEqual(OK);
    expect(await ask(apiKey, (payload) => right(`${payload}0`))).toEqual(NOT_SIGNED);
    expect(await ask(apiKey, (payload) => Buffer.from(right(payload), 'base64').toString('hex'))).toEqual(
      NOT_SIGNED,
    );
    expect(await ask(apiKey, (payload) => right(payload).slice(0, -4))).toEqual(NOT_SIGNED);
    expect(await ask(apiKey, (payload) => `${right(payload)}\n`)).toEqual(NOT_SIGNED);
    expect(await ask(apiKey, () => 'A'.repeat(86))).toEqual(NOT_SIGNED);
  });

  it('is not taken for the secret of an HMAC, which everybody knows', async () => {
    const { apiKey, publicKey } = await newKey(type);
    for (const known of [publicKey!, publicKey!.trim(), apiKey])
      expect(await ask(apiKey, hmacOf(known))).toEqual(NOT_SIGNED);
  });

  it('does not sign for another type of key', async () => {
    const { apiKey } = await newKey(type === 'RSA' ? 'ED25519' : 'RSA');
    expect(await ask(apiKey, signatureOf(type))).toEqual(NOT_SIGNED);
  });

  it('may trade only when that was asked for', async () => {
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: 10 } as const;
    const place = async (canTrade: boolean) => {
      const { apiKey } = await newKey(type, { canTrade });
      return new MainClient({ baseUrl, api_key: apiKey, api_secret: secret() }).testNewOrder(order);
    };
    await expect(place(false)).rejects.toMatchObject({ code: -2015 });
    expect(await place(true)).toEqual({});
  });
});

describe('a key bound to addresses', () => {
  it('works from there and nowhere else, whatever the client says of itself', async () => {
    const { apiKey, secret } = await newKey('HMAC', { ipAllowList: ['198.51.100.0/24', '2001:db8::7'] });
    const from = (address: string) => ask(apiKey, hmacOf(secret!), address);
    expect(await from('198.51.100.200')).toEqual(OK);
    expect(await from('2001:db8::7')).toEqual(OK);
    expect(await from('203.0.113.1')).toEqual(REJECTED);
    expect(await from('2001:db8::8')).toEqual(REJECTED);
    // What stands before the last balancer's word is the client's own.
    expect(await from('198.51.100.200, 203.0.113.1')).toEqual(REJECTED);
  });

  it('is refused elsewhere with the same words as a key that does not exist', async () => {
    const { apiKey } = await newKey('HMAC', { ipAllowList: ['198.51.100.1'] });
    expect(await ask(apiKey, () => 'f'.repeat(64))).toEqual(REJECTED);
    expect(await ask('x'.repeat(64), () => 'f'.repeat(64))).toEqual(REJECTED);
  });
});

describe('a key that was used a moment ago', () => {
  /** Refused by hearing of it: the five seconds that a key is kept for must not be what ends it. */
  async function refusedSoon(apiKey: string, secret: string): Promise<void> {
    const started = performance.now();
    let answer = await ask(apiKey, hmacOf(secret));
    while (answer[0] === 200 && performance.now() - started < 4_000)
      answer = await ask(apiKey, hmacOf(secret));
    expect(answer).toEqual(REJECTED);
  }

  it('is refused as soon as it is revoked', async () => {
    const { id, apiKey, secret } = await newKey('HMAC');
    expect(await ask(apiKey, hmacOf(secret!))).toEqual(OK);
    expect(await revokeApiKey(database.db, account, id)).toBe('HMAC');
    await refusedSoon(apiKey, secret!);
  });

  it('is refused as soon as its account is frozen, and works again when it is not', async () => {
    const { apiKey, secret } = await newKey('HMAC');
    expect(await ask(apiKey, hmacOf(secret!))).toEqual(OK);
    await freeze(database.db, account);
    await refusedSoon(apiKey, secret!);
    await unfreeze(database.db, account);
    expect(await ask(apiKey, hmacOf(secret!))).toEqual(OK);
  });
});

it('tells the owner when and from where a key was last used, once the service had a moment', async () => {
  const { apiKey, secret } = await newKey('HMAC');
  const unused = await newKey('HMAC');
  const find = async (key: string) =>
    (await listApiKeys(database.db, account)).find((listed) => listed.apiKey === key);
  expect(await find(apiKey)).toMatchObject({ lastUsedAt: null, lastUsedFrom: null });
  const before = Date.now();
  expect(await ask(apiKey, hmacOf(secret!), '198.51.100.1')).toEqual(OK);
  expect(await ask(apiKey, hmacOf(secret!), '198.51.100.2')).toEqual(OK);
  // A request that proves nothing is no use of the key.
  expect(await ask(unused.apiKey, hmacOf('wrong'), '203.0.113.1')).toEqual(NOT_SIGNED);
  // What waits is written before the service ends.
  await orders.close();
  const used = await find(apiKey);
  expect(used!.lastUsedFrom).toBe('198.51.100.2');
  expect(used!.lastUsedAt).toBeGreaterThanOrEqual(before);
  expect(await find(unused.apiKey)).toMatchObject({ lastUsedAt: null });
  closing.splice(closing.length - 2, 1);
});
