import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Seq } from '#domain/ids.ts';
import { migrate } from '#platform/postgres.ts';
import { fold } from '#services/projector/fold.ts';
import { migrations } from '#services/projector/migrations.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { order, record } from './events.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

it('keeps the orders of before the order types, as ones that always worked', async () => {
  const { db } = database;
  const { '0001-read-models': first, '0002-order-types': second } = migrations;
  await migrate(db, 'projector', { '0001-read-models': first! });
  await sql`
    insert into projector.orders values
      (1, 7, 0, 'mine', 'BUY', 'LIMIT', 'GTC', 'NEW', 100, 10, null, 0, 0, 5, 6)
  `.execute(db);
  await migrate(db, 'projector', { '0001-read-models': first!, '0002-order-types': second! });
  expect(await db.selectFrom('projector.orders').selectAll().executeTakeFirst()).toMatchObject({
    order_id: 1,
    client_order_id: 'mine',
    self_trade_prevention: 'NONE',
    prevented_quantity: 0,
    prevented_match_id: null,
    stop_price: null,
    order_list_id: null,
    created_at: 5,
    working_at: 5,
  });
});

it('begins again with the first event when there is a ledger to keep', async () => {
  const { db } = database;
  const { '0003-ledger': ledger, ...before } = migrations;
  await migrate(db, 'projector', before);
  await applyWithoutLedger();
  await migrate(db, 'projector', { ...before, '0003-ledger': ledger! });
  expect(await db.selectFrom('projector.position').selectAll().execute()).toEqual([{ id: 0, seq: 0 }]);
  expect(await db.selectFrom('projector.orders').selectAll().execute()).toEqual([]);
});

/** As a projector of before. */
async function applyWithoutLedger(): Promise<void> {
  await writeChanges(database.db, fold([record(1, 10, order())]));
  await database.db
    .updateTable('projector.position')
    .set({ seq: 1 as Seq })
    .execute();
}
