import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome } from '#platform/engine-client.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';
import { createTables, project } from './history.ts';
import type { Reply } from './signed-client.ts';

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let exchange: TestExchange;
let alice: TestExchange['alice'];
let bob: TestExchange['bob'];
/** Outcomes the projector has not been given yet, while it is held. */
let held: Outcome[] | undefined;

beforeAll(async () => {
  database = await testDatabase();
  await createTables(database.db);
  const onCommitted = async (outcome: Outcome) => {
    if (held === undefined) await project(database.db, outcome);
    else held.push(outcome);
  };
  exchange = await startTestExchange({ db: database.db, onCommitted });
  ({ alice, bob } = exchange);
});
afterAll(async () => {
  await exchange.close();
  await database.drop();
});

async function releaseProjector(): Promise<void> {
  const outcomes = held!;
  held = undefined;
  for (const outcome of outcomes) await project(database.db, outcome);
}

const buy = { side: 'BUY', quantity: '1', price: '50000' };
const sell = { side: 'SELL', quantity: '1', price: '50000' };
const error = (code: number, msg: string) => ({ status: 400, json: { code, msg } });
const query = (params: Record<string, string | number>) =>
  alice.get('/api/v3/order', { symbol: 'BTCUSDT', ...params });
const idsOf = (reply: Reply) => reply.json.map(({ orderId }: { orderId: number }) => orderId);
const place = async (params: Parameters<typeof alice.order>[0]) => (await alice.order(params)).json.orderId;

