/** Public REST, over a real engine and database. Numbers are those of the conformance list. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { PublicMarket } from './public-market.ts';

let database: { db: Kysely<Database>; drop(): Promise<void> };
let market: PublicMarket;

/** Asks 60.00 to 60.14 and a bid at 59.00 (thousands); a taker buys through the first two. */
beforeAll(async () => {
  database = await testDatabase();
  market = await PublicMarket.start(database.db);
  for (let level = 0; level < 15; level++) await market.place('SELL', 6_000_000 + level, 10);
  await market.place('SELL', 6_000_000, 5);
  await market.place('BUY', 5_900_000, 7);
  await market.take('BUY', 6_000_001, 17);
  await market.take('SELL', 5_900_000, 2);
  // Books follow the feed a moment later.
  await new Promise((resume) => setTimeout(resume, 50));
}, 60_000);

afterAll(async () => {
  await market?.close();
  await database?.drop();
});

const get = async (path: string) => (await market.get(path)).json;

describe('general', () => {
  it('answers ping with {} (1), the time as an integer (2), and the weight on every reply (22)', async () => {
    const ping = await market.get('ping');
    expect(ping.json).toEqual({});
    expect(ping.headers.get('x-mbx-used-weight-1m')).toMatch(/^\d+$/);
    expect(ping.headers.get('x-mbx-used-weight')).toMatch(/^\d+$/);
    const { serverTime } = await get('time');
    expect(Number.isInteger(serverTime)).toBe(true);
  });

  it('says that the system is well, for a weight of 1, and takes no parameters', async () => {
    const status = () => market.get('../../sapi/v1/system/status');
    const weightOf = ({ headers }: Awaited<ReturnType<typeof status>>) =>
      Number(headers.get('x-mbx-used-weight-1m'));
    const [first, second] = [await status(), await status()];
    expect(first).toMatchObject({ status: 200, json: { status: 0, msg: 'normal' } });
    // A minute may begin between the two.
    expect([weightOf(first) + 1, 1]).toContain(weightOf(second));
    expect(await market.get('../../sapi/v1/system/status?symbol=BTCUSDT')).toMatchObject({
      status: 400,
      json: { code: -1101 },
    });
  });

  it('describes a symbol with filters as texts, permission sets and order types (25)', async () => {
    const { symbols, rateLimits } = await get('exchangeInfo?symbol=BTCUSDT');
    expect(rateLimits).toEqual([
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000 },
    ]);
    expect(symbols).toHaveLength(1);
    expect(symbols[0]).toMatchObject({
      status: 'TRADING',
      baseAssetPrecision: 8,
      quoteAssetPrecision: 6,
      permissionSets: [['SPOT']],
      orderTypes: [
        'LIMIT',
        'LIMIT_MAKER',
        'MARKET',
        'STOP_LOSS',
        'STOP_LOSS_LIMIT',
        'TAKE_PROFIT',
        'TAKE_PROFIT_LIMIT',
      ],
      icebergAllowed: true,
      ocoAllowed: true,
      otoAllowed: true,
      quoteOrderQtyMarketAllowed: true,
      allowTrailingStop: true,
      cancelReplaceAllowed: true,
      amendAllowed: true,
      defaultSelfTradePreventionMode: 'NONE',
      allowedSelfTradePreventionModes: ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'],
    });
    expect(symbols[0].filters[0]).toEqual({
      filterType: 'PRICE_FILTER',
      minPrice: '0.010000',
      maxPrice: '1000000.000000',
      tickSize: '0.010000',
    });
    const filter = (type: string) =>
      symbols[0].filters.find(({ filterType }: { filterType: string }) => filterType === type);
    expect(filter('PERCENT_PRICE_BY_SIDE')).toEqual({
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: '5.000000',
      bidMultiplierDown: '0.200000',
      askMultiplierUp: '5.000000',
      askMultiplierDown: '0.200000',
      avgPriceMins: 5,
    });
    expect(filter('TRAILING_DELTA')).toEqual({
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: 10,
      maxTrailingAboveDelta: 2_000,
      minTrailingBelowDelta: 10,
      maxTrailingBelowDelta: 2_000,
    });
    expect(filter('MAX_NUM_ALGO_ORDERS')).toEqual({
      filterType: 'MAX_NUM_ALGO_ORDERS',
      maxNumAlgoOrders: 5,
    });
    expect(filter('MAX_POSITION')).toBeUndefined();
  });

  it('tells a market’s rules and status as they are now', async () => {
    const { engine } = market;
    const { records } = await engine.ask({ type: 'listings' });
    const listed = records.findLast((record) => record.type === 'marketListed')!;
    const { type: _, base, quote, tick, lot, symbol, ...rules } = listed;
    const changed = { ...rules, positionMax: rules.quantityMax, icebergPartsMax: 7 };
    await engine.execute({ type: 'setMarketRules', ...changed });
    await engine.execute({ type: 'setMarketStatus', market: rules.market, status: 'BREAK' });
    const info = () => get(`exchangeInfo?symbol=${symbol}`);
    const shows = async (status: string) => {
      for (let tries = 0; (await info()).symbols[0].status !== status; tries++) {
        expect(tries).toBeLessThan(100);
        await new Promise((resume) => setTimeout(resume, 10));
      }
    };
    await shows('BREAK');
    const { filters } = (await info()).symbols[0];
    expect(filters).toEqual(
      expect.arrayContaining([
        { filterType: 'ICEBERG_PARTS', limit: 7 },
        expect.objectContaining({ filterType: 'MAX_POSITION' }),
      ]),
    );
    expect((await get('exchangeInfo?symbolStatus=BREAK')).symbols).toMatchObject([{ symbol }]);
    expect((await get('exchangeInfo?symbolStatus=TRADING')).symbols).toHaveLength(4);
    expect((await market.get(`depth?symbol=${symbol}&symbolStatus=TRADING`)).json.code).toBe(-1220);
    await engine.execute({ type: 'setMarketRules', ...rules });
    await engine.execute({ type: 'setMarketStatus', market: rules.market, status: 'TRADING' });
    await shows('TRADING');
  });

  it('takes symbols with raw and with encoded brackets (26), and lists all without', async () => {
    const raw = await get('exchangeInfo?symbols=["BTCUSDT","ETHUSDT"]');
    const encoded = await get(`exchangeInfo?symbols=${encodeURIComponent('["BTCUSDT","ETHUSDT"]')}`);
    expect(raw.symbols.map(({ symbol }: { symbol: string }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(encoded.symbols).toEqual(raw.symbols);
    expect((await get('exchangeInfo')).symbols).toHaveLength(5);
  });

  it('filters symbols by permission and status, and hides permission sets on request (36)', async () => {
    expect((await get('exchangeInfo?permissions=SPOT')).symbols).toHaveLength(5);
    expect((await get('exchangeInfo?permissions=["MARGIN","SPOT"]')).symbols).toHaveLength(5);
    expect((await get('exchangeInfo?permissions=MARGIN')).symbols).toEqual([]);
    expect((await get('exchangeInfo?symbolStatus=TRADING')).symbols).toHaveLength(5);
    expect((await get('exchangeInfo?symbolStatus=BREAK')).symbols).toEqual([]);
    const { symbols } = await get('exchangeInfo?symbol=BTCUSDT&showPermissionSets=false');
    expect(symbols[0].permissionSets).toEqual([]);
  });

  it.each([
    [
      'exchangeInfo?symbol=BTCUSDT&permissions=SPOT',
      400,
      -1128,
      'Combination of optional parameters invalid.',
    ],
    [
      'exchangeInfo?symbols=["BTCUSDT"]&symbolStatus=TRADING',
      400,
      -1128,
      'Combination of optional parameters invalid.',
    ],
    [
      'depth?symbol=BTCUSDT&symbolStatus=HALT',
      400,
      -1220,
      "The symbol's status does not match the requested symbolStatus.",
    ],
    ['ticker/price?symbolStatus=OPEN', 400, -1122, 'Invalid symbolStatus.'],
    ['exchangeInfo?symbols=["BTCUSDT","NOPE"]', 400, -1121, 'Invalid symbol.'],
    ['depth?symbol=NOPE', 400, -1121, 'Invalid symbol.'],
    ['depth', 400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."],
    ['klines?symbol=BTCUSDT&interval=7m', 400, -1120, 'Invalid interval.'],
    ['ticker/24hr?symbol=BTCUSDT&type=TINY', 400, -1139, 'Invalid ticker type.'],
    [
      'ticker/price?symbols=["BTCUSDT","BTCUSDT"]',
      400,
      -1151,
      'Symbol is present multiple times in the list.',
    ],
    [
      'ticker/price?symbol=BTCUSDT&symbols=["BTCUSDT"]',
      400,
      -1128,
      'Combination of optional parameters invalid.',
    ],
    [
      'ticker/price?symbol=BTCUSDT&symbolStatus=HALT',
      400,
      -1220,
      "The symbol's status does not match the requested symbolStatus.",
    ],
  ])('refuses %s', async (path, status, code, msg) => {
    expect(await market.get(path)).toMatchObject({ status, json: { code, msg } });
  });

  it('leaves a path that does not exist to a plain 404', async () => {
    expect((await market.fetch('noSuchThing?symbol=BTCUSDT')).status).toBe(404);
  });
});

describe('the book', () => {
  it('is sorted, shows the best of each side, and says up to which command it goes (28, 29)', async () => {
    const { lastUpdateId, bids, asks } = await get('depth?symbol=BTCUSDT&limit=5');
    expect(lastUpdateId).toBe(market.engine.matching.lastSeq);
    expect(bids).toEqual([['59000.000000', '0.00050000']]);
    expect(asks[0]).toEqual(['60000.010000', '0.00080000']);
    expect(asks).toHaveLength(5);
    const prices = asks.map(([price]: [string]) => Number(price));
    expect(prices).toEqual(prices.toSorted((a: number, b: number) => a - b));
    expect((await get('depth?symbol=BTCUSDT&limit=6000')).asks).toHaveLength(14);
  });

  it('gives the best bid and ask as an object for a symbol and as a list otherwise (27)', async () => {
    const one = await get('ticker/bookTicker?symbol=BTCUSDT');
    expect(one).toEqual({
      symbol: 'BTCUSDT',
      bidPrice: '59000.000000',
      bidQty: '0.00050000',
      askPrice: '60000.010000',
      askQty: '0.00080000',
    });
    expect(await get('ticker/bookTicker?symbols=["BTCUSDT"]')).toEqual([one]);
    expect(await get('ticker/bookTicker')).toHaveLength(5);
  });
});

describe('trades', () => {
  it('come oldest first, with the maker’s side told (37)', async () => {
    const trades = await get('trades?symbol=BTCUSDT');
    const told = trades.map((trade: Record<string, unknown>) => [
      trade.id,
      trade.price,
      trade.qty,
      trade.isBuyerMaker,
    ]);
    expect(told).toEqual([
      [1, '60000.000000', '0.00100000', false],
      [2, '60000.000000', '0.00050000', false],
      [3, '60000.010000', '0.00020000', false],
      [4, '59000.000000', '0.00020000', true],
    ]);
    expect(trades[0].quoteQty).toBe('60.000000');
    expect((await get('trades?symbol=BTCUSDT&limit=1'))[0].id).toBe(4);
  });

  it('merge per taker and price, from an id that is included (32)', async () => {
    const merged = await get('aggTrades?symbol=BTCUSDT');
    expect(merged.map(({ a, p, q, f, l }: Record<string, unknown>) => [a, p, q, f, l])).toEqual([
      [1, '60000.000000', '0.00150000', 1, 2],
      [2, '60000.010000', '0.00020000', 3, 3],
      [3, '59000.000000', '0.00020000', 4, 4],
    ]);
    expect(await get('aggTrades?symbol=BTCUSDT&fromId=2')).toEqual(merged.slice(1));
    const startTime = merged[0].T;
    expect(await get(`aggTrades?symbol=BTCUSDT&startTime=${startTime}&limit=1`)).toEqual(merged.slice(0, 1));
  });
});

describe('candles', () => {
  it('have twelve elements and end a millisecond before the next (30)', async () => {
    const candle = (await get('klines?symbol=BTCUSDT&interval=1h')).at(-1);
    expect(candle).toHaveLength(12);
    expect(candle[6]).toBe(candle[0] + 3_600_000 - 1);
    expect(candle.slice(1, 6)).toEqual([
      '60000.000000',
      '60000.010000',
      '59000.000000',
      '59000.000000',
      '0.00190000',
    ]);
    // 0.0015 × 60,000 + 0.0002 × 60,000.01 + 0.0002 × 59,000
    expect(candle.slice(7)).toEqual(['113.800002', 4, '0.00170000', '102.000002', '0']);
  });

  it('are flat where nothing was traded, and absent before the first trade', async () => {
    const now = Date.now();
    const candles = await get(`klines?symbol=BTCUSDT&interval=1s&startTime=${now - 60_000}&endTime=${now}`);
    const flat = candles.filter(([, , , , , volume]: string[]) => Number(volume) === 0);
    for (const [, open, high, low, close] of flat) expect([open, high, low]).toEqual([close, close, close]);
    expect(await get('klines?symbol=ETHUSDT&interval=1m')).toEqual([]);
  });

  it('begin with the first trade when asked for all since ever (33)', async () => {
    const candles = await get('klines?symbol=BTCUSDT&interval=1m&startTime=0');
    expect(candles[0].slice(1, 2)).toEqual(['60000.000000']);
    expect(candles[0][8]).toBeGreaterThan(0);
    expect(await get('klines?symbol=ETHUSDT&interval=1m&startTime=0')).toEqual([]);
  });

  it('tell a month from a minute (30), and keep time zones', async () => {
    const [month] = await get('klines?symbol=BTCUSDT&interval=1M');
    expect(new Date(month[0]).toISOString()).toMatch(/-01T00:00:00\.000Z$/);
    expect(month[8]).toBe(4);
    const [day] = await get('klines?symbol=BTCUSDT&interval=1d&timeZone=%2B05:45');
    expect(new Date(day[0]).toISOString()).toMatch(/T18:15:00\.000Z$/);
    expect(await get('klines?symbol=BTCUSDT&interval=1d&timeZone=15')).toMatchObject({ code: -1130 });
  });
});

describe('older trades', () => {
  it('come from an id that is included, oldest first, and else the newest (33)', async () => {
    const ids = async (query: string) =>
      (await get(`historicalTrades?symbol=BTCUSDT${query}`)).map(({ id }: { id: number }) => id);
    expect(await ids('&fromId=2&limit=2')).toEqual([2, 3]);
    expect(await ids('&limit=2')).toEqual([3, 4]);
    expect(await ids('&fromId=99')).toEqual([]);
  });
});

describe('windows', () => {
  it('of any size sum up the same trades, begin on a minute, and have no book', async () => {
    const day = await get('ticker/24hr?symbol=BTCUSDT');
    for (const size of ['5m', '1h', '23h', '1d', '7d']) {
      const rolling = await get(`ticker?symbol=BTCUSDT&windowSize=${size}`);
      expect(rolling).toMatchObject({
        priceChange: day.priceChange,
        weightedAvgPrice: day.weightedAvgPrice,
        openPrice: '60000.000000',
        lastPrice: '59000.000000',
        volume: '0.00190000',
        quoteVolume: '113.800002',
        firstId: 1,
        lastId: 4,
        count: 4,
      });
      expect(rolling.openTime % 60_000).toBe(0);
      expect(Object.keys(rolling)).not.toContain('bidPrice');
    }
  });

  it('of a trading day begin at midnight of the zone and end with it', async () => {
    const { openTime, closeTime, count } = await get('ticker/tradingDay?symbol=BTCUSDT&timeZone=5:45');
    expect(new Date(openTime).toISOString()).toMatch(/T18:15:00\.000Z$/);
    expect(closeTime).toBe(openTime + 24 * 3_600_000 - 1);
    expect(count).toBe(4);
    const [mini] = await get('ticker/tradingDay?symbols=["BTCUSDT"]&type=MINI');
    expect(Object.keys(mini)).not.toContain('priceChange');
  });

  it('weigh 4 for each symbol', async () => {
    const used = async (path: string) => {
      const before = Number((await market.get('ping')).headers.get('x-mbx-used-weight-1m'));
      return Number((await market.get(path)).headers.get('x-mbx-used-weight-1m')) - before;
    };
    expect(await used('ticker?symbols=["BTCUSDT","ETHUSDT"]')).toBe(8);
    expect(await used('ticker/tradingDay?symbol=BTCUSDT')).toBe(4);
    expect(await used('executionRules?symbols=["BTCUSDT","ETHUSDT"]')).toBe(4);
    expect(await used('executionRules')).toBe(40);
  });

  it.each([
    ['ticker', -1102],
    ['ticker?symbol=BTCUSDT&windowSize=60m', -1130],
    ['ticker?symbol=BTCUSDT&windowSize=1d2h', -1130],
    ['ticker?symbol=BTCUSDT&type=TINY', -1139],
    ['ticker/tradingDay?symbol=BTCUSDT&timeZone=15', -1130],
    ['ticker/tradingDay?symbol=BTCUSDT&symbolStatus=HALT', -1220],
    ['executionRules?symbol=BTCUSDT&symbolStatus=TRADING', -1128],
  ])('refuse %s', async (path, code) => {
    expect((await market.get(path)).json.code).toBe(code);
  });
});

it('the average price is that of the last minutes, on a tick', async () => {
  const { mins, price, closeTime } = await get('avgPrice?symbol=BTCUSDT');
  expect([mins, price]).toEqual([5, '59894.730000']);
  expect(closeTime).toBe((await get('trades?symbol=BTCUSDT')).at(-1).time);
});

it('no market has rules of execution beside its filters', async () => {
  expect(await get('executionRules?symbol=BTCUSDT')).toEqual({
    symbolRules: [{ symbol: 'BTCUSDT', rules: [] }],
  });
  expect((await get('executionRules')).symbolRules).toHaveLength(5);
});

it('uiKlines are klines', async () => {
  const query = 'symbol=BTCUSDT&interval=1h&limit=1';
  expect(await get(`uiKlines?${query}`)).toEqual(await get(`klines?${query}`));
});

describe('the last 24 hours', () => {
  it('has everything in FULL, and no book in MINI (34)', async () => {
    const full = await get('ticker/24hr?symbol=BTCUSDT');
    expect(full).toMatchObject({
      priceChange: '-1000.000000',
      priceChangePercent: '-1.666',
      // 113.800002 / 0.0019, rounded down
      weightedAvgPrice: '59894.737894',
      lastPrice: '59000.000000',
      lastQty: '0.00020000',
      bidPrice: '59000.000000',
      highPrice: '60000.010000',
      volume: '0.00190000',
      count: 4,
    });
    const mini = await get('ticker/24hr?symbol=BTCUSDT&type=MINI');
    expect(Object.keys(mini)).not.toContain('bidPrice');
    expect(mini.volume).toBe(full.volume);
    expect(await get('ticker/price?symbol=BTCUSDT')).toEqual({ symbol: 'BTCUSDT', price: '59000.000000' });
  });
});
