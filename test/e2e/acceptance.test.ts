/** Two more libraries that traders use, unmodified: each places, cancels and reads its account. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { binanceClient, binanceSpotClient } from './trader.ts';

let dataDirectory: string;
let exchange: ExchangeProcess;

beforeAll(async () => {
  dataDirectory = await emptyDataDirectory();
  exchange = await startExchange(dataDirectory);
}, 90_000);

afterAll(async () => {
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

it('lets the npm package binance place, cancel and read the account', async () => {
  const client = binanceClient(exchange.client);
  const placed = await client.submitNewOrder({
    symbol: 'ETHUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: 0.5,
    price: 1000,
  });
  expect(placed).toMatchObject({ symbol: 'ETHUSDT', status: 'NEW', origQty: '0.50000000' });
  const locked = (await client.getAccountInformation()).balances.find(
    ({ asset }) => asset === 'USDT',
  )?.locked;
  expect(locked).toBe('500.000000');
  const cancelled = await client.cancelOrder({ symbol: 'ETHUSDT', orderId: placed.orderId });
  expect(cancelled).toMatchObject({ orderId: placed.orderId, status: 'CANCELED' });
  const released = (await client.getAccountInformation()).balances.find(
    ({ asset }) => asset === 'USDT',
  )?.locked;
  expect(released).toBe('0.000000');
});

it('lets the npm package @binance/spot place, cancel and read the account', async () => {
  const { restAPI } = binanceSpotClient(exchange.client);
  const placed = await restAPI
    .newOrder({
      symbol: 'SOLUSDT',
      side: 'SELL' as never,
      type: 'LIMIT' as never,
      timeInForce: 'GTC' as never,
      quantity: 2,
      price: 900,
    })
    .then((response) => response.data());
  expect(placed).toMatchObject({ symbol: 'SOLUSDT', status: 'NEW' });
  const account = await restAPI.getAccount().then((response) => response.data());
  expect(account.balances?.find(({ asset }) => asset === 'SOL')?.locked).toBe('2.00000000');
  const cancelled = await restAPI
    .deleteOrder({ symbol: 'SOLUSDT', orderId: placed.orderId! })
    .then((response) => response.data());
  expect(cancelled).toMatchObject({ orderId: placed.orderId, status: 'CANCELED' });
});
