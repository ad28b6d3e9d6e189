/** Every order type and list through the libraries that traders use, unmodified, over HTTP and a real engine. */

import { Spot } from '@binance/spot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MainClient } from 'binance';
import ccxt from 'ccxt';
import { Hono } from 'hono';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { endpoint } from '#platform/spot-api/endpoint.ts';
import { RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { exchangeInfo } from '#services/market-data/exchange-info.ts';
import type { MarketDataDeps } from '#services/market-data/use-case.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { DOCUMENTED, startTestExchange, type TestExchange } from './exchange.ts';
import { createTables, project } from './history.ts';

let database: TestDatabase;
let exchange: TestExchange;
let listings: Listings;
let server: HttpServer;
let baseUrl: string;

beforeAll(async () => {
  database = await testDatabase();
  await createTables(database.db);
  const onCommitted = (outcome: Parameters<typeof project>[1]) => project(database.db, outcome);
  exchange = await startTestExchange({ db: database.db, onCommitted, ordersPer10Seconds: 1_000 });
  listings = await Listings.load(exchange.engine);
  // What ccxt reads before its first order; the other public endpoints are not needed here.
  const limits = { requestWeightPerMinute: 6_000, ordersPer10Seconds: 1_000, ordersPerDay: 160_000 };
  const deps = { listings, limits } as MarketDataDeps;
  const weights = new RequestWeights(new ProcessCounters(), 6_000);
  const app = new Hono();
  const log = createLog('test', 'silent');
  const info = endpoint({ weights, log, trustedHops: 0 }, 20, (request) => exchangeInfo(deps, request));
  app.get('/api/v3/exchangeInfo', info);
  app.route('/', exchange.app);
  server = await listen(app, { port: 0, host: '127.0.0.1' });
  baseUrl = `http://127.0.0.1:${server.port}`;
}, 60_000);
afterAll(async () => {
  await server?.close();
  listings?.close();
  await exchange?.close();
  await database?.drop();
});
beforeEach(async () => {
  for (const trader of [exchange.alice, exchange.bob])
    await trader.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' });
  await exchange.tradeAt(50_000);
});

describe('ccxt', () => {
  const PAIR = 'BTC/USDT';
  const client = () =>
    new ccxt.binance({
      apiKey: DOCUMENTED.apiKey,
      secret: DOCUMENTED.secret,
      urls: { api: { public: `${baseUrl}/api/v3`, private: `${baseUrl}/api/v3` } },
      options: {
        defaultType: 'spot',
        fetchMarkets: { types: ['spot'] },
        fetchCurrencies: false,
        fetchMargins: false,
      },
    });

  it('places and finds stops, takes profit, and trails', async () => {
    const binance = client();
    const stop = await binance.createOrder(PAIR, 'limit', 'sell', 0.5, 48_900, { stopLossPrice: 49_000 });
    expect(await binance.fetchOrder(stop.id!, PAIR)).toMatchObject({
      status: 'open',
      type: 'limit',
      triggerPrice: 49_000,
      price: 48_900,
    });
    const profit = await binance.createOrder(PAIR, 'market', 'sell', 0.5, undefined, {
      takeProfitPrice: 51_000,
    });
    const trailing = await binance.createOrder(PAIR, 'market', 'sell', 0.5, undefined, {
      trailingPercent: 1,
      stopLossOrTakeProfit: 'stopLoss',
    });
    const open = await binance.fetchOpenOrders(PAIR);
    expect(open.map(({ id }) => id)).toEqual([stop.id, profit.id, trailing.id]);
    const cancelled = await binance.cancelOrder(stop.id!, PAIR);
    expect(cancelled).toMatchObject({ id: stop.id, status: 'canceled' });
    await expect(
      binance.createOrder(PAIR, 'limit', 'sell', 0.5, 51_000, { stopLossPrice: 50_500 }),
    ).rejects.toThrow('Order would trigger immediately.');
  });

  it('edits an order by cancel and replace', async () => {
    const binance = client();
    const { id } = await binance.createOrder(PAIR, 'limit', 'buy', 1, 40_000);
    const edited = await binance.editOrder(id!, PAIR, 'limit', 'buy', 0.5, 41_000);
    expect(edited).toMatchObject({ status: 'open', amount: 0.5, price: 41_000 });
    expect((await binance.fetchOrder(id!, PAIR)).status).toBe('canceled');
  });

  it('sees an order that self-trade prevention ended', async () => {
    const binance = client();
    await binance.createOrder(PAIR, 'limit', 'sell', 1, 50_100);
    const taker = await binance.createOrder(PAIR, 'limit', 'buy', 1, 50_100, {
      selfTradePreventionMode: 'EXPIRE_TAKER',
    });
    expect((await binance.fetchOrder(taker.id!, PAIR)).status).toBe('expired');
  });
});

describe('the npm package binance', () => {
  const client = () => new MainClient({ baseUrl, api_key: DOCUMENTED.apiKey, api_secret: DOCUMENTED.secret });

  it('places, finds and cancels an OCO by the older path', async () => {
    const binance = client();
    const oco = await binance.submitNewOCO({
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: 0.5,
      price: 51_000,
      stopPrice: 49_000,
      stopLimitPrice: 48_900,
      stopLimitTimeInForce: 'GTC',
    });
    expect(oco).toMatchObject({ contingencyType: 'OCO', listOrderStatus: 'EXECUTING' });
    const { orderListId } = oco;
    expect(await binance.getOCO({ orderListId })).toMatchObject({ orderListId });
    expect(await binance.getAllOpenOCO()).toMatchObject([{ orderListId }]);
    expect(await binance.getAllOCO()).toContainEqual(expect.objectContaining({ orderListId }));
    const cancelled = await binance.cancelOCO({ symbol: 'BTCUSDT', orderListId });
    expect(cancelled).toMatchObject({ listOrderStatus: 'ALL_DONE' });
    expect(cancelled.orderReports).toHaveLength(2);
  });

  it('places order lists that follow a working order', async () => {
    const binance = client();
    const working = {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: '49500',
      workingQuantity: '0.5',
      workingTimeInForce: 'GTC',
      pendingSide: 'SELL',
      pendingQuantity: '0.4',
    } as const;
    const oto = await binance.submitNewOrderListOTO({ ...working, pendingType: 'MARKET' });
    expect(oto.orderReports).toMatchObject([{ status: 'NEW' }, { status: 'PENDING_NEW' }]);
    const otoco = await binance.submitNewOrderListOTOCO({
      ...working,
      pendingAboveType: 'LIMIT_MAKER',
      pendingAbovePrice: '52000',
      pendingBelowType: 'STOP_LOSS',
      pendingBelowStopPrice: '48000',
    });
    expect(otoco.orders).toHaveLength(3);
  });

  it('replaces, and asks what it pays', async () => {
    const binance = client();
    const { orderId } = await binance.submitNewOrder({
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: 1,
      price: 51_000,
      icebergQty: 0.1,
    });
    const replaced = await binance.replaceOrder({
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: 0.5,
      price: 52_000,
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: orderId,
    });
    expect(replaced).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    const rates = await binance.getCommissionRates({ symbol: 'BTCUSDT' });
    expect(rates.standardCommission.maker).toBe('0.00100000');
    expect(await binance.getPreventedMatches({ symbol: 'BTCUSDT', orderId })).toEqual([]);
  });
});

describe('the npm package @binance/spot', () => {
  const client = () =>
    new Spot({
      configurationRestAPI: {
        basePath: baseUrl,
        apiKey: DOCUMENTED.apiKey,
        apiSecret: DOCUMENTED.secret,
      },
    }).restAPI;
  const data = async <T>(response: Promise<{ data(): Promise<T> }>): Promise<T> => (await response).data();

  it('amends an order, and lists its amendments', async () => {
    const spot = client();
    const order = { symbol: 'BTCUSDT', side: 'SELL', type: 'LIMIT', timeInForce: 'GTC' } as never;
    const placed = await data(spot.newOrder(Object.assign({ quantity: 1, price: 51_000 }, order)));
    const orderId = placed.orderId as number;
    const amended = await data(spot.orderAmendKeepPriority({ symbol: 'BTCUSDT', orderId, newQty: 0.6 }));
    expect(amended.amendedOrder).toMatchObject({ orderId, qty: '0.60000000' });
    const amendments = await data(spot.orderAmendments({ symbol: 'BTCUSDT', orderId }));
    expect(amendments).toMatchObject([{ origQty: '1.00000000', newQty: '0.60000000' }]);
  });

  it('places an OCO by the newer path, and routes an order', async () => {
    const spot = client();
    const oco = await data(
      spot.orderListOco({
        symbol: 'BTCUSDT',
        side: 'SELL',
        quantity: 0.5,
        aboveType: 'TAKE_PROFIT_LIMIT',
        abovePrice: 51_000,
        aboveStopPrice: 50_900,
        aboveTimeInForce: 'GTC',
        belowType: 'STOP_LOSS',
        belowStopPrice: 49_000,
      } as never),
    );
    expect(oco.orderReports).toMatchObject([{ type: 'TAKE_PROFIT_LIMIT' }, { type: 'STOP_LOSS' }]);
    const sor = await data(
      spot.sorOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: 0.1 } as never),
    );
    expect(sor).toMatchObject({ usedSor: true, workingFloor: 'SOR' });
  });
});
