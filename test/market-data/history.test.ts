/** History over rows at times that the test chooses. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, MarketId, OrderId, Price, Seq, TimeUs, TradeId, Units } from '#domain/ids.ts';
import { migrate } from '#platform/postgres.ts';
import { History } from '#services/market-data/history.ts';
import { fold } from '#services/projector/fold.ts';
import { migrations } from '#services/projector/migrations.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const BTCUSDT = 0 as MarketId;
const SOLUSDT = 2 as MarketId;
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
