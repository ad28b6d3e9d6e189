import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createLog } from '#platform/log.ts';
import { listenTo, type Notifications } from '#platform/postgres-notifications.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

let database: TestDatabase;
let notifications: Notifications;
let connected = 0;
const heard: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const onConnected = () => {
    connected++;
  };
  const onNotification = (payload: string) => void heard.push(payload);
  const log = createLog('test', 'silent');
  notifications = listenTo(database.url, 'A "channel"', { onConnected, onNotification }, log);
  await until(() => connected === 1);
});
afterAll(async () => {
  await notifications?.close();
  await database?.drop();
});

const say = (payload: string) => sql`select pg_notify('A "channel"', ${payload})`.execute(database.db);

it('hears what is said on its channel, when it is committed', async () => {
  await database.db
    .transaction()
    .execute(async (transaction) => {
      await sql`select pg_notify('A "channel"', 'rolled back')`.execute(transaction);
      throw new Error('roll back');
    })
    .catch(() => {});
  await sql`select pg_notify('another', 'elsewhere')`.execute(database.db);
  await say('first');
  await until(() => heard.length > 0);
  expect(heard).toEqual(['first']);
});

it('connects again after the connection was lost, says so, and hears on', async () => {
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen%'
  `.execute(database.db);
  await until(() => connected === 2);
  await say('second');
  await until(() => heard.length > 1);
  expect(heard).toEqual(['first', 'second']);
});

it('stops at once when it is closed, whether it is connected or not', async () => {
  await notifications.close();
  await notifications.close();
  const log = createLog('test', 'silent');
  const nowhere = listenTo(
    'postgres://127.0.0.1:1/none',
    'x',
    { onConnected: () => {}, onNotification: () => {} },
    log,
  );
  await nowhere.close();
  // At any moment of connecting.
  for (let delayMs = 0; delayMs < 20; delayMs += 2) {
    const early = listenTo(database.url, 'x', { onConnected: () => {}, onNotification: () => {} }, log);
    await sleep(delayMs);
    await early.close();
  }
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen%'
  `.execute(database.db);
  expect(rows).toEqual([]);
});
