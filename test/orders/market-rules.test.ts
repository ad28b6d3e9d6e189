/** What an operator may change while a market is traded, as traders hear of it. Numbers: the conformance list. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandOf } from '#domain/commands.ts';
import type { MarketStatus } from '#domain/orders.ts';
import { listings } from '#environments/markets.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

let exchange: TestExchange;
let alice: TestExchange['alice'];
let bob: TestExchange['bob'];
beforeEach(() => start({}));
afterEach(() => exchange.close());

async function start(options: Parameters<typeof startTestExchange>[0]): Promise<void> {
  await exchange?.close();
  exchange = await startTestExchange(options);
  ({ alice, bob } = exchange);
}

const error = (code: number, msg: string) => ({ status: 400, json: { code, msg } });
const failure = (filter: string) => error(-1013, `Filter failure: ${filter}`);
const buy = { side: 'BUY', quantity: '1', price: '50000' };
const MARKET = 0 as never;
const setStatus = (status: MarketStatus) =>
  exchange.engine.execute({ type: 'setMarketStatus', market: MARKET, status });

async function setRules(change: Partial<CommandOf<'setMarketRules'>>): Promise<void> {
  const { records } = await exchange.engine.ask({ type: 'listings' });
  const listed = records.find((record) => record.type === 'marketListed')!;
  const { type: _, base, quote, tick, lot, symbol, ...rules } = listed;
  const { rejection } = await exchange.engine.execute({ type: 'setMarketRules', ...rules, ...change });
  expect(rejection).toBeNull();
}

describe('a market that is closed (conformance 82)', () => {
  it.each(['HALT', 'BREAK'] as const)('in %s takes neither orders nor cancels', async (status) => {
    const { orderId } = (await alice.order(buy)).json;
    await setStatus(status);
    expect(await alice.order(buy)).toMatchObject(error(-2010, 'Market is closed.'));
    const cancel = { symbol: 'BTCUSDT', orderId };
    expect(await alice.delete('/api/v3/order', cancel)).toMatchObject(error(-2011, 'Market is closed.'));
    expect(await alice.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' })).toMatchObject(
      error(-2011, 'Market is closed.'),
    );
    const amend = { symbol: 'BTCUSDT', orderId, newQty: '0.5' };
    expect(await alice.put('/api/v3/order/amend/keepPriority', amend)).toMatchObject(
      error(-2038, 'Market is closed.'),
    );
    await setStatus('TRADING');
    expect(await alice.order(buy)).toMatchObject({ status: 200 });
  });

  it('in CANCEL_ONLY takes cancels alone', async () => {
    const { orderId } = (await alice.order(buy)).json;
    await setStatus('CANCEL_ONLY');
    expect(await alice.order(buy)).toMatchObject(error(-2010, 'Market is closed.'));
    expect(await alice.delete('/api/v3/order', { symbol: 'BTCUSDT', orderId })).toMatchObject({
      status: 200,
    });
  });

  it('halts by itself when the price jumps', async () => {
    await start({ listings });
    await exchange.tradeAt(50_000);
    await bob.order({ side: 'SELL', quantity: '0.1', price: '70000' });
    const { json } = await alice.order({
      side: 'BUY',
      type: 'MARKET',
      timeInForce: null,
      quantity: '0.1',
    });
    expect(json).toMatchObject({ status: 'EXPIRED', executedQty: '0.00000000' });
    expect(await alice.order(buy)).toMatchObject(error(-2010, 'Market is closed.'));
  });
});

describe('a filter', () => {
  it('bounds prices by side of the average (conformance 81)', async () => {
    await exchange.tradeAt(50_000);
    await setRules({ bidUp: 1_100_000 as never, askDown: 900_000 as never });
    expect(await alice.order({ ...buy, price: '55000.01' })).toMatchObject(failure('PERCENT_PRICE_BY_SIDE'));
    const sell = { ...buy, side: 'SELL' };
    expect(await alice.order({ ...sell, price: '44999.99' })).toMatchObject(failure('PERCENT_PRICE_BY_SIDE'));
    expect(await alice.order({ ...sell, price: '55000.01' })).toMatchObject({ status: 200 });
  });

  it('bounds a position', async () => {
    await setRules({ positionMax: 1_050_000_000 as never });
    expect(await alice.order({ ...buy, quantity: '0.6' })).toMatchObject(failure('MAX_POSITION'));
    expect(await alice.order({ ...buy, quantity: '0.5' })).toMatchObject({ status: 200 });
  });

  it('bounds the number of orders, icebergs and lists', async () => {
    const iceberg = { ...buy, price: '40000', icebergQty: '0.1' };
    await setRules({ icebergOrdersMax: 1, orderListsMax: 0 });
    await alice.order(iceberg);
    expect(await alice.order(iceberg)).toMatchObject(failure('MAX_NUM_ICEBERG_ORDERS'));
    await setRules({ ordersMax: 1 });
    expect(await alice.order(buy)).toMatchObject(failure('MAX_NUM_ORDERS'));
    await setRules({ ordersMax: 200, orderListsMax: 0 });
    const oco = { symbol: 'BTCUSDT', side: 'SELL', quantity: '1', price: '51000', stopPrice: '49000' };
    expect(await alice.post('/api/v3/order/oco', oco)).toMatchObject(failure('MAX_NUM_ORDER_LISTS'));
  });

  it('that was loosened a moment ago refuses nothing any more', async () => {
    const large = { ...buy, quantity: '9001', price: '900' };
    const test = () => alice.order(large, '/api/v3/order/test');
    expect(await test()).toMatchObject(failure('LOT_SIZE'));
    await setRules({ quantityMax: 1_000_000_000_000 as never });
    expect(await test()).toMatchObject({ status: 200, json: {} });
  });

  it('is told to the account', async () => {
    const { json, headers } = await alice.get('/api/v3/myFilters', { symbol: 'BTCUSDT' });
    expect(json).toMatchObject({ exchangeFilters: [], assetFilters: [] });
    expect(json.symbolFilters).toContainEqual({ filterType: 'MAX_NUM_ORDER_LISTS', maxNumOrderLists: 20 });
    expect(Number(headers.get('x-mbx-used-weight-1m'))).toBeGreaterThanOrEqual(40);
  });
});

describe('GET /api/v3/account/commission', () => {
  const commission = () => alice.get('/api/v3/account/commission', { symbol: 'BTCUSDT' });
  const none = {
    maker: '0.00000000',
    taker: '0.00000000',
    buyer: '0.00000000',
    seller: '0.00000000',
  };

  it('tells the market’s rates', async () => {
    expect((await commission()).json).toEqual({
      symbol: 'BTCUSDT',
      standardCommission: { ...none, maker: '0.00100000', taker: '0.00100000' },
      specialCommission: none,
      taxCommission: none,
      discount: {
        enabledForAccount: false,
        enabledForSymbol: false,
        discountAsset: '',
        discount: '0.00000000',
      },
    });
  });

  it('tells the rates of the account’s tier, everywhere', async () => {
    const { engine } = exchange;
    const fees = { makerFee: 200 as never, takerFee: 400 as never };
    await engine.execute({ type: 'setFeeTier', tier: 1, ...fees });
    await engine.execute({ type: 'setAccountTier', account: 1 as never, tier: 1 });
    const rates = { maker: '0.00020000', taker: '0.00040000' };
    expect((await commission()).json.standardCommission).toMatchObject(rates);
    const test = await alice.order({ ...buy, computeCommissionRates: 'true' }, '/api/v3/order/test');
    expect(test.json.standardCommissionForOrder).toEqual(rates);
    const account = (await alice.get('/api/v3/account')).json;
    expect(account).toMatchObject({ makerCommission: 2, takerCommission: 4, commissionRates: rates });
    expect((await bob.get('/api/v3/account')).json.commissionRates.taker).toBe('0.00100000');
  });
});
