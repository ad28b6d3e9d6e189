/** The service as it runs: a real engine on its journal, the wire, a real port. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AccountId, AssetId, TimeUs, Units } from '#domain/ids.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { sealingKey, sealSecret } from '#platform/sealed-secret.ts';
import { type OrdersService, startOrders } from '#services/orders/service.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { noPeople } from '#test/support/no-people.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { createTables } from './history.ts';
import { form, hmac } from './signed-client.ts';

const SEALING_KEY = 'cd'.repeat(32);
const HOST = '127.0.0.1';
const log = createLog('test', 'silent');
const limits = {
  MARKET_DATA_URL: 'http://127.0.0.1:9',
  TRUSTED_HOPS: 0,
  REQUEST_WEIGHT_PER_MINUTE: 6_000,
  CONNECTIONS_PER_5_MINUTES: 300,
  ORDERS_PER_10_SECONDS: 50,
  ORDERS_PER_DAY: 160_000,
};

let database: TestDatabase;
let orders: OrdersService;
let server: HttpServer;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  closing.push(() => database.drop());
  await createTables(database.db);
  const shared = { PORT: 0, DATABASE_URL: database.url, REDIS_URL: '' };
  const engine = await startEngineService(database.url);
  closing.push(engine.close);
  const ENGINE_URL = engine.url;
  await deposit(ENGINE_URL);
  await createKey();
  orders = await startOrders(
    { ...shared, ...limits, ...noPeople, ENGINE_URL, API_KEY_ENCRYPTION_KEY: SEALING_KEY },
    { log },
  );
  closing.push(() => orders.close());
  server = await listen(orders.app, { port: 0, host: HOST });
  closing.push(() => server.close());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function deposit(engineUrl: string): Promise<void> {
  const client = connectEngine(engineUrl);
  const [account, asset, amount] = [1 as AccountId, 0 as AssetId, 1_000_000_000_000 as Units];
  await client.execute({ type: 'deposit', account, asset, amount, reference: 'first' });
  await client.close();
}

async function createKey(): Promise<void> {
  const { account_id } = await database.db
    .insertInto('accounts.users')
    .values({ email: 'alice@example.com', password_hash: '', created_at: 0 as TimeUs })
    .returning('account_id')
    .executeTakeFirstOrThrow();
  await database.db
    .insertInto('accounts.api_keys')
    .values({
      account_id,
      label: 'test',
      api_key: 'key-of-alice',
      sealed_secret: sealSecret(sealingKey(SEALING_KEY), 'key-of-alice', 'secret-of-alice'),
      can_trade: true,
      created_at: 0 as TimeUs,
      revoked_at: null,
    })
    .execute();
}

async function call(method: string, path: string, params: Record<string, string>): Promise<Response> {
  const payload = form({ ...params, timestamp: Date.now() });
  const url = `http://${HOST}:${server.port}${path}?${payload}&signature=${hmac('secret-of-alice', payload)}`;
  return fetch(url, { method, headers: { 'X-MBX-APIKEY': 'key-of-alice' } });
}

it('places, finds and cancels an order over the wire', async () => {
  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' };
  const response = await call('POST', '/api/v3/order', { ...order, price: '50000' });
  expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8');
  expect(response.headers.get('x-mbx-order-count-10s')).toBe('1');
  const placed = (await response.json()) as { orderId: number };
  expect(placed).toMatchObject({ status: 'NEW', fills: [] });
  const name = { symbol: 'BTCUSDT', orderId: String(placed.orderId) };
  expect(await (await call('GET', '/api/v3/order', name)).json()).toMatchObject({ status: 'NEW' });
  expect(await (await call('DELETE', '/api/v3/order', name)).json()).toMatchObject({ status: 'CANCELED' });
  expect(await (await call('GET', '/api/v3/openOrders', {})).json()).toEqual([]);
});

it('does not start with a malformed encryption key', async () => {
  const values = {
    PORT: 0,
    DATABASE_URL: database.url,
    REDIS_URL: '',
    ENGINE_URL: 'ws://127.0.0.1:1',
    ...limits,
    ...noPeople,
  };
  await expect(startOrders({ ...values, API_KEY_ENCRYPTION_KEY: 'short' }, { log })).rejects.toThrow(
    'the encryption key of API secrets is not 64 hex digits',
  );
});
