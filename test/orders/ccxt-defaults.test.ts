/** What clients ask for beside trading, unless their options say otherwise. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

let exchange: TestExchange;
beforeEach(async () => {
  freezeClock(Date.now());
  exchange = await startTestExchange();
});
afterEach(async () => {
  await exchange.close();
  thawClock();
});

it('tells how many unfilled orders the account has, for a weight of 40', async () => {
  const order = { side: 'BUY', quantity: '1', price: '50000' } as const;
  await exchange.alice.order(order);
  await exchange.alice.order(order);
  const { json, headers } = await exchange.alice.get('/api/v3/rateLimit/order');
  expect(json).toEqual([
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 2 },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000, count: 2 },
  ]);
  expect(headers.get('x-mbx-used-weight-1m')).toBe('40');
  expect((await exchange.bob.get('/api/v3/rateLimit/order')).json[1].count).toBe(0);
});

it('has no allocations, and checks what it is asked all the same', async () => {
  expect((await exchange.alice.get('/api/v3/myAllocations', { symbol: 'BTCUSDT' })).json).toEqual([]);
  const unknown = await exchange.alice.get('/api/v3/myAllocations', { symbol: 'NONSENSE' });
  expect(unknown).toMatchObject({ status: 400, json: { code: -1121 } });
  const day = 24 * 60 * 60 * 1_000;
  const tooLong = { symbol: 'BTCUSDT', startTime: 1, endTime: 2 + day };
  expect((await exchange.alice.get('/api/v3/myAllocations', tooLong)).json.code).toBe(-1127);
});

it('tells the fees of one market or of all, as the account pays them', async () => {
  const all = await exchange.alice.get('/sapi/v1/asset/tradeFee');
  expect(all.json.length).toBeGreaterThan(1);
  const { json } = await exchange.alice.get('/sapi/v1/asset/tradeFee', { symbol: 'BTCUSDT' });
  expect(json).toEqual([all.json.find(({ symbol }: { symbol: string }) => symbol === 'BTCUSDT')]);
  const commission = await exchange.alice.get('/api/v3/account/commission', { symbol: 'BTCUSDT' });
  const { maker, taker } = commission.json.standardCommission;
  expect(json[0]).toEqual({ symbol: 'BTCUSDT', makerCommission: maker, takerCommission: taker });
});

it('has no margin pairs, whatever else is sent', async () => {
  for (const path of ['/sapi/v1/margin/allPairs', '/sapi/v1/margin/isolated/allPairs'])
    expect((await exchange.alice.get(path)).json).toEqual([]);
});
