/**
 * The libraries that traders use, unmodified, place orders over the WebSocket API and follow their own account, while the
 * market makers trade.
 */
import { rm } from 'node:fs/promises';
import { Spot } from '@binance/spot';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MainClient, WebsocketAPIClient, WebsocketClient } from 'binance';
import * as binanceApiNode from 'binance-api-node';
import ccxt from 'ccxt';
import { StreamClient } from '#test/market-data/public-market.ts';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { until } from '#test/support/until.ts';

let dataDirectory: string;
let exchange: ExchangeProcess;
let wsApiUrl: string;

beforeAll(async () => {
  dataDirectory = await emptyDataDirectory();
  exchange = await startExchange(dataDirectory);
  wsApiUrl = `${exchange.client.wsUrl}/ws-api/v3`;
}, 90_000);
afterAll(async () => {
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

// biome-ignore lint/suspicious/noExplicitAny: each library has a shape of its own
type Any = any;

/** Far from the market, so that it rests. */
const resting = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.001',
} as const;
const PRICE = '60000';

describe('ccxt.pro', () => {
  const PAIR = 'BTC/USDT';
  let client: Any;

  beforeAll(async () => {
    const { apiKey, secret, baseUrl, wsUrl } = exchange.client;
    client = new ccxt.pro.binance({ apiKey, secret, options: { defaultType: 'spot' } });
    const api = {
      public: `${baseUrl}/api/v3`,
      private: `${baseUrl}/api/v3`,
      v1: `${baseUrl}/api/v1`,
      sapi: `${baseUrl}/sapi/v1`,
    };
    client.urls.api = {
      ...client.urls.api,
      ...api,
      ws: { ...client.urls.api.ws, spot: `${wsUrl}/ws`, 'ws-api': { spot: wsApiUrl } },
    };
    client.options.fetchMarkets = { types: ['spot'] };
    // It asks for this where WebSockets are without TLS.
    await client.loadHttpProxyAgent();
  });
  afterAll(() => client?.close());

  it('loads markets, currencies and margins with its default options', async () => {
    await client.loadMarkets();
    expect(Object.keys(client.markets)).toContain(PAIR);
    expect(client.currencies.BTC).toBeDefined();
    expect(await client.fetchTradingFee(PAIR)).toMatchObject({ symbol: PAIR, maker: expect.any(Number) });
  });

  it('watches an order that it places and cancels by WebSocket, and what that does to its balance', async () => {
    const [opened, balance] = [client.watchOrders(PAIR), client.watchBalance()];
    const placed = await client.createOrderWs(PAIR, 'limit', 'buy', 0.001, 60_000);
    expect((await opened).at(-1)).toMatchObject({ id: placed.id, status: 'open', filled: 0 });
    expect((await balance).USDT.used).toBe(60);
    const ended = client.watchOrders(PAIR);
    await client.cancelOrderWs(placed.id, PAIR);
    expect((await ended).at(-1)).toMatchObject({ id: placed.id, status: 'canceled' });
    expect(await client.fetchOpenOrdersWs(PAIR)).toEqual([]);
  });

  it('watches its own trades and its balance, and nobody else’s', async () => {
    const before = (await client.fetchBalance()).BTC.total;
    const [trades, balance] = [client.watchMyTrades(PAIR), client.watchBalance()];
    const { id } = await client.createOrderWs(PAIR, 'market', 'buy', 0.01);
    const own: Any[] = await trades;
    expect(own.every((trade) => trade.order === id && trade.takerOrMaker === 'taker')).toBe(true);
    expect(own[0]).toMatchObject({ symbol: PAIR, side: 'buy', fee: { currency: 'BTC' } });
    await balance;
    await until(() => client.balance.spot.BTC.total > before);
    const { amount } = await client.fetchOrder(id, PAIR);
    expect(client.balance.spot.BTC.total - before).toBeCloseTo(amount * 0.999, 3);
  });
});

describe('the npm package binance', () => {
  /** It talks of everything on the console otherwise. */
  const quiet = { trace: () => {}, info: () => {}, error: () => {} } as Any;

  /** What it leaves to its callers. */
  const timed = (params: object) => ({ ...params, timestamp: Date.now() }) as Any;

  function binanceClient(): WebsocketAPIClient {
    const { apiKey, secret, wsUrl } = exchange.client;
    const options = { api_key: apiKey, api_secret: secret, wsUrl, attachEventListeners: false };
    return new WebsocketAPIClient(options, quiet);
  }

  it('places, asks and cancels by its WebsocketAPIClient, and follows by the same', async () => {
    const events: Any[] = [];
    const client = binanceClient();
    const websocket = client.getWSClient();
    websocket.on('message', (message: Any) => events.push(message));
    websocket.on('exception', () => {});
    await client.subscribeUserDataStream('mainWSAPI');
    const placed: Any = await client.submitNewSpotOrder(timed({ ...resting, price: PRICE }));
    expect(placed).toMatchObject({ status: 200, result: { status: 'NEW' } });
    const named = { symbol: 'BTCUSDT', orderId: placed.result.orderId } as const;
    expect((await client.getSpotOrderStatus(timed(named))).result).toMatchObject(named);
    expect((await client.cancelSpotOrder(timed(named))).result).toMatchObject({ status: 'CANCELED' });
    const book = await client.getSpotOrderBook({ symbol: 'BTCUSDT', limit: 5 });
    expect(book.result.bids.length).toBeGreaterThan(0);
    await expect(client.cancelSpotOrder(timed(named))).rejects.toMatchObject({ error: { code: -2011 } });
    const own = () =>
      events.map((message) => message.event ?? message).filter(({ e }) => e === 'executionReport');
    await until(() => own().length === 2);
    expect(own().map(({ x, i }) => [x, i])).toEqual([
      ['NEW', placed.result.orderId],
      ['CANCELED', placed.result.orderId],
    ]);
    client.disconnectAll();
  });

  it('follows its account by a listen key', async () => {
    const { apiKey, secret, baseUrl, wsUrl } = exchange.client;
    const events: Any[] = [];
    const client = new WebsocketClient(
      {
        api_key: apiKey,
        api_secret: secret,
        beautify: true,
        wsUrl,
        restOptions: { baseUrl },
      } as Any,
      quiet,
    );
    client.on('formattedUserDataMessage', (message: Any) => events.push(message));
    client.on('exception', () => {});
    await client.subscribeSpotUserDataStream();
    const api = binanceClient();
    const placed: Any = await api.submitNewSpotOrder(timed({ ...resting, price: PRICE }));
    await api.cancelSpotOrder(timed({ symbol: 'BTCUSDT', orderId: placed.result.orderId }));
    const own = () => events.filter(({ eventType }) => eventType === 'executionReport');
    await until(() => own().length === 2);
    expect(own().map(({ executionType, orderId }) => [executionType, orderId])).toEqual([
      ['NEW', placed.result.orderId],
      ['CANCELED', placed.result.orderId],
    ]);
    client.closeAll(true);
    api.disconnectAll();
    // Its timer would keep this process alive for an hour. Asked again, the exchange gives the same key.
    const rest = new MainClient({ baseUrl, api_key: apiKey, api_secret: secret });
    const { listenKey } = await rest.getSpotUserDataListenKey();
    (client as Any).getUserDataStreamManager().teardownUserDataListenKey(listenKey);
    expect(await rest.closeSpotUserDataListenKey(listenKey)).toEqual({});
  });
});

it.each(['/stream?streams=btcusdt@bookTicker/KEY', '/ws/KEY/btcusdt@bookTicker'])(
  'whoever connects to %s follows account and market together',
  async (path) => {
    const { apiKey, secret, baseUrl, wsUrl } = exchange.client;
    const rest = new MainClient({ baseUrl, api_key: apiKey, api_secret: secret });
    const { listenKey } = await rest.getSpotUserDataListenKey();
    const client = await StreamClient.open(wsUrl + path.replace('KEY', listenKey));
    const placed: Any = await rest.submitNewOrder({ ...resting, price: 60_000, quantity: 0.001 } as Any);
    await rest.cancelOrder({ symbol: 'BTCUSDT', orderId: placed.orderId });
    const data = () => client.messages.map((message) => message.data ?? message);
    const own = () => data().filter(({ e, i }) => e === 'executionReport' && i === placed.orderId);
    await until(() => own().length === 2);
    expect(own().map(({ x }) => x)).toEqual(['NEW', 'CANCELED']);
    await until(() => data().some(({ b, e }) => b !== undefined && e === undefined));
    await client.close();
  },
);

it('@binance/spot places and cancels by WebSocket, and follows its account', async () => {
  const { apiKey, secret } = exchange.client;
  const spot = new Spot({ configurationWebsocketAPI: { apiKey, apiSecret: secret, wsURL: wsApiUrl } });
  const connection = await spot.websocketAPI.connect();
  const events: Any[] = [];
  const { stream } = await connection.userDataStreamSubscribeSignature();
  stream.on('message', (message: Any) => void events.push(message));
  const placed = await connection.orderPlace({ ...resting, price: 60_000, quantity: 0.001 } as Any);
  const { orderId } = placed.data as Any;
  expect(placed.rateLimits?.length).toBe(3);
  await connection.orderCancel({ symbol: 'BTCUSDT', orderId });
  const depth = await connection.depth({ symbol: 'BTCUSDT' });
  expect((depth.data as Any).bids.length).toBeGreaterThan(0);
  const own = () => events.filter(({ e }) => e === 'executionReport');
  await until(() => own().length === 2);
  expect(own().map(({ x, i }) => [x, Number(i)])).toEqual([
    ['NEW', Number(orderId)],
    ['CANCELED', Number(orderId)],
  ]);
  await connection.disconnect();
});

it('binance-api-node follows its account', async () => {
  const { apiKey, secret, baseUrl, wsUrl } = exchange.client;
  const create = (binanceApiNode as Any).default.default ?? (binanceApiNode as Any).default;
  const client = create({
    apiKey,
    apiSecret: secret,
    httpBase: baseUrl,
    wsBase: `${wsUrl}/ws`,
    wsApi: wsApiUrl,
  });
  const events: Any[] = [];
  const stop = await client.ws.user((event: Any) => events.push(event));
  const placed = await client.order({ ...resting, price: PRICE });
  await client.cancelOrder({ symbol: 'BTCUSDT', orderId: placed.orderId });
  const own = () => events.filter(({ eventType }) => eventType === 'executionReport');
  await until(() => own().length === 2);
  expect(own().map(({ executionType, orderId }) => [executionType, orderId])).toEqual([
    ['NEW', placed.orderId],
    ['CANCELED', placed.orderId],
  ]);
  expect(events.some(({ eventType }) => eventType === 'outboundAccountPosition')).toBe(true);
  stop({ delay: 0, fastClose: true, keepClosed: true });
});
