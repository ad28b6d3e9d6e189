/** Klines as they are served, against the trades that they are made of, however far the table is behind. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Hono } from 'hono';
import { sql } from 'kysely';
import type { FrameRecord } from '#domain/codec.ts';
import type { MarketId } from '#domain/ids.ts';
import { INTERVAL_NAMES } from '#domain/intervals.ts';
import { createLog } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import { endpoint } from '#platform/spot-api/endpoint.ts';
import { RequestWeights } from '#platform/spot-api/limits.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { KlineHistory } from '#services/market-data/kline-history.ts';
import { klines } from '#services/market-data/klines.ts';
import type { MarketDataDeps } from '#services/market-data/use-case.ts';
import { fold } from '#services/projector/fold.ts';
import { migrations } from '#services/projector/migrations.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { engineRun } from '#test/projector/engine-run.ts';
import { record, trade } from '#test/projector/events.ts';
import { scan, TABLES, type TestTables, testTables } from '#test/projector/tables/tables.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const SYMBOL = 'BTCUSDT';
const DAY_MS = 86_400_000;
const ZONES = ['8', '-3:30', '05:45', '5:07'];
const TRADES = 120;

let database: TestDatabase;
let tables: TestTables;
let app: Hono;
let trades: FrameRecord[];

beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
  tables = await testTables();
  const market = { id: 0 as MarketId, symbol: SYMBOL, base: { scale: 0 }, quote: { scale: 0 } };
  const deps = {
    listings: { marketOf: () => market },
    klines: new KlineHistory(database.db, tables.documents, TABLES.marketData),
  } as unknown as MarketDataDeps;
  const weights = new RequestWeights(new ProcessCounters(), 1_000_000);
  const around = { weights, log: createLog('market-data', 'silent'), trustedHops: 0 };
  app = new Hono().get(
    '/klines',
    endpoint(around, 2, (request) => klines(deps, request)),
  );
});
afterAll(async () => {
  await tables.close();
  await database.drop();
});

beforeEach(async () => {
  for (const table of ['trades', 'candles'])
    await sql`delete from ${sql.table(`projector.${table}`)}`.execute(database.db);
  await sql`update projector.position set seq = 0`.execute(database.db);
});

/** Stores trades as the projector does, but for the ledger, which wants to know what traders paid with. */
const store = (records: readonly FrameRecord[]) => writeChanges(database.db, fold(records));

/** In bursts, over three months that end an hour ago. */
function randomTrades(random: () => number): FrameRecord[] {
  let timeMs = Date.now() - 90 * DAY_MS;
  const step = (90 * DAY_MS - 3_600_000) / TRADES;
  return Array.from({ length: TRADES }, (_, at) => {
    timeMs += random() < 0.5 ? Math.floor(random() * 900) : Math.floor(random() * 1.9 * step);
    const price = 100 + Math.floor(random() * 50);
    const quantity = 1 + Math.floor(random() * 9);
    const takerSide = random() < 0.5 ? 'BUY' : 'SELL';
    return record(
      at + 1,
      timeMs * 1_000,
      trade({ tradeId: at + 1, price, quantity, quoteQuantity: price * quantity, takerSide }),
    );
  });
}

async function listed(): Promise<void> {
  const listings = engineRun(seededRandom(1), 30)
    .flatMap(({ records }) => records)
    .filter(({ message }) => message.type === 'assetListed' || message.type === 'marketListed')
    .map((one) => ({
      ...one,
      message:
        one.message.type === 'marketListed' && one.message.market === 0
          ? { ...one.message, symbol: SYMBOL }
          : one.message,
    }));
  await new Tables(tables.documents, TABLES).fold(listings as FrameRecord[]);
}

async function get(query: string): Promise<(string | number)[][]> {
  const response = await app.request(`/klines?symbol=${SYMBOL}&${query}`);
  return (await response.json()) as (string | number)[][];
}

/** A row as it should be, told from the trades that lie between its own two times. */
function expectedRow(row: readonly (string | number)[], closeBefore: number) {
  const [open, , , , , , close] = row as number[];
  const inside = trades.filter(({ timeUs }) => timeUs >= open! * 1_000 && timeUs < (close! + 1) * 1_000);
  const told = inside.map(({ message }) => message as never as Record<string, number>);
  const prices = told.map(({ price }) => price!);
  const sum = (field: string, of = told) => String(of.reduce((total, one) => total + one[field]!, 0));
  const bought = told.filter((one) => (one.takerSide as unknown) === 'BUY');
  const flat = prices.length === 0;
  return [
    open,
    String(flat ? closeBefore : prices[0]),
    String(flat ? closeBefore : Math.max(...prices)),
    String(flat ? closeBefore : Math.min(...prices)),
    String(flat ? closeBefore : prices.at(-1)),
    sum('quantity'),
    close,
    sum('quoteQuantity'),
    told.length,
    sum('quantity', bought),
    sum('quoteQuantity', bought),
    '0',
  ];
}

function expectRecomputed(rows: readonly (string | number)[][]): void {
  const before = trades.filter(({ timeUs }) => timeUs < Number(rows[0]![0]) * 1_000).at(-1);
  let close = (before?.message as { price: number } | undefined)?.price ?? 0;
  for (const [at, row] of rows.entries()) {
    expect(row).toEqual(expectedRow(row, close));
    if (at > 0) expect(row[0]).toBe(Number(rows[at - 1]![6]) + 1);
    close = Number(row[4]);
  }
}

describe('served klines', () => {
  it('equal those recomputed from the trades, of every interval and zone, with the table behind or not', async () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`klines: seed ${seed}\n`);
    const random = seededRandom(seed);
    trades = randomTrades(random);
    await listed();
    await store(trades);
    const table = new Tables(tables.documents, TABLES);
    let inTable = 0;
    for (const upTo of [0, Math.floor(TRADES / 2), TRADES - 2, TRADES]) {
      await table.fold(trades.slice(inTable, upTo));
      inTable = upTo;
      for (const name of INTERVAL_NAMES)
        for (const zone of ['0', ZONES[Math.floor(random() * ZONES.length)]]) {
          // From somewhere near a trade, so that short intervals have some; and without a start, up to now.
          const near = trades[Math.floor(random() * TRADES)]!.timeUs / 1_000 - Math.floor(random() * 5_000);
          const asked = `interval=${name}&timeZone=${zone}&limit=40`;
          expectRecomputed(await get(`${asked}&startTime=${Math.floor(near)}`));
          expectRecomputed(await get(asked));
        }
    }
    const all = await get('interval=1M&startTime=0&limit=1000');
    expect(all.reduce((count, row) => count + Number(row[8]), 0)).toBe(TRADES);
  }, 180_000);

  it('are those of the table alone when it is very far behind', async () => {
    const many = Array.from({ length: 5_001 }, (_, at) =>
      record(at + 1, Date.now() * 1_000 - 60_000_000, trade({ tradeId: TRADES + at + 1 })),
    );
    const [{ last_trade_id: last }] = (await scan(tables.documents, TABLES.marketData)).filter(
      ({ trading_pair, last_trade_id }) => trading_pair === `${SYMBOL}#1M` && last_trade_id === TRADES,
    ) as [{ last_trade_id: number }];
    expect(last).toBe(TRADES);
    await store(many);
    const rows = await get('interval=1M&startTime=0');
    expect(rows.reduce((count, row) => count + Number(row[8]), 0)).toBe(TRADES);
  }, 60_000);
});
