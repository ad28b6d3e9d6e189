/** The streams, through a real WebSocket client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { LocalBook, levelsOf } from '../local-book.ts';
import { BTCUSDT, PublicMarket } from '../public-market.ts';

let database: { db: Kysely<Database>; drop(): Promise<void> };
let market: PublicMarket;

beforeAll(async () => {
  database = await testDatabase();
  market = await PublicMarket.start(database.db);
}, 60_000);

afterAll(async () => {
  await market?.close();
  await database?.drop();
});

describe('connecting', () => {
  it.each([
    '/ws',
    '/ws/0',
    '/ws/btcusdt@trade',
    '/ws/btcusdt%40trade',
    '/stream',
    '/stream?streams=',
    '/stream?streams=btcusdt@trade',
  ])('takes a SUBSCRIBE on %s, acknowledged with the id as it was written', async (path) => {
    const client = await market.connect(path);
    for (const id of [7, 'seven', null]) {
      client.send({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker'], id });
      expect(await client.next((message) => message.id === id)).toEqual({ result: null, id });
    }
    await client.close();
  });

  it('keeps the socket open after a bad method, bad JSON, an unknown stream and a bad property', async () => {
    const client = await market.connect('/ws');
    client.send({ method: 'SUBSCRIPE', params: [], id: 1 });
    expect(await client.next((message) => message.id === 1)).toMatchObject({ error: { code: 2 } });
    client.send('{');
    expect(await client.next((message) => message.id === null)).toMatchObject({ error: { code: 3 } });
    client.send({ method: 'SUBSCRIBE', params: ['nonsense@trade'], id: 2 });
    expect(await client.next((message) => message.id === 2)).toMatchObject({ error: { code: 2 } });
    client.send({ method: 'GET_PROPERTY', params: ['colour'], id: 3 });
    expect(await client.next((message) => message.id === 3)).toMatchObject({ error: { code: 0 } });
    client.send({ method: 'LIST_SUBSCRIPTIONS', id: 4 });
    expect(await client.next((message) => message.id === 4)).toEqual({ result: [], id: 4 });
    await client.close();
  });

  it('takes the names in the path, plain or percent-encoded, and passes over what is none', async () => {
    const client = await market.connect('/ws/btcusdt@trade/0/btcusdt%40depth');
    client.send({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    expect((await client.next()).result).toEqual(['btcusdt@trade', 'btcusdt@depth']);
    await client.close();
  });

  it('answers params that are no names, and echoes an id of 64 bits with all its digits', async () => {
    const client = await market.connect('/ws');
    client.send('{"method":"SUBSCRIBE","params":[{"toString":1,"id":9007199254740993}],"id":1}');
    expect(await client.next((message) => message.id === 1)).toMatchObject({ error: { code: 2 } });
    client.send('{"method":"LIST_SUBSCRIPTIONS","id":1700000000000000001}');
    await client.next((message) => message.result !== undefined);
    expect(client.texts.at(-1)).toBe('{"result":[],"id":1700000000000000001}');
    await client.close();
  });

  it('outlives a message that is too large', async () => {
    const client = await market.connect('/ws');
    client.send('x'.repeat(64 * 1024 + 1));
    expect(await client.closed).toBe(1009);
    expect((await market.get('ping')).status).toBe(200);
  });

  it('closes a connection that sends more than five messages a second', async () => {
    const client = await market.connect('/ws');
    for (let id = 0; id < 12; id++) client.send({ method: 'LIST_SUBSCRIPTIONS', id });
    expect(await client.closed).toBe(1008);
  });
});

describe('trades', () => {
  it('tells each trade, and the trades of one taker at one price as one aggregate', async () => {
    const client = await market.connect('/stream?streams=btcusdt@trade/btcusdt@aggTrade');
    await market.place('SELL', 5_000_000, 3);
    await market.place('SELL', 5_000_000, 4);
    await market.place('SELL', 5_000_100, 5);
    await market.take('BUY', 5_000_100, 9);
    await client.next((message) => message.data?.e === 'aggTrade' && message.data.p === '50001.000000');
    const data = (e: string) => client.messages.filter((message) => message.data?.e === e);
    expect(data('trade').map(({ data: trade }) => [trade.p, trade.q, trade.m])).toEqual([
      ['50000.000000', '0.00030000', false],
      ['50000.000000', '0.00040000', false],
      ['50001.000000', '0.00020000', false],
    ]);
    expect(data('aggTrade').map(({ data: { p, q, f, l } }) => [p, q, l - f + 1])).toEqual([
      ['50000.000000', '0.00070000', 2],
      ['50001.000000', '0.00020000', 1],
    ]);
    expect(client.messages.map((message) => message.stream)).toContain('btcusdt@trade');
    await client.close();
    await market.take('BUY', 5_000_100, 3);
  });
});

describe('the best bid and ask', () => {
  it('come without an event type or time, and only when they change', async () => {
    const client = await market.connect('/ws/btcusdt@bookTicker');
    const best = await market.place('BUY', 4_000_000, 2);
    await market.place('BUY', 3_000_000, 2);
    await market.cancel(best);
    await client.next((message) => message.b === '30000.000000');
    expect(client.messages.map(({ b, B }) => [b, B])).toEqual([
      ['40000.000000', '0.00020000'],
      ['30000.000000', '0.00020000'],
    ]);
    expect(Object.keys(client.messages[0]).sort()).toEqual(['A', 'B', 'a', 'b', 's', 'u']);
    await client.close();
  });
});

describe('the differences of the book', () => {
  it.each(['btcusdt@depth@100ms', 'btcusdt@depth'])(
    'keep a book by the documented rule equal to the engine’s on %s, across messages that the feed lost',
    async (stream) => {
      const client = await market.connect(`/ws/${stream}`);
      const local = new LocalBook(
        client,
        async () => (await market.get('depth?symbol=BTCUSDT&limit=5000')).json,
      );
      const lastSeq = () => market.engine.matching.lastSeq;
      await tradeAtRandom(300);
      await local.settle(lastSeq());
      market.isFeedLosing = true;
      await tradeAtRandom(50);
      market.isFeedLosing = false;
      await tradeAtRandom(300);
      await local.settle(lastSeq());
      // What the feed lost is made good before clients see it: the first snapshot is enough.
      expect(local.resyncs).toBe(1);
      for (const [index, { U }] of client.messages.entries()) {
        if (index > 0) expect(U).toBe(client.messages[index - 1].u + 1);
      }
      expect(local.levels()).toEqual(await engineLevels());
      await client.close();
    },
    120_000,
  );
});

async function tradeAtRandom(commands: number): Promise<void> {
  const random = seededRandom(commands);
  const below = (limit: number) => Math.floor(random() * limit);
  const open: number[] = [];
  for (let count = 0; count < commands; count++) {
    if (open.length > 0 && random() < 0.3) {
      await market.cancel(open.splice(below(open.length), 1)[0]!);
    } else {
      const side = random() < 0.5 ? 'BUY' : 'SELL';
      open.push(await market.place(side, 4_500_000 + below(200) * 100, 2 + below(20)));
    }
  }
  // The last command changes the book, so that the streams reach its sequence.
  await market.place('BUY', 1_000_000, 2 + below(20));
}

async function engineLevels(): Promise<Record<string, string>> {
  return levelsOf(await market.engine.ask({ type: 'book', market: BTCUSDT, depthMax: 5_000 }));
}
