/** History over rows at times that the test chooses. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, MarketId, OrderId, Price, TimeUs, TradeId, Units } from '#domain/ids.ts';
import { migrate } from '#platform/postgres.ts';
import { History } from '#services/market-data/history.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
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

/** Stores a trade as the projector does. */
async function store(timeUs: number, message: EventOf<'trade'>): Promise<void> {
  await applyFrames(database.db, [frame(++seq, timeUs, message)]);
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
