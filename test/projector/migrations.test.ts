import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { migrate } from '#platform/postgres.ts';
import { migrations } from '#services/projector/migrations.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

it('keeps the orders of before the order types, as ones that always worked', async () => {
  const { db } = database;
  const { '0001-read-models': first } = migrations;
  await migrate(db, 'projector', { '0001-read-models': first! });
  await sql`
    insert into projector.orders values
      (1, 7, 0, 'mine', 'BUY', 'LIMIT', 'GTC', 'NEW', 100, 10, null, 0, 0, 5, 6)
  `.execute(db);
  await migrate(db, 'projector', migrations);
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
