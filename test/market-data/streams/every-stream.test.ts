/** Every stream through a real WebSocket client: its fields, its speed, and that its numbers are those of the trades. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import { WebSocket } from 'ws';
import type { Database } from '#platform/database.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';
import { PublicMarket, type StreamClient, type StreamMessage } from '../public-market.ts';

let database: TestDatabase;
let market: PublicMarket;

beforeAll(async () => {
  database = await testDatabase();
  market = await PublicMarket.start(database.db as Kysely<Database>);
}, 60_000);

afterAll(async () => {
  await market?.close();
  await database?.drop();
});

/** One trade at `cents`, and a book that has changed. */
async function trade(cents: number): Promise<void> {
  await market.place('SELL', cents, 2);
  await market.take('BUY', cents, 1);
}

/** Messages of a stream on a combined connection. */
const dataOf = (client: StreamClient, stream: string) =>
  client.messages.filter((message) => message.stream === stream).map(({ data }) => data);

const TICKER = 'e E s p P w c o h l v q O C F L n';
const FIELDS: Readonly<Record<string, string>> = {
  'btcusdt@aggTrade': 'e E s a p q f l T m M',
  'btcusdt@trade': 'e E s t p q T m M',
  'btcusdt@kline_1s': 'e E s k',
  'btcusdt@kline_1M': 'e E s k',
  'btcusdt@kline_1d@+08:00': 'e E s k',
  'btcusdt@miniTicker': 'e E s c o h l v q',
  'btcusdt@ticker': `${TICKER} x Q b B a A`,
  'btcusdt@ticker_1h': TICKER,
  'btcusdt@ticker_4h': TICKER,
  'btcusdt@ticker_1d': TICKER,
  'btcusdt@bookTicker': 'u s b B a A',
  'btcusdt@avgPrice': 'e E s i w T',
  'btcusdt@depth5': 'lastUpdateId bids asks',
  'btcusdt@depth10@100ms': 'lastUpdateId bids asks',
  'btcusdt@depth20@1000ms': 'lastUpdateId bids asks',
  'btcusdt@depth': 'e E s U u b a',
  'btcusdt@depth@1000ms': 'e E s U u b a',
  'btcusdt@depth@100ms': 'e E s U u b a',
};
const ARRAYS: Readonly<Record<string, string>> = {
  '!miniTicker@arr': '24hrMiniTicker',
  '!ticker@arr': '24hrTicker',
  '!ticker_1h@arr': '1hTicker',
  '!ticker_4h@arr': '4hTicker',
  '!ticker_1d@arr': '1dTicker',
};

