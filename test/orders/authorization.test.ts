/** Made from the route table: a new route is covered by being declared. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Routes } from '#platform/routes.ts';
import { routes } from '#services/orders/routes.ts';
import { DOCUMENTED, READ_ONLY, startTestExchange, type TestExchange } from './exchange.ts';
import { form, hmac, send } from './signed-client.ts';

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange();
});
afterEach(async () => {
  // Whatever was refused, nothing was done.
  expect(exchange.engine.commands.filter(({ type }) => /^(place|cancel|amend)/.test(type))).toEqual([]);
  await exchange.close();
});

/** What the routes need; each takes its part, so that only the fault of a test can be what is refused. */
const order = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '1',
  price: '5',
};
const named = { symbol: 'BTCUSDT', orderId: 1 };
const oco = { symbol: 'BTCUSDT', side: 'SELL', quantity: '1' };
const working = {
  symbol: 'BTCUSDT',
  workingType: 'LIMIT',
  workingSide: 'BUY',
  workingPrice: '5',
  workingQuantity: '1',
  workingTimeInForce: 'GTC',
};
type Keyed = Exclude<keyof typeof routes, 'webSocketApi' | 'listenKeyStream'>;
const parametersOf: Readonly<Record<Keyed, object>> = {
  placeOrder: order,
  testOrder: order,
  cancelOrder: named,
  cancelOpenOrders: { symbol: 'BTCUSDT' },
  cancelReplace: { ...order, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 1 },
  amendOrder: { ...named, newQty: '1' },
  placeOco: {
    ...oco,
    aboveType: 'LIMIT_MAKER',
    abovePrice: '5',
    belowType: 'STOP_LOSS',
    belowStopPrice: '4',
  },
  placeOto: { ...working, pendingType: 'MARKET', pendingSide: 'SELL', pendingQuantity: '1' },
  placeOtoco: {
    ...working,
    pendingSide: 'SELL',
    pendingQuantity: '1',
    pendingAboveType: 'LIMIT_MAKER',
    pendingAbovePrice: '5',
    pendingBelowType: 'STOP_LOSS',
    pendingBelowStopPrice: '4',
  },
  placeLegacyOco: { ...oco, price: '5', stopPrice: '4' },
  cancelOrderList: { symbol: 'BTCUSDT', orderListId: 1 },
  placeSorOrder: order,
  testSorOrder: order,
  order: named,
  openOrders: {},
  allOrders: { symbol: 'BTCUSDT' },
  amendments: named,
  orderList: { orderListId: 1 },
  allOrderLists: {},
  openOrderLists: {},
  preventedMatches: named,
  commission: { symbol: 'BTCUSDT' },
  filters: { symbol: 'BTCUSDT' },
  account: {},
  myTrades: { symbol: 'BTCUSDT' },
  orderCounts: {},
  allocations: { symbol: 'BTCUSDT' },
  tradeFees: {},
  coins: {},
  marginPairs: {},
  isolatedMarginPairs: {},
  openListenKey: {},
  keepListenKey: { listenKey: 'U0' },
  closeListenKey: { listenKey: 'U0' },
};
/** What they are given does not matter: the answer is always the same. */
const readsNothing: readonly Keyed[] = ['marginPairs', 'isolatedMarginPairs'];

const table = Object.entries(routes as Routes) as readonly (readonly [Keyed, Routes[string]])[];
const keyed = table.filter(([, { security }]) => security !== 'NONE');

describe.each(keyed)('%s', (name, { method, path, security }) => {
  interface Fault {
    readonly params?: object;
    readonly signer?: { readonly apiKey: string; readonly secret: string };
    readonly apiKey?: string;
  }
  const call = ({ params = {}, signer = DOCUMENTED, apiKey = signer.apiKey }: Fault) => {
    const payload = form({ ...parametersOf[name], timestamp: Date.now(), ...params });
    const query = `${payload}&signature=${hmac(signer.secret, payload)}`;
    return send(exchange.app, method, path, {
      query,
      headers: apiKey === '' ? {} : { 'X-MBX-APIKEY': apiKey },
    });
  };

  it.each([
    ['no key', { apiKey: '' }, 401, -2014],
    ['an unknown key', { apiKey: 'u'.repeat(64) }, 401, -2015],
  ])('refuses %s', async (_, fault, status, code) => {
    expect(await call(fault)).toMatchObject({ status, json: { code } });
  });

  if (!readsNothing.includes(name))
    it('refuses an unknown parameter', async () => {
      const { status, json } = await call({ params: { extra: 1 } });
      expect(status).toBe(400);
      expect([-1101, -1104]).toContain(json.code);
    });

  if (security === 'USER_STREAM') return;

  it.each([
    ["another key's secret", { signer: { ...DOCUMENTED, secret: READ_ONLY.secret } }, 400, -1022],
    ['an expired timestamp', { params: { timestamp: Date.now() - 60_001 } }, 400, -1021],
    ['a timestamp ahead', { params: { timestamp: Date.now() + 60_000 } }, 400, -1021],
  ])('refuses %s', async (_, fault, status, code) => {
    expect(await call(fault)).toMatchObject({ status, json: { code } });
  });

  if (security === 'TRADE') {
    it('refuses a key that may only read', async () => {
      expect(await call({ signer: READ_ONLY })).toMatchObject({ status: 401, json: { code: -2015 } });
    });
  }
});

describe.each(table.filter(([, { upgrade }]) => upgrade))('%s', (_, { path }) => {
  it('says that it is a WebSocket', async () => {
    const response = await exchange.app.request(path.replace(/:.*/, 'U0'));
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
  });
});

it('answers 404 to what is not there', async () => {
  expect((await exchange.app.request('/api/v3/orderLists')).status).toBe(404);
  expect((await exchange.app.request('/api/v3/account', { method: 'POST' })).status).toBe(404);
});
