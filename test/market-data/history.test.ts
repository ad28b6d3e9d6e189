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

it('knows the last trade of every market', async () => {
  const at = us('2026-03-04T05:06:07Z');
  await store(at, trade(BTCUSDT, 1, 100));
  await store(at + 1, trade(BTCUSDT, 2, 101));
  await store(at, trade(SOLUSDT, 1, 7));
  const history = new History(database.db);
  expect(await history.lastTrade(BTCUSDT)).toEqual({
    tradeId: 2,
    price: 101,
    quantity: 10,
    tradedAt: at + 1,
  });
  expect(await history.lastTrade(SOLUSDT)).toMatchObject({ tradeId: 1, price: 7 });
  expect(await history.lastTrade(1 as MarketId)).toBeUndefined();
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