describe('every stream', () => {
  it('tells its fields under the name that was asked for (61, 62)', async () => {
    const names = [...Object.keys(FIELDS), ...Object.keys(ARRAYS)];
    const client = await market.connect('/stream');
    client.send({ method: 'SUBSCRIBE', params: names, id: 1 });
    // The acknowledgement precedes every datum (60).
    await client.next();
    expect(client.messages[0]).toEqual({ result: null, id: 1 });
    await trade(5_000_000);
    for (const name of names) await client.next(({ stream }) => stream === name);
    for (const [name, fields] of Object.entries(FIELDS))
      expect([name, ...Object.keys(dataOf(client, name)[0]).sort()]).toEqual([
        name,
        ...fields.split(' ').sort(),
      ]);
    for (const [name, event] of Object.entries(ARRAYS)) {
      const first: StreamMessage[] = dataOf(client, name)[0];
      expect(first.map(({ e, s }) => [e, s])).toContainEqual([event, 'BTCUSDT']);
    }
    const [{ k: candle }] = dataOf(client, 'btcusdt@kline_1d@+08:00');
    expect(Object.keys(candle).join(' ')).toBe('t T s i f L o c h l v n x q V Q B');
    expect(new Date(candle.t).toISOString()).toMatch(/T16:00:00\.000Z$/);
    expect(candle.T).toBe(candle.t + 24 * 3_600_000 - 1);
    expect(candle.i).toBe('1d');
    await client.close();
  });

  it('in arrays tells only what has changed', async () => {
    const client = await market.connect('/ws/!miniTicker@arr');
    await client.next();
    expect(client.messages[0].length).toBe(5);
    await market.take('BUY', 5_000_000, 1);
    await until(() => client.messages.length > 1);
    expect(client.messages[1].map(({ s }: StreamMessage) => s)).toEqual(['BTCUSDT']);
    await client.close();
  });

  it('of partial depth tells a newcomer the book as it is, and then only changes', async () => {
    const first = await market.connect('/ws/btcusdt@depth5@100ms');
    await first.next();
    await new Promise((resume) => setTimeout(resume, 350));
    expect(first.messages).toHaveLength(1);
    const second = await market.connect('/ws/btcusdt@depth5@100ms');
    expect(await second.next()).toEqual(first.messages[0]);
    await first.close();
    await second.close();
  });

  it('tells times in microseconds when asked to, and refuses a unit that is none', async () => {
    const client = await market.connect('/stream?streams=btcusdt@trade&timeUnit=microsecond');
    await trade(5_000_100);
    const { data } = await client.next();
    for (const time of [data.E, data.T]) expect(String(time)).toHaveLength(16);
    await client.close();
    await expect(market.connect('/ws/btcusdt@trade?timeUnit=HOUR')).rejects.toThrow('400');
  });

  it('goes bare and wrapped by SET_PROPERTY, for the same connection', async () => {
    const client = await market.connect('/ws/btcusdt@trade');
    client.send({ method: 'SET_PROPERTY', params: ['combined', true], id: 1 });
    await client.next(({ id }) => id === 1);
    await trade(5_000_200);
    expect(await client.next(({ stream }) => stream === 'btcusdt@trade')).toMatchObject({
      data: { e: 'trade', s: 'BTCUSDT' },
    });
    client.send({ method: 'GET_PROPERTY', params: ['combined'], id: 2 });
    expect(await client.next(({ id }) => id === 2)).toEqual({ result: true, id: 2 });
    await client.close();
  });
});

describe('klines', () => {
  it('recomputed from the trades equal those that streams and REST serve, each closed once (64)', async () => {
    const client = await market.connect('/stream?streams=btcusdt@trade/btcusdt@kline_1s/btcusdt@kline_1m');
    const until4Closed = () => closedOf(client).length >= 4;
    for (let count = 0; !until4Closed(); count++) {
      await trade(5_001_000 + (count % 7) * 100);
      await new Promise((resume) => setTimeout(resume, 40));
      if (count > 400) throw new Error('no second was closed');
    }
    const closed = closedOf(client);
    const opens = closed.map(({ t }) => t);
    expect(opens).toEqual(opens.map((_: number, index: number) => opens[0] + index * 1_000));
    const trades: StreamMessage[] = dataOf(client, 'btcusdt@trade');
    const began = trades[0].T;
    const { json: served } = await market.get(
      `klines?symbol=BTCUSDT&interval=1s&startTime=${opens[0]}&limit=${opens.length}`,
    );
    let compared = 0;
    for (const [index, candle] of closed.entries()) {
      const [, o, h, l, c, v, , q, n, V, Q] = served[index];
      expect([
        candle.o,
        candle.h,
        candle.l,
        candle.c,
        candle.v,
        candle.q,
        candle.n,
        candle.V,
        candle.Q,
      ]).toEqual([o, h, l, c, v, q, n, V, Q]);
      if (candle.t <= began) continue;
      const within = trades.filter(({ T }) => T >= candle.t && T <= candle.T);
      compared += within.length;
      expect(candle).toMatchObject({
        o: within[0].p,
        c: within.at(-1).p,
        f: within[0].t,
        L: within.at(-1).t,
        n: within.length,
      });
      expect(Number(candle.v)).toBeCloseTo(
        within.reduce((sum, each) => sum + Number(each.q), 0),
        8,
      );
      expect(Number(candle.h)).toBe(Math.max(...within.map(({ p }) => Number(p))));
      expect(Number(candle.l)).toBe(Math.min(...within.map(({ p }) => Number(p))));
    }
    expect(compared).toBeGreaterThan(3);
    await client.close();
  }, 120_000);

  it('stay flat at the last price in a second without a trade', async () => {
    const client = await market.connect('/ws/btcusdt@kline_1s');
    await until(() => client.messages.filter(({ k }) => k.x).length >= 3);
    const { k } = client.messages.findLast((message) => message.k.x);
    expect(k).toMatchObject({ n: 0, f: -1, L: -1, o: k.c, h: k.c, l: k.c, v: '0.00000000' });
    await client.close();
  });

  const closedOf = (client: StreamClient): StreamMessage[] =>
    dataOf(client, 'btcusdt@kline_1s')
      .map(({ k }) => k)
      .filter(({ x }) => x);
});

