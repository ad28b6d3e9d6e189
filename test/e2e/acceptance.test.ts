/**
 * What every release must do before it goes on: three libraries that traders use, unmodified, read the markets, place an
 * order that nobody takes, find it, cancel it, and get back what it held. They run against `npm start` here, and against
 * a deployed environment in the pipeline, where others trade too: what they compare is their own.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ExchangeUnderTest, exchangeUnderTest } from './exchange-under-test.ts';
import { binanceClient, binanceSpotClient, ccxtClient } from './trader.ts';

let exchange: ExchangeUnderTest;

beforeAll(async () => {
  exchange = await exchangeUnderTest();
}, 90_000);

afterAll(() => exchange?.close());

describe('an unmodified ccxt', () => {
  let client: ReturnType<typeof ccxtClient>;
  beforeAll(() => {
    client = ccxtClient(exchange.client);
  });
  afterEach(async () => {
    for (const { id } of await client.fetchOpenOrders('BTC/USDT')) await client.cancelOrder(id!, 'BTC/USDT');
  });

  it('loads the markets with their precision and limits', async () => {
    const market = (await client.loadMarkets())['BTC/USDT']!;
    expect(market).toMatchObject({ id: 'BTCUSDT', spot: true, active: true });
    expect(market.precision).toMatchObject({ price: 0.01, amount: 0.0001 });
    expect(market.limits.cost?.min).toBe(5);
  });

  it('places a limit order, finds it open, and cancels it', async () => {
    const symbol = 'BTC/USDT';
    const placed = await client.createOrder(symbol, 'limit', 'buy', 0.001, 20_000);
    expect(placed).toMatchObject({ status: 'open', price: 20_000, amount: 0.001, filled: 0 });
    expect(await client.fetchOrder(placed.id!, symbol)).toMatchObject({ id: placed.id, status: 'open' });
    expect((await client.fetchOpenOrders(symbol)).map((order) => order.id)).toContain(placed.id!);
    expect(await client.cancelOrder(placed.id!, symbol)).toMatchObject({ id: placed.id, status: 'canceled' });
    expect((await client.fetchOpenOrders(symbol)).map((order) => order.id)).not.toContain(placed.id!);
    expect(await client.fetchOrder(placed.id!, symbol)).toMatchObject({ status: 'canceled', filled: 0 });
  });

  it('is refused what cannot be, with the errors that it knows', async () => {
    const { InsufficientFunds, InvalidOrder, OrderNotFound } = await import('ccxt');
    const symbol = 'BTC/USDT';
    await expect(client.createOrder(symbol, 'limit', 'buy', 100, 60_000)).rejects.toBeInstanceOf(
      InsufficientFunds,
    );
    await expect(client.createOrder(symbol, 'limit', 'sell', 0.001, 2_000_000)).rejects.toBeInstanceOf(
      InvalidOrder,
    );
    await expect(client.cancelOrder('987654321', symbol)).rejects.toBeInstanceOf(OrderNotFound);
  });
});

it('the npm package binance places and cancels, and gets back what its order held', async () => {
  const client = binanceClient(exchange.client);
  const locked = async () =>
    Number((await client.getAccountInformation()).balances.find(({ asset }) => asset === 'USDT')!.locked);
  const before = await locked();
  const placed = await client.submitNewOrder({
    symbol: 'ETHUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: 0.05,
    price: 1000,
  });
  expect(placed).toMatchObject({ symbol: 'ETHUSDT', status: 'NEW', origQty: '0.05000000' });
  expect(await locked()).toBe(before + 50);
  const cancelled = await client.cancelOrder({ symbol: 'ETHUSDT', orderId: placed.orderId });
  expect(cancelled).toMatchObject({ orderId: placed.orderId, status: 'CANCELED' });
  expect(await locked()).toBe(before);
});

it('the npm package @binance/spot places and cancels, and gets back what its order held', async () => {
  const { restAPI } = binanceSpotClient(exchange.client);
  const locked = async () => {
    const account = await restAPI.getAccount().then((response) => response.data());
    return Number(account.balances?.find(({ asset }) => asset === 'USDT')?.locked);
  };
  const before = await locked();
  const placed = await restAPI
    .newOrder({
      symbol: 'SOLUSDT',
      side: 'BUY' as never,
      type: 'LIMIT' as never,
      timeInForce: 'GTC' as never,
      quantity: 2,
      price: 50,
    })
    .then((response) => response.data());
  expect(placed).toMatchObject({ symbol: 'SOLUSDT', status: 'NEW' });
  expect(await locked()).toBe(before + 100);
  const cancelled = await restAPI
    .deleteOrder({ symbol: 'SOLUSDT', orderId: placed.orderId! })
    .then((response) => response.data());
  expect(cancelled).toMatchObject({ orderId: placed.orderId, status: 'CANCELED' });
  expect(await locked()).toBe(before);
});
