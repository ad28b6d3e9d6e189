/** History over rows at times that the test chooses. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, MarketId, OrderId, Price, Seq, TimeUs, TradeId, Units } from '#domain/ids.ts';
import { migrate } from '#platform/postgres.ts';
import { History } from '#services/market-data/history.ts';
import { intervalOf } from '#services/market-data/intervals.ts';
import { fold } from '#services/projector/fold.ts';
import { migrations } from '#services/projector/migrations.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const BTCUSDT = 0 as MarketId;
const SOLUSDT = 2 as MarketId;
const SECOND_US = 1_000_000;
const us = (iso: string) => (Date.parse(iso) * 1_000) as TimeUs;

let database: TestDatabase;
let seq = 0;

beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
});

afterAll(() => database.drop());

beforeEach(async () => {
  seq = 0;
  for (const table of ['trades', 'candles']) {
    await sql`delete from ${sql.table(`projector.${table}`)}`.execute(database.db);
  }
  await sql`update projector.position set seq = 0`.execute(database.db);
});

function trade(market: MarketId, tradeId: number, price: number): EventOf<'trade'> {
  return {
    type: 'trade',
    market,
    tradeId: tradeId as TradeId,
    aggregateId: tradeId as never,
    price: price as Price,
    quantity: 10 as Units,
    quoteQuantity: (price * 10) as Units,
    takerSide: 'BUY',
    makerOrderId: 1 as OrderId,
    takerOrderId: 2 as OrderId,
    makerAccount: 1 as AccountId,
    takerAccount: 2 as AccountId,
    makerFee: 0 as Units,
    takerFee: 0 as Units,
  };
}

function frame(at: number, timeUs: number, message: EventOf<'trade'>) {
  return { firstSeq: at, lastSeq: at, records: [{ id: at, timeUs, message }] };
}

/** Stores a trade as the projector does, but for the ledger, which wants to know what traders paid with. */
async function store(timeUs: number, message: EventOf<'trade'>): Promise<void> {
  await writeChanges(database.db, fold(frame(++seq, timeUs, message).records));
  await database.db
    .updateTable('projector.position')
    .set({ seq: seq as Seq })
    .execute();
}

describe('the last trade', () => {
  it('is known of every market from the tables, without a word from the feed', async () => {
    const at = us('2026-03-04T05:06:07Z');
    await store(at, trade(BTCUSDT, 1, 100));
    await store(at, trade(BTCUSDT, 2, 101));
    await store(at, trade(SOLUSDT, 1, 7));
    const history = new History(database.db);
    await history.refresh();
    expect(history.lastTrade(BTCUSDT)).toEqual({ tradeId: 2, price: 101, quantity: 10 });
    expect(history.lastTrade(SOLUSDT)).toEqual({ tradeId: 1, price: 7, quantity: 10 });
    expect(history.lastTrade(1 as MarketId)).toBeUndefined();
  });

  it('is the feed’s while the tables lag behind it', async () => {
    const at = us('2026-03-04T05:06:07Z');
    await store(at, trade(BTCUSDT, 1, 100));
    const history = new History(database.db);
    history.take(frame(9, at, trade(BTCUSDT, 2, 102)));
    await history.refresh();
    expect(history.lastTrade(BTCUSDT)).toMatchObject({ tradeId: 2, price: 102 });
  });

  it('is the tables’ when the feed lost it', async () => {
    const at = us('2026-03-04T05:06:07Z');
    const history = new History(database.db);
    history.take(frame(9, at, trade(BTCUSDT, 1, 100)));
    await store(at, trade(BTCUSDT, 1, 100));
    await store(at, trade(BTCUSDT, 2, 103));
    await history.refresh();
    expect(history.lastTrade(BTCUSDT)).toMatchObject({ tradeId: 2, price: 103 });
  });
});

describe('the last 24 hours', () => {
  it('leave out what is older, and sum up the rest', async () => {
    const now = Date.now() * 1_000;
    await store(now - 25 * 3_600 * SECOND_US, trade(BTCUSDT, 1, 500));
    await store(now - 23 * 3_600 * SECOND_US, trade(BTCUSDT, 2, 90));
    await store(now - 3_600 * SECOND_US, trade(BTCUSDT, 3, 120));
    const history = new History(database.db);
    await history.refresh();
    expect(history.day(BTCUSDT)).toMatchObject({
      open: 90,
      high: 120,
      low: 90,
      close: 120,
      baseVolume: 20n,
      quoteVolume: 2_100n,
      firstTradeId: 2,
      lastTradeId: 3,
    });
    expect(history.day(SOLUSDT)).toBeUndefined();
  });
});

describe('candles', () => {
  it('of a second know the close of the second before, within the same minute', async () => {
    const at = us('2026-03-04T05:06:07Z');
    await store(at, trade(BTCUSDT, 1, 100));
    await store(at, trade(BTCUSDT, 2, 99));
    const [from, to] = [at + SECOND_US, at + 5 * SECOND_US] as [TimeUs, TimeUs];
    const history = new History(database.db);
    const { byOpen, closeBefore } = await history.candles(BTCUSDT, intervalOf('1s', 0)!, from, to);
    expect(byOpen.size).toBe(0);
    expect(closeBefore).toBe(99);
  });

  it('fold minutes into longer intervals, a month from its days', async () => {
    await store(us('2026-02-28T23:59:30Z'), trade(BTCUSDT, 1, 100));
    await store(us('2026-03-01T00:00:30Z'), trade(BTCUSDT, 2, 110));
    await store(us('2026-03-17T12:00:00Z'), trade(BTCUSDT, 3, 90));
    const [from, to] = [us('2026-02-01T00:00:00Z'), us('2026-04-01T00:00:00Z')];
    const history = new History(database.db);
    const { byOpen, closeBefore } = await history.candles(BTCUSDT, intervalOf('1M', 0)!, from, to);
    const told = [...byOpen].map(([open, { open: first, high, low, close, trades }]) => [
      new Date(open / 1_000).toISOString().slice(0, 10),
      first,
      high,
      low,
      close,
      trades,
    ]);
    expect(told).toEqual([
      ['2026-02-01', 100, 100, 100, 100, 1],
      ['2026-03-01', 110, 110, 90, 90, 2],
    ]);
    expect(closeBefore).toBeUndefined();
  });

  it('begin where the market did', async () => {
    const at = us('2026-03-04T05:06:07Z');
    await store(at, trade(SOLUSDT, 1, 7));
    await store(at + 60 * SECOND_US, trade(SOLUSDT, 2, 8));
    const history = new History(database.db);
    expect(await history.firstTradeAt(SOLUSDT)).toBe(at);
    expect(await history.firstTradeAt(BTCUSDT)).toBeUndefined();
  });
});
