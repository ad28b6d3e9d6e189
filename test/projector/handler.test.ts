import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Frame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { EventGapError } from '#platform/engine-events.ts';
import { migrate } from '#platform/postgres.ts';
import { fold } from '#services/projector/fold.ts';
import { applyFrames, readPosition } from '#services/projector/handler.ts';
import { keepLedger } from '#services/projector/ledger/keep-ledger.ts';
import { migrations } from '#services/projector/migrations.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { engineRun } from './engine-run.ts';
import { frame, MINUTE_US, opening, order, record, trade } from './events.ts';
import { expectedReadModels, storedReadModels } from './read-models.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
});
afterEach(() => database.drop());

const first = frame(
  1,
  2,
  ...opening(),
  record(1, 10, order({ orderId: 1 })),
  record(2, 20, trade({ tradeId: 1 })),
);
const second = frame(
  3,
  3,
  record(3, 30, trade({ tradeId: 2, price: 80, quantity: 5, quoteQuantity: 400, takerSide: 'SELL' })),
  record(3, 30, order({ orderId: 1, status: 'FILLED', executedQuantity: 15 })),
);

/** Resolves to the backend that waits for another's lock, once one does. */
async function blockedBackend(): Promise<number> {
  for (;;) {
    // Outside of any transaction: within one, PostgreSQL shows the activity of its beginning.
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity
      where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0
    `.execute(database.db);
    if (rows[0] !== undefined) return rows[0].pid;
  }
}

describe('applying frames', () => {
  it('moves the position, also over frames without events', async () => {
    expect(await readPosition(database.db)).toBe(0);
    expect(await applyFrames(database.db, [first, frame(3, 9)])).toBe(9);
    expect(await readPosition(database.db)).toBe(9);
  });

  it('adds to a minute that began in an earlier transaction', async () => {
    await applyFrames(database.db, [first]);
    await applyFrames(database.db, [second]);
    const { candles, orders } = await storedReadModels(database.db);
    expect(candles).toMatchObject([
      { opened_at: 0, open: 100, high: 100, low: 80, close: 80, base_volume: '15', quote_volume: '1400' },
    ]);
    expect(candles).toMatchObject([{ taker_buy_base: '10', first_trade_id: 1, last_trade_id: 2 }]);
    expect(orders).toMatchObject([{ status: 'FILLED', executed_quantity: 15, updated_at: 30 }]);
  });

  it('changes nothing when frames come again, alone or before new ones', async () => {
    await applyFrames(database.db, [first, second]);
    const before = await storedReadModels(database.db);
    expect(await applyFrames(database.db, [first])).toBe(3);
    expect(await applyFrames(database.db, [first, second, second])).toBe(3);
    expect(await storedReadModels(database.db)).toEqual(before);
    expect(await applyFrames(database.db, [second, frame(4, 4)])).toBe(4);
    expect(await storedReadModels(database.db)).toEqual({ ...before, seq: 4 });
  });

  it('takes only what is new from a frame that was cut differently the first time', async () => {
    await applyFrames(database.db, [first]);
    await applyFrames(database.db, [frame(1, 3, ...first.records, ...second.records)]);
    expect(await storedReadModels(database.db)).toEqual(expectedReadModels([first, second]));
  });

  it('refuses a gap and applies nothing, not even what came before it', async () => {
    await applyFrames(database.db, [first]);
    const before = await storedReadModels(database.db);
    await expect(applyFrames(database.db, [second, frame(5, 5)])).rejects.toThrow(EventGapError);
    await expect(applyFrames(database.db, [frame(4, 4)])).rejects.toThrow(
      'the read models end at sequence 2 and the next events begin at 4: those between are missing',
    );
    expect(await storedReadModels(database.db)).toEqual(before);
  });

  it('leaves nothing half done when a statement fails', async () => {
    const changes = fold([record(3, 30, trade({ tradeId: 2 }))]);
    await writeChanges(database.db, { ...changes, candles: [] });
    const before = await storedReadModels(database.db);
    await expect(applyFrames(database.db, [first, second])).rejects.toThrow('duplicate key');
    expect(await storedReadModels(database.db)).toEqual(before);
  });

  it('waits for another projector and then passes over what that one applied', async () => {
    let other: Promise<Seq> | undefined;
    await database.db.transaction().execute(async (transaction) => {
      await transaction.selectFrom('projector.position').selectAll().forUpdate().execute();
      other = applyFrames(database.db, [first, second]);
      await blockedBackend();
      const records = [...first.records, ...second.records];
      await writeChanges(transaction, fold(records));
      await keepLedger(transaction, records);
      await transaction
        .updateTable('projector.position')
        .set({ seq: 3 as Seq })
        .execute();
    });
    expect(await other).toBe(3);
    expect(await storedReadModels(database.db)).toEqual(expectedReadModels([first, second]));
  });

  it('leaves nothing half done when its connection is cut, and can be done again', async () => {
    await database.db.transaction().execute(async (transaction) => {
      await transaction.selectFrom('projector.position').selectAll().forUpdate().execute();
      const cut = expect(applyFrames(database.db, [first, second])).rejects.toThrow(/terminat/);
      await sql`select pg_terminate_backend(${await blockedBackend()}::int)`.execute(database.db);
      await cut;
    });
    expect((await storedReadModels(database.db)).seq).toBe(0);
    expect(await applyFrames(database.db, [first, second])).toBe(3);
    expect(await storedReadModels(database.db)).toEqual(expectedReadModels([first, second]));
  });

  it('keeps volumes beyond 2^53 exact', async () => {
    const most = 2 ** 51;
    const frames = [1, 2, 3, 4, 5].map((seq) => {
      // To and fro: nobody has more.
      const takerSide = seq % 2 === 1 ? 'BUY' : 'SELL';
      const traded = trade({ tradeId: seq, quantity: most, quoteQuantity: most - 1, takerSide });
      return frame(seq + 1, seq + 1, record(seq + 1, MINUTE_US, traded));
    });
    for (const one of [frame(1, 1, ...opening()), ...frames]) await applyFrames(database.db, [one]);
    const { candles } = await storedReadModels(database.db);
    expect(candles).toMatchObject([{ base_volume: '11258999068426240', quote_volume: '11258999068426235' }]);
  });

  it('keeps texts as they are, whatever is in them', async () => {
    const texts = ['', '"quoted"', 'a,b', '{c}', 'back\\slash', 'NULL', "it's", 'ümläut 💱'];
    const records = texts.map((clientOrderId, at) => record(1, 1, order({ orderId: at + 1, clientOrderId })));
    await applyFrames(database.db, [frame(1, 1, ...records)]);
    const { orders } = await storedReadModels(database.db);
    expect(orders.map((row) => row.client_order_id)).toEqual(texts);
  });

  it('writes more rows than one statement takes', async () => {
    const trades = Array.from({ length: 12_001 }, (_, at) => record(1, at, trade({ tradeId: at + 1 })));
    const records = [...opening(1, 0), ...trades];
    await applyFrames(database.db, [frame(1, 1, ...records)]);
    expect(await storedReadModels(database.db)).toEqual(expectedReadModels([frame(1, 1, ...records)]));
  });
});

describe('the read models', () => {
  for (const seed of [1, 2, 3, randomInt(2 ** 31)]) {
    it(`equal a fold of all events, however they are delivered (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const frames = engineRun(random, 2_000);
      let next = 0;
      while (next < frames.length) {
        const from = Math.max(0, next - Math.floor(random() * 4));
        next = Math.min(frames.length, next + Math.floor(random() * 9));
        const delivered: Frame[] = frames.slice(from, next);
        // Half of the deliveries are lost with the reply, and so come twice.
        const seq = await applyFrames(database.db, delivered);
        expect(seq).toBe((frames[next - 1]?.lastSeq ?? 0) as Seq);
        if (random() < 0.5) await applyFrames(database.db, delivered);
      }
      const expected = expectedReadModels(frames);
      expect(expected.trades.length).toBeGreaterThan(50);
      expect(expected.candles.length).toBeGreaterThan(20);
      expect(await storedReadModels(database.db)).toEqual(expected);
    });
  }
});