describe('GET /api/v3/order', () => {
  it('tells an open order in full', async () => {
    const orderId = await place({ ...buy, newClientOrderId: 'open' });
    const reply = await query({ orderId });
    expect(reply.headers.get('x-mbx-used-weight-1m')).not.toBeNull();
    expect(reply.json).toEqual({
      symbol: 'BTCUSDT',
      orderId,
      orderListId: -1,
      clientOrderId: 'open',
      price: '50000.000000',
      origQty: '1.00000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.000000',
      cummulativeQuoteQty: '0.000000',
      status: 'NEW',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      stopPrice: '0.000000',
      icebergQty: '0.00000000',
      time: expect.any(Number),
      updateTime: reply.json.time,
      isWorking: true,
      workingTime: reply.json.time,
      selfTradePreventionMode: 'NONE',
    });
    expect((await query({ origClientOrderId: 'open' })).json).toEqual(reply.json);
    await alice.delete('/api/v3/order', { symbol: 'BTCUSDT', orderId });
  });

  it('tells when an order was last changed, partly filled or cancelled', async () => {
    const orderId = await place({ ...buy, newClientOrderId: 'changing' });
    const filled = await bob.order({ ...sell, quantity: '0.25' });
    const { json } = await query({ orderId });
    expect(json).toMatchObject({ status: 'PARTIALLY_FILLED', updateTime: filled.json.transactTime });
    const open = await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' });
    expect(open.json).toEqual([json]);
    const cancelled = await alice.delete('/api/v3/order', { symbol: 'BTCUSDT', orderId });
    expect((await query({ origClientOrderId: 'changing' })).json).toMatchObject({
      orderId,
      status: 'CANCELED',
      executedQty: '0.25000000',
      cummulativeQuoteQty: '12500.000000',
      updateTime: cancelled.json.transactTime,
    });
  });

  it('tells why an order expired', async () => {
    const orderId = await place({ ...buy, timeInForce: 'IOC' });
    expect((await query({ orderId })).json).toMatchObject({
      status: 'EXPIRED',
      expiryReason: 'UNFILLED_IOC_QUANTITY_EXPIRED',
    });
  });

  it('takes the last of the orders that used one client id', async () => {
    await place({ ...buy, timeInForce: 'IOC', newClientOrderId: 'again' });
    const orderId = await place({ ...buy, timeInForce: 'FOK', newClientOrderId: 'again' });
    expect((await query({ origClientOrderId: 'again' })).json.orderId).toBe(orderId);
  });

  it("knows neither an unknown order nor another account's (conformance 51)", async () => {
    const unknown = error(-2013, 'Order does not exist.');
    expect(await query({ orderId: 4711 })).toMatchObject(unknown);
    const { json } = await bob.order({ ...sell, timeInForce: 'IOC' });
    expect(await query({ orderId: json.orderId })).toMatchObject(unknown);
    expect(await query({ origClientOrderId: json.clientOrderId })).toMatchObject(unknown);
  });

  it('needs one of the two ids, and both must name one order (conformance 52)', async () => {
    expect(await query({})).toMatchObject(
      error(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"),
    );
    const orderId = await place({ ...buy, newClientOrderId: 'named' });
    const mismatch = error(-2039, 'Client order ID is not correct for this order ID.');
    expect(await query({ orderId, origClientOrderId: 'other' })).toMatchObject(mismatch);
    await alice.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' });
    expect(await query({ orderId, origClientOrderId: 'other' })).toMatchObject(mismatch);
    expect(await query({ orderId, origClientOrderId: 'named' })).toMatchObject({ status: 200 });
  });
});

describe('GET /api/v3/openOrders', () => {
  it('tells those of one market, or of all for more weight (conformance 55)', async () => {
    const bitcoin = await place(buy);
    const ether = await place({ ...buy, symbol: 'ETHUSDT', price: '2000' });
    expect(idsOf(await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' }))).toEqual([bitcoin]);
    const all = await alice.get('/api/v3/openOrders');
    expect(all.json).toMatchObject([
      { orderId: bitcoin, symbol: 'BTCUSDT' },
      { orderId: ether, symbol: 'ETHUSDT' },
    ]);
    for (const symbol of ['BTCUSDT', 'ETHUSDT']) await alice.delete('/api/v3/openOrders', { symbol });
    expect((await alice.get('/api/v3/openOrders')).json).toEqual([]);
  });
});

it.each([
  ['/api/v3/account', {}, 20],
  ['/api/v3/order', { symbol: 'BTCUSDT', orderId: 1 }, 4],
  ['/api/v3/openOrders', { symbol: 'BTCUSDT' }, 6],
  ['/api/v3/openOrders', {}, 80],
  ['/api/v3/allOrders', { symbol: 'BTCUSDT' }, 20],
  ['/api/v3/myTrades', { symbol: 'BTCUSDT' }, 20],
  ['/api/v3/myTrades', { symbol: 'BTCUSDT', orderId: 1 }, 5],
  ['/api/v3/order/amendments', { symbol: 'BTCUSDT', orderId: 1 }, 4],
  ['/api/v3/orderList', { orderListId: 1 }, 4],
  ['/api/v3/allOrderList', {}, 20],
  ['/api/v3/openOrderList', {}, 6],
  ['/api/v3/myPreventedMatches', { symbol: 'BTCUSDT', orderId: 1 }, 20],
  ['/api/v3/myPreventedMatches', { symbol: 'BTCUSDT', preventedMatchId: 1 }, 2],
  ['/api/v3/account/commission', { symbol: 'BTCUSDT' }, 20],
  ['/api/v3/myFilters', { symbol: 'BTCUSDT' }, 40],
])('GET %s with %j weighs %i', async (path, params, weight) => {
  freezeClock(Date.now());
  const used = async () => Number((await alice.get(path, params)).headers.get('x-mbx-used-weight-1m'));
  expect((await used()) - (await used())).toBe(-weight);
  thawClock();
});

describe('GET /api/v3/allOrders', () => {
  const list = (params: Record<string, string | number> = {}) =>
    alice.get('/api/v3/allOrders', { symbol: 'ETHBTC', ...params });
  let ids: number[];
  let times: number[];

  beforeAll(async () => {
    const orders: Reply[] = [];
    for (let index = 0; index < 5; index++) {
      orders.push(
        await alice.order({
          symbol: 'ETHBTC',
          side: 'BUY',
          quantity: '1',
          price: '0.05',
          timeInForce: 'IOC',
        }),
      );
      await new Promise((resume) => setTimeout(resume, 3));
    }
    ids = orders.map(({ json }) => json.orderId);
    times = orders.map(({ json }) => json.transactTime);
  });

  it("tells the most recent ones in order of time, without another account's", async () => {
    await bob.order({ symbol: 'ETHBTC', side: 'BUY', quantity: '1', price: '0.05', timeInForce: 'IOC' });
    expect(idsOf(await list())).toEqual(ids);
    expect(idsOf(await list({ limit: 2 }))).toEqual(ids.slice(-2));
  });

  it('begins with the given id or time, and ends with the given time (conformance 56)', async () => {
    expect(idsOf(await list({ orderId: ids[1]!, limit: 2 }))).toEqual(ids.slice(1, 3));
    expect(idsOf(await list({ startTime: times[1]!, limit: 2 }))).toEqual(ids.slice(1, 3));
    expect(idsOf(await list({ endTime: times[2]!, limit: 2 }))).toEqual(ids.slice(1, 3));
    expect(idsOf(await list({ startTime: times[1]!, endTime: times[3]! }))).toEqual(ids.slice(1, 4));
    expect(idsOf(await list({ startTime: times[4]! + 1 }))).toEqual([]);
  });

  it('covers at most 24 hours (conformance 56)', async () => {
    const endTime = Date.now();
    expect(await list({ startTime: endTime - 24 * HOUR_MS, endTime })).toMatchObject({ status: 200 });
    expect(await list({ startTime: endTime - 24 * HOUR_MS - 1, endTime })).toMatchObject(
      error(-1127, 'More than 24 hours between startTime and endTime.'),
    );
    expect(await list({ startTime: endTime, endTime: endTime - 1 })).toMatchObject({ json: { code: -1128 } });
  });
});

describe('GET /api/v3/myTrades', () => {
  const list = (params: Record<string, string | number> = {}) =>
    alice.get('/api/v3/myTrades', { symbol: 'SOLUSDT', ...params });
  const tradeIds = (reply: Reply) => reply.json.map(({ id }: { id: number }) => id);
  let taken: Reply;
  let made: number;

  beforeAll(async () => {
    for (const account of [1, 2]) await exchange.engine.deposit(account, 3, 100_00000000);
    const sol = { symbol: 'SOLUSDT', price: '100' };
    made = await place({ ...sol, side: 'BUY', quantity: '3' });
    // Three trades as maker, then two as taker.
    for (const quantity of ['1', '1', '1']) await bob.order({ ...sol, side: 'SELL', quantity });
    for (const price of ['101', '102']) await bob.order({ ...sol, side: 'BUY', quantity: '2', price });
    taken = await alice.order({ ...sol, side: 'SELL', quantity: '4' });
  });

  it('tells what each trade cost, as its fills did (conformance 57)', async () => {
    const { json } = await list();
    expect(json).toHaveLength(5);
    expect(json[0]).toEqual({
      symbol: 'SOLUSDT',
      id: 1,
      orderId: made,
      orderListId: -1,
      price: '100.000000',
      qty: '1.00000000',
      quoteQty: '100.000000',
      commission: '0.00100000',
      commissionAsset: 'SOL',
      time: expect.any(Number),
      isBuyer: true,
      isMaker: true,
      isBestMatch: true,
    });
    const { fills, orderId, transactTime } = taken.json;
    const { price, qty, commission, commissionAsset, tradeId } = fills[0];
    expect(json[3]).toMatchObject({
      ...{ id: tradeId, orderId, price, qty, commission, commissionAsset, time: transactTime },
      ...{ isBuyer: false, isMaker: false, quoteQty: '204.000000' },
    });
    expect(json[4]).toMatchObject({ id: fills[1].tradeId, commission: fills[1].commission });
  });

  it('begins with fromId, or gives the most recent, or those of one order (conformance 56)', async () => {
    expect(tradeIds(await list({ limit: 2 }))).toEqual([4, 5]);
    expect(tradeIds(await list({ fromId: 2, limit: 2 }))).toEqual([2, 3]);
    expect(tradeIds(await list({ orderId: taken.json.orderId }))).toEqual([4, 5]);
    expect(tradeIds(await list({ orderId: made, fromId: 2 }))).toEqual([2, 3]);
    const { transactTime } = taken.json;
    expect(tradeIds(await list({ startTime: transactTime }))).toEqual(expect.arrayContaining([4, 5]));
    expect(tradeIds(await list({ endTime: transactTime, limit: 1 }))).toEqual([5]);
  });

  it('refuses ranges above 24 hours, and combinations that the dialect does not have', async () => {
    expect(await list({ startTime: 1_000, endTime: 1_001 + 24 * HOUR_MS })).toMatchObject({
      json: { code: -1127 },
    });
    expect(await list({ orderId: made, startTime: 1_000 })).toMatchObject(
      error(-1128, 'Combination of optional parameters invalid.'),
    );
    expect(await list({ fromId: 1, endTime: 1_000 })).toMatchObject({ json: { code: -1128 } });
  });

  it('shows both sides of a trade with oneself', async () => {
    const xrp = { symbol: 'XRPUSDT', price: '1', quantity: '10' };
    await exchange.engine.deposit(1, 4, 1_000_000_000);
    const maker = await place({ ...xrp, side: 'BUY' });
    const taker = await place({ ...xrp, side: 'SELL' });
    const { json } = await list({ symbol: 'XRPUSDT' });
    expect(json).toMatchObject([
      { id: 1, orderId: taker, isBuyer: false, isMaker: false, commissionAsset: 'USDT' },
      { id: 1, orderId: maker, isBuyer: true, isMaker: true, commissionAsset: 'XRP' },
    ]);
  });
});

describe('GET /api/v3/order/amendments', () => {
  const list = (params: Record<string, string | number>) =>
    alice.get('/api/v3/order/amendments', { symbol: 'ETHUSDT', ...params });

  it('tells every amendment of an order, the first ones first', async () => {
    const eth = { symbol: 'ETHUSDT', side: 'BUY', quantity: '1', price: '2000', newClientOrderId: 'a0' };
    const orderId = await place(eth);
    const amend = async (newQty: string, newClientOrderId: string) =>
      (
        await alice.put('/api/v3/order/amend/keepPriority', {
          ...{ symbol: 'ETHUSDT', orderId, newQty, newClientOrderId },
        })
      ).json;
    const [first, second] = [await amend('0.8', 'a1'), await amend('0.5', 'a2')];
    const { json } = await list({ orderId });
    expect(json).toEqual([
      {
        symbol: 'ETHUSDT',
        orderId,
        executionId: first.executionId,
        origClientOrderId: 'a0',
        newClientOrderId: 'a1',
        origQty: '1.00000000',
        newQty: '0.80000000',
        time: first.transactTime,
      },
      {
        symbol: 'ETHUSDT',
        orderId,
        executionId: second.executionId,
        origClientOrderId: 'a1',
        newClientOrderId: 'a2',
        origQty: '0.80000000',
        newQty: '0.50000000',
        time: second.transactTime,
      },
    ]);
    expect((await list({ orderId, fromExecutionId: second.executionId })).json).toEqual([json[1]]);
    expect((await list({ orderId, limit: 1 })).json).toEqual([json[0]]);
    expect((await bob.get('/api/v3/order/amendments', { symbol: 'ETHUSDT', orderId })).json).toEqual([]);
    await alice.delete('/api/v3/order', { symbol: 'ETHUSDT', origClientOrderId: 'a2' });
    const cancelled = await alice.get('/api/v3/order', { symbol: 'ETHUSDT', orderId });
    expect(cancelled.json).toMatchObject({ clientOrderId: 'a2', origQty: '0.50000000', status: 'CANCELED' });
  });

  it('needs an order', async () => {
    expect(await list({})).toMatchObject({ json: { code: -1102 } });
  });
});

describe('GET /api/v3/myPreventedMatches', () => {
  const list = (params: Record<string, string | number>) =>
    alice.get('/api/v3/myPreventedMatches', { symbol: 'ETHUSDT', ...params });

  it('tells what self-trade prevention kept from trading, and so do the orders', async () => {
    await exchange.engine.deposit(1, 2, 100_00000000);
    const eth = { symbol: 'ETHUSDT', price: '2000' };
    const maker = await place({ ...eth, side: 'SELL', quantity: '1' });
    const expire = { ...eth, side: 'BUY', quantity: '0.4', selfTradePreventionMode: 'EXPIRE_TAKER' };
    const first = await alice.order(expire);
    const second = await alice.order({ ...expire, selfTradePreventionMode: 'EXPIRE_BOTH' });
    const { json } = await list({ orderId: maker });
    const common = {
      symbol: 'ETHUSDT',
      makerSymbol: 'ETHUSDT',
      makerOrderId: maker,
      tradeGroupId: -1,
      price: '2000.000000',
      takerPreventedQuantity: '0.40000000',
    };
    expect(json).toEqual([
      {
        ...common,
        preventedMatchId: 1,
        takerOrderId: first.json.orderId,
        selfTradePreventionMode: 'EXPIRE_TAKER',
        transactTime: first.json.transactTime,
      },
      {
        ...common,
        preventedMatchId: 2,
        takerOrderId: second.json.orderId,
        selfTradePreventionMode: 'EXPIRE_BOTH',
        makerPreventedQuantity: '1.00000000',
        transactTime: second.json.transactTime,
      },
    ]);
    expect((await list({ preventedMatchId: 2 })).json).toEqual([json[1]]);
    expect((await list({ orderId: second.json.orderId })).json).toEqual([json[1]]);
    expect((await list({ orderId: maker, fromPreventedMatchId: 2, limit: 5 })).json).toEqual([json[1]]);
    expect((await bob.get('/api/v3/myPreventedMatches', { symbol: 'ETHUSDT', orderId: maker })).json).toEqual(
      [],
    );
    const ended = await alice.get('/api/v3/order', { symbol: 'ETHUSDT', orderId: maker });
    expect(ended.json).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
      preventedMatchId: 2,
      preventedQuantity: '1.00000000',
    });
  });

  it.each([
    [{}],
    [{ preventedMatchId: 1, orderId: 1 }],
    [{ fromPreventedMatchId: 1 }],
    [{ preventedMatchId: 1, limit: 5 }],
  ])('refuses the combination %j', async (params) => {
    expect(await list(params)).toMatchObject({ json: { code: -1128 } });
  });
});

describe('GET /api/v3/account', () => {
  it('tells everything of an account, with all assets or only those it has', async () => {
    const { json } = await bob.get('/api/v3/account');
    expect(json).toMatchObject({
      makerCommission: 10,
      takerCommission: 10,
      buyerCommission: 0,
      sellerCommission: 0,
      commissionRates: {
        maker: '0.00100000',
        taker: '0.00100000',
        buyer: '0.00000000',
        seller: '0.00000000',
      },
      canTrade: true,
      canWithdraw: true,
      canDeposit: true,
      brokered: false,
      requireSelfTradePrevention: false,
      preventSor: false,
      updateTime: expect.any(Number),
      accountType: 'SPOT',
      permissions: ['SPOT'],
      uid: 2,
    });
    const assets = (reply: Reply) => reply.json.balances.map(({ asset }: { asset: string }) => asset);
    expect(assets(await bob.get('/api/v3/account'))).toEqual(['USDT', 'BTC', 'ETH', 'SOL', 'XRP']);
    expect(assets(await bob.get('/api/v3/account', { omitZeroBalances: 'true' }))).toEqual([
      'USDT',
      'BTC',
      'SOL',
    ]);
  });

  it('locks what an open order needs, and releases it by cancel, fill and better price (conformance 58)', async () => {
    const usdt = async () => {
      const { balances } = (await alice.get('/api/v3/account')).json;
      const { free, locked } = balances.find(({ asset }: { asset: string }) => asset === 'USDT');
      return { free: Number(free), locked };
    };
    const before = await usdt();
    expect(before.locked).toBe('0.000000');
    const orderId = await place({ ...buy, quantity: '2' });
    expect(await usdt()).toEqual({ free: before.free - 100_000, locked: '100000.000000' });
    await bob.order({ ...sell, quantity: '0.5', price: '49000' });
    expect(await usdt()).toMatchObject({ locked: '75000.000000' });
    await alice.delete('/api/v3/order', { symbol: 'BTCUSDT', orderId });
    expect(await usdt()).toEqual({ free: before.free - 25_000, locked: '0.000000' });
    // A taker pays the maker's price, below its own: nothing of the difference stays locked.
    await bob.order({ ...sell, price: '40000' });
    await place(buy);
    expect(await usdt()).toEqual({ free: before.free - 65_000, locked: '0.000000' });
  });
});

describe('a read after a write', () => {
  it('waits until the read models show what was answered before', async () => {
    held = [];
    const orderId = await place({ ...buy, timeInForce: 'IOC' });
    let answered = false;
    const reply = query({ orderId }).finally(() => {
      answered = true;
    });
    await new Promise((resume) => setTimeout(resume, 50));
    expect(answered).toBe(false);
    await releaseProjector();
    expect((await reply).json).toMatchObject({ orderId, status: 'EXPIRED' });
  });

  it('gives up with an unknown status rather than answer from the past', async () => {
    held = [];
    await place({ ...buy, timeInForce: 'IOC' });
    expect(await alice.get('/api/v3/allOrders', { symbol: 'BTCUSDT' })).toMatchObject({
      status: 504,
      json: { code: -1007 },
    });
    await releaseProjector();
    expect(await alice.get('/api/v3/allOrders', { symbol: 'BTCUSDT' })).toMatchObject({ status: 200 });
  });

  it('fails as the engine does when it is away', async () => {
    exchange.engine.unavailable = 'unsent';
    expect(await alice.get('/api/v3/account')).toMatchObject({ status: 503, json: { code: -1008 } });
    exchange.engine.unavailable = undefined;
  });
});
