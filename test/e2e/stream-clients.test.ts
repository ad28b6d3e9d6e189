/** The libraries that traders watch markets with, unmodified, against `npm start` while its market makers trade. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Spot } from '@binance/spot';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebsocketClient } from 'binance';
import binanceApiNode from 'binance-api-node';
import ccxt from 'ccxt';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { ccxtClient } from './trader.ts';

const PAIR = 'BTC/USDT';
const SYMBOL = 'BTCUSDT';
const TIMEOUT_MS = 60_000;

let dataDirectory: string;
let exchange: ExchangeProcess;
/** What would otherwise go on connecting when the exchange is gone. */
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  dataDirectory = await emptyDataDirectory();
  exchange = await startExchange(dataDirectory);
}, 90_000);

afterAll(async () => {
  for (const close of closing) await close();
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

/** Waits until each name has been heard of. */
async function heardAll(heard: ReadonlyMap<string, unknown>, names: readonly string[]): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const missing = names.filter((name) => !heard.has(name));
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`nothing was heard of ${missing}`);
    await sleep(50);
  }
}

describe('ccxt.pro', () => {
  let client: InstanceType<typeof ccxt.pro.binance>;

  beforeAll(async () => {
    const { baseUrl, wsUrl } = exchange.client;
    client = new ccxt.pro.binance({
      urls: {
        api: {
          public: `${baseUrl}/api/v3`,
          private: `${baseUrl}/api/v3`,
          ws: { spot: `${wsUrl}/ws`, 'ws-api': { spot: `${wsUrl}/ws-api/v3` } },
        },
      },
      options: {
        defaultType: 'spot',
        fetchMarkets: { types: ['spot'] },
        fetchCurrencies: false,
        fetchMargins: false,
      },
    });
    closing.push(() => client.close());
    // What ccxt asks for with a URL that has no TLS.
    await client.loadHttpProxyAgent();
    await client.loadMarkets();
  }, TIMEOUT_MS);

  it(
    'keeps a book, which has both sides, is sorted, and does not cross',
    async () => {
      for (let update = 0; update < 5; update++) {
        const { bids, asks } = await client.watchOrderBook(PAIR);
        expect(bids.length).toBeGreaterThan(5);
        expect(bids[0]![0]!).toBeLessThan(asks[0]![0]!);
        expect(bids[0]![0]!).toBeGreaterThan(bids[1]![0]!);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'hears trades, candles, tickers and the best bid and ask',
    async () => {
      const [trade] = await client.watchTrades(PAIR);
      expect(trade).toMatchObject({ symbol: PAIR });
      const [candle] = await client.watchOHLCV(PAIR, '1m');
      expect(candle![2]!).toBeGreaterThanOrEqual(candle![3]!);
      expect((await client.watchTicker(PAIR)).last).toBeGreaterThan(0);
      const tickers = await client.watchTickers([PAIR, 'ETH/USDT']);
      expect(Object.keys(tickers)).not.toHaveLength(0);
      const best = (await client.watchBidsAsks([PAIR]))[PAIR]!;
      expect(best.bid!).toBeLessThan(best.ask!);
    },
    TIMEOUT_MS,
  );
});

it(
  'the npm package binance hears every kind of stream',
  async () => {
    const client = new WebsocketClient({ wsUrl: exchange.client.wsUrl });
    closing.push(() => client.closeAll(true));
    const heard = new Map<string, unknown>();
    client.on('message', (message) => {
      const named = [message].flat() as unknown as { streamName: string }[];
      for (const { streamName } of named) heard.set(streamName, message);
    });
    const failures: unknown[] = [];
    client.on('exception', (failure) => failures.push(failure));
    await client.subscribeSpotTrades(SYMBOL);
    await client.subscribeSpotAggregateTrades(SYMBOL);
    await client.subscribeSpotKline(SYMBOL, '1m');
    await client.subscribeSpotSymbolBookTicker(SYMBOL);
    // Five messages a second are allowed.
    await sleep(1_000);
    await client.subscribeSpotAllMini24hrTickers();
    await client.subscribeSpotSymbol24hrTicker(SYMBOL);
    await client.subscribeSpotPartialBookDepth(SYMBOL, 5, 100);
    await client.subscribeSpotDiffBookDepth(SYMBOL, 100);
    const kinds = ['trade', 'aggTrade', 'kline_1m', 'bookTicker', 'ticker', 'depth5@100ms', 'depth@100ms'];
    await heardAll(heard, [...kinds.map((kind) => `btcusdt@${kind}`), '!miniTicker@arr']);
    expect(failures).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  '@binance/spot hears the streams that it names',
  async () => {
    const spot = new Spot({ configurationWebsocketStreams: { wsURL: exchange.client.wsUrl } });
    const connection = await spot.websocketStreams.connect();
    closing.push(() => connection.isConnected() && connection.disconnect());
    const heard = new Map<string, unknown>();
    const hear = (name: string) => (data: unknown) => void heard.set(name, data);
    const symbol = SYMBOL.toLowerCase();
    connection.trade({ symbol }).on('message', hear('trade'));
    connection.aggTrade({ symbol }).on('message', hear('aggTrade'));
    connection.bookTicker({ symbol }).on('message', hear('bookTicker'));
    await sleep(1_000);
    connection.avgPrice({ symbol }).on('message', hear('avgPrice'));
    connection.diffBookDepth({ symbol }).on('message', hear('depth'));
    connection.allMiniTicker().on('message', hear('allMiniTicker'));
    await heardAll(heard, ['trade', 'aggTrade', 'bookTicker', 'avgPrice', 'depth', 'allMiniTicker']);
    await connection.disconnect();
  },
  TIMEOUT_MS,
);

it(
  'binance-api-node hears the streams that it opens a connection for',
  async () => {
    const { baseUrl, wsUrl } = exchange.client;
    const { ws } = binanceApiNode.default({ httpBase: baseUrl, wsBase: `${wsUrl}/ws` });
    const heard = new Map<string, unknown>();
    const hear = (name: string) => (data: unknown) => void heard.set(name, data);
    closing.push(
      ws.trades(SYMBOL, hear('trades')),
      ws.aggTrades(SYMBOL, hear('aggTrades')),
      ws.depth(SYMBOL, hear('depth')),
      ws.partialDepth({ symbol: SYMBOL, level: 10 }, hear('partialDepth')),
      ws.candles(SYMBOL, '1m', hear('candles')),
      ws.ticker(SYMBOL, hear('ticker')),
      ws.allTickers(hear('allTickers')),
      ws.miniTicker(SYMBOL, hear('miniTicker')),
      ws.bookTicker(SYMBOL, hear('bookTicker')),
    );
    const names = ['trades', 'aggTrades', 'depth', 'partialDepth', 'candles', 'ticker', 'bookTicker'];
    await heardAll(heard, names);
  },
  TIMEOUT_MS,
);

it(
  'ccxt finds that the exchange is open',
  async () => {
    const client = ccxtClient(exchange.client);
    expect(await client.fetchStatus()).toMatchObject({ status: 'ok' });
  },
  TIMEOUT_MS,
);