describe('tickers and averages', () => {
  it('say the same in streams as over REST', async () => {
    await trade(5_002_000);
    const client = await market.connect('/stream?streams=btcusdt@ticker/btcusdt@ticker_1h/btcusdt@avgPrice');
    for (const name of ['btcusdt@ticker', 'btcusdt@ticker_1h', 'btcusdt@avgPrice'])
      await client.next(({ stream }) => stream === name);
    const [day] = dataOf(client, 'btcusdt@ticker');
    const { json } = await market.get('ticker/24hr?symbol=BTCUSDT');
    expect([day.o, day.h, day.l, day.c, day.v, day.q, day.n, day.F, day.L, day.p, day.P, day.w]).toEqual([
      json.openPrice,
      json.highPrice,
      json.lowPrice,
      json.lastPrice,
      json.volume,
      json.quoteVolume,
      json.count,
      json.firstId,
      json.lastId,
      json.priceChange,
      json.priceChangePercent,
      json.weightedAvgPrice,
    ]);
    expect([day.x, day.Q, day.b, day.B, day.a, day.A]).toEqual([
      json.prevClosePrice,
      json.lastQty,
      json.bidPrice,
      json.bidQty,
      json.askPrice,
      json.askQty,
    ]);
    const [hour] = dataOf(client, 'btcusdt@ticker_1h');
    expect(hour.O % 60_000).toBe(0);
    const { json: average } = await market.get('avgPrice?symbol=BTCUSDT');
    expect(dataOf(client, 'btcusdt@avgPrice')[0]).toMatchObject({
      i: '5m',
      w: average.price,
      T: average.closeTime,
    });
    await client.close();
  });
});

describe('a connection', () => {
  it('with more than 1,024 names is refused', async () => {
    const names = Array.from({ length: 1_025 }, (_, index) => index).join('/');
    const client = await market.connect(`/ws/${names}`);
    expect(await client.closed).toBe(1008);
    expect(client.reason).toBe('over 1024 streams');
  });

  it('has its pings answered (66)', async () => {
    const socket = new WebSocket(market.streamUrl);
    await new Promise((resolve) => socket.once('open', resolve));
    const answered = new Promise((resolve) => socket.once('pong', (data) => resolve(String(data))));
    socket.ping('here');
    expect(await answered).toBe('here');
    socket.close();
  });

  it('is refused with 429 and a time to wait when its address has opened too many', async () => {
    const strict = await PublicMarket.start(database.db, { connectionsPer5Minutes: 2 });
    const clients = [await strict.connect('/ws'), await strict.connect('/stream')];
    const refused = new WebSocket(strict.streamUrl);
    const response = await new Promise<{ statusCode?: number; headers: Record<string, unknown> }>(
      (resolve) => {
        refused.once('unexpected-response', (_request, answer) => resolve(answer));
      },
    );
    expect(response.statusCode).toBe(429);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    refused.on('error', () => {}).terminate();
    for (const client of clients) await client.close();
    await strict.close();
  });
});
