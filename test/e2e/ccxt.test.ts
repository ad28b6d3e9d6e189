/** An unmodified ccxt trades against `npm start`, and finds everything as it was after `kill -9`. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseDecimal } from '#domain/money.ts';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { ccxtClient } from './trader.ts';

const SYMBOL = 'BTC/USDT';
const SCALES: Readonly<Record<string, number>> = { BTC: 8, USDT: 6, ETH: 8, SOL: 8, XRP: 6 };

type Client = ReturnType<typeof ccxtClient>;
/** What the exchange itself sent, before ccxt turned its decimals into floats. */
interface RawTrade {
  readonly price: string;
  readonly qty: string;
  readonly quoteQty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly isBuyer: boolean;
}
interface RawBalances {
  readonly balances: readonly { asset: string; free: string; locked: string }[];
}

const units = (text: string, asset: string): bigint => BigInt(parseDecimal(text, SCALES[asset]!));

/** Every asset's free and locked units together. */
async function totals(client: Client): Promise<Record<string, bigint>> {
  const { info } = await client.fetchBalance();
  return Object.fromEntries(
    (info as RawBalances).balances.map(({ asset, free, locked }) => [
      asset,
      units(free, asset) + units(locked, asset),
    ]),
  );
}

describe('an unmodified ccxt against npm start', () => {
  let dataDirectory: string;
  let exchange: ExchangeProcess;
  let client: Client;

  beforeAll(async () => {
    dataDirectory = await emptyDataDirectory();
    exchange = await startExchange(dataDirectory);
    client = ccxtClient(exchange.client);
    await client.loadMarkets();
  }, 90_000);

  afterAll(async () => {
    await exchange?.kill();
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  });

  it('hears that the exchange is open', async () => {
    expect(await client.fetchStatus()).toMatchObject({ status: 'ok' });
  });

  it('sees a live book, a ticker and candles that the market makers keep moving', async () => {
    await waitFor(async () => (await client.fetchTrades(SYMBOL)).length > 0);
    const book = await client.fetchOrderBook(SYMBOL);
    expect(book.bids.length).toBeGreaterThan(5);
    expect(book.asks.length).toBeGreaterThan(5);
    expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!);
    await waitFor(async () => ((await client.fetchTicker(SYMBOL)).last ?? 0) > 0);
    const candles = await client.fetchOHLCV(SYMBOL, '1m');
    const [, open, high, low, close] = candles.at(-1)! as number[];
    expect(low!).toBeLessThanOrEqual(Math.min(open!, close!));
    expect(high!).toBeGreaterThanOrEqual(Math.max(open!, close!));
  });

  it('fills a market order at once, and its trades explain every unit of the balances', async () => {
    const before = await totals(client);
    const bought = await client.createOrder(SYMBOL, 'market', 'buy', 0.02);
    const sold = await client.createOrder(SYMBOL, 'market', 'sell', 0.01);
    expect(bought).toMatchObject({ status: 'closed', filled: 0.02 });
    expect(await client.fetchOrder(sold.id!, SYMBOL)).toMatchObject({ status: 'closed', filled: 0.01 });

    const trades = (await client.fetchMyTrades(SYMBOL)).map((trade) => trade.info as RawTrade);
    expect(trades.length).toBeGreaterThanOrEqual(2);
    const expected = { ...before };
    for (const trade of trades) {
      const sign = trade.isBuyer ? 1n : -1n;
      expected.BTC! += sign * units(trade.qty, 'BTC');
      expected.USDT! -= sign * units(trade.quoteQty, 'USDT');
      expected[trade.commissionAsset]! -= units(trade.commission, trade.commissionAsset);
    }
    expect(await totals(client)).toEqual(expected);
  });

  it('answers the same questions in the same way after kill -9 and a restart', async () => {
    // Without market makers nothing moves but what this test does.
    await exchange.interrupt();
    exchange = await startExchange(dataDirectory, { MARKET_MAKERS: 'off' });
    client = ccxtClient(exchange.client);
    const resting = await client.createOrder(SYMBOL, 'limit', 'buy', 0.01, 21_000);
    const filled = await client.createOrder(SYMBOL, 'market', 'sell', 0.015);
    const answers = async () => ({
      markets: Object.keys(await client.loadMarkets(true)),
      book: await client.fetchOrderBook(SYMBOL),
      candles: await client.fetchOHLCV(SYMBOL, '1m', undefined, 5),
      resting: await client.fetchOrder(resting.id!, SYMBOL),
      filled: await client.fetchOrder(filled.id!, SYMBOL),
      open: await client.fetchOpenOrders(SYMBOL),
      trades: await client.fetchMyTrades(SYMBOL),
      balances: await totals(client),
      last: (await client.fetchTicker(SYMBOL)).last,
    });
    // Public data follows a trade within moments; the account's own answers never trail.
    const lastTrade = (await client.fetchMyTrades(SYMBOL)).at(-1)!;
    await waitFor(async () => (await client.fetchTrades(SYMBOL)).at(-1)?.timestamp === lastTrade.timestamp);
    await waitFor(async () => (await client.fetchTicker(SYMBOL)).last === lastTrade.price);
    const before = await answers();
    await exchange.kill();
    exchange = await startExchange(dataDirectory, { MARKET_MAKERS: 'off' });
    client = ccxtClient(exchange.client);
    expect(comparable(await answers())).toEqual(comparable(before));
  }, 90_000);
});

/**
 * Without what tells the time of the answer, the sequence (a start tries its deposits again, which are refused and
 * journalled), and the flat candles of minutes that passed meanwhile.
 */
function comparable(answers: { book: object; candles: (number | undefined)[][] }): unknown {
  const traded = answers.candles.filter((candle) => candle[5]! > 0).map(String);
  const book = { ...answers.book, timestamp: undefined, datetime: undefined, nonce: undefined };
  return { ...answers, candles: traded.at(-1), book };
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited 20 s in vain');
    await new Promise((resume) => setTimeout(resume, 100));
  }
}
