/** Recent trading over stored trades and a feed, at times that the test chooses. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Candle, tradesIn } from '#domain/candles.ts';
import type { Frame } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, MarketId, OrderId, Price, TimeUs, TradeId, Units } from '#domain/ids.ts';
import { HOUR_US, MINUTE_US, SECOND_US } from '#domain/intervals.ts';
import { createLog } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { FrameListener } from '#services/market-data/books.ts';
import { History } from '#services/market-data/history.ts';
import { RecentTrading } from '#services/market-data/recent-trading.ts';
import { anyWindow, recentWindow, windowOpen } from '#services/market-data/windows.ts';
import { fold } from '#services/projector/fold.ts';
import { migrations } from '#services/projector/migrations.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

const BTCUSDT = 0 as MarketId;
const log = createLog('market-data', 'silent');

let database: TestDatabase;
let seq = 0;
let tell: FrameListener;
const opened: RecentTrading[] = [];

beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
});
afterAll(async () => {
  for (const recent of opened) recent.close();
  await database.drop();
});

beforeEach(async () => {
  seq = 0;
  for (const table of ['trades', 'candles'])
    await sql`delete from ${sql.table(`projector.${table}`)}`.execute(database.db);
});

function trade(tradeId: number, price: number): EventOf<'trade'> {
  return {
    type: 'trade',
    market: BTCUSDT,
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

const frame = (at: number, timeUs: number, message: EventOf<'trade'>): Frame => ({
  firstSeq: at,
  lastSeq: at,
  records: [{ id: at, timeUs, message }],
});

/** Stores a trade as the projector does, but for the ledger, which wants to know what traders paid with. */
async function store(timeUs: number, message: EventOf<'trade'>): Promise<void> {
  await writeChanges(database.db, fold(frame(++seq, timeUs, message).records));
}

/** The feed tells of a trade. */
const hear = (timeUs: number, message: EventOf<'trade'>) => tell(frame(message.tradeId, timeUs, message));

async function open(): Promise<RecentTrading> {
  const books = {
    onFrame: (listener: FrameListener) => {
      tell = listener;
    },
  };
  const listings = { markets: [{ id: BTCUSDT } as Market] };
  const recent = await RecentTrading.open({ books, stored: new History(database.db), listings, log });
  opened.push(recent);
  return recent;
}

/** With the number of its trades. */
const counted = (candle: Candle) => ({ ...candle, trades: tradesIn(candle) });
const nowUs = () => Date.now() * 1_000;

describe('the last trade', () => {
  it('is the feed’s while the tables lag behind it', async () => {
    await store(nowUs() - MINUTE_US, trade(1, 100));
    const recent = await open();
    hear(nowUs(), trade(2, 102));
    expect(recent.lastTrade(BTCUSDT)).toMatchObject({ tradeId: 2, price: 102 });
  });

  it('is not an older one that the feed tells again', async () => {
    await store(nowUs() - MINUTE_US, trade(1, 100));
    await store(nowUs(), trade(2, 102));
    const recent = await open();
    hear(nowUs() - MINUTE_US, trade(1, 100));
    expect(recent.lastTrade(BTCUSDT)).toMatchObject({ tradeId: 2, price: 102 });
    expect(tradesIn(recent.between(BTCUSDT, windowOpen(nowUs(), HOUR_US))!)).toBe(2);
  });
});

describe('trades that were missed', () => {
  it('are loaded once the projector has stored them, and counted once', async () => {
    const at = nowUs();
    await store(at, trade(1, 100));
    const recent = await open();
    hear(at + 2, trade(3, 103));
    expect(recent.isComplete(BTCUSDT)).toBe(false);
    await store(at + 1, trade(2, 90));
    hear(at + 3, trade(4, 104));
    await until(() => recent.isComplete(BTCUSDT));
    expect(recent.lastTrade(BTCUSDT)).toMatchObject({ tradeId: 4, price: 104 });
    const window = recent.between(BTCUSDT, windowOpen(at, HOUR_US));
    expect(counted(window!)).toMatchObject({ trades: 4, open: 100, low: 90, close: 104, baseVolume: 40n });
  });
});

describe('a window', () => {
  it('of a day leaves out what is older, and knows the price before it', async () => {
    const now = nowUs();
    await store(now - 25 * HOUR_US, trade(1, 500));
    await store(now - 23 * HOUR_US, trade(2, 90));
    await store(now - HOUR_US, trade(3, 120));
    const recent = await open();
    const from = windowOpen(now, 24 * HOUR_US);
    expect(recentWindow(recent, BTCUSDT, from)).toMatchObject({
      open: 90,
      high: 120,
      low: 90,
      close: 120,
      baseVolume: 20n,
      quoteVolume: 2_100n,
      firstTradeId: 2,
      lastTradeId: 3,
    });
    hear(nowUs(), trade(4, 80));
    expect(counted(recentWindow(recent, BTCUSDT, from))).toMatchObject({ low: 80, close: 80, trades: 3 });
  });

  it('without a trade stays at the last price, however long ago', async () => {
    await store(nowUs() - 40 * 24 * HOUR_US, trade(7, 55));
    const recent = await open();
    const from = windowOpen(nowUs(), HOUR_US);
    expect(counted(recentWindow(recent, BTCUSDT, from))).toMatchObject({ open: 55, close: 55, trades: 0 });
    hear(nowUs(), trade(8, 56));
    expect(counted(recentWindow(recent, BTCUSDT, from))).toMatchObject({
      close: 56,
      trades: 1,
      firstTradeId: 8,
    });
  });

  it('of a week has every trade since its first minute, and none before', async () => {
    const now = nowUs();
    const from = windowOpen(now, 7 * 24 * HOUR_US);
    await store(from - SECOND_US, trade(1, 500));
    await store(from, trade(2, 100));
    await store(now - 2 * 24 * HOUR_US, trade(3, 130));
    const recent = await open();
    hear(nowUs(), trade(4, 120));
    const window = await anyWindow(new History(database.db), recent, BTCUSDT, from as TimeUs);
    expect(counted(window)).toMatchObject({
      open: 100,
      high: 130,
      low: 100,
      close: 120,
      trades: 3,
      firstTradeId: 2,
    });
  });
});
