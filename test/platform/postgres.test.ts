import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { MigrationError, migrate } from '#platform/postgres.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

describe('openDatabase', () => {
  it('reads int8 as an exact number and numeric as a text', async () => {
    const { rows } = await sql`
      select 9007199254740991::int8 as whole, 1e30::numeric as large
    `.execute(database.db);
    expect(rows).toEqual([{ whole: 9007199254740991, large: '1000000000000000000000000000000' }]);
  });

  it('refuses an int8 that a number cannot hold exactly', async () => {
    await expect(sql`select 9007199254740993::int8 as whole`.execute(database.db)).rejects.toThrow(
      'int8 beyond 2^53 from PostgreSQL: 9007199254740993',
    );
  });

  it('outlives the loss of an idle connection', async () => {
    await sql`select 1`.execute(database.db);
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
    `.execute(database.db);
    const { rows } = await sql`select 1 as alive`.execute(database.db);
    expect(rows).toEqual([{ alive: 1 }]);
  });
});

describe('migrate', () => {
  const first = {
    up: async (db: typeof database.db) => {
      await sql`create table counted.first (id int)`.execute(db);
    },
  };

  it('runs what the schema has not seen, once, also when processes start together', async () => {
    const migrations = { '0001-first': first };
    await Promise.all([
      migrate(database.db, 'counted', migrations),
      migrate(database.db, 'counted', migrations),
      migrate(database.db, 'counted', migrations),
    ]);
    const { rows } = await sql`select name from counted.kysely_migration`.execute(database.db);
    expect(rows).toEqual([{ name: '0001-first' }]);
  });

  it('names the migration that failed and leaves the schema as it was', async () => {
    const migrations = {
      '0001-first': first,
      '0002-broken': {
        up: async (db: typeof database.db) => {
          await sql`create table counted.second (id int)`.execute(db);
          await sql`create table counted.first (id int)`.execute(db);
        },
      },
    };
    await expect(migrate(database.db, 'counted', migrations)).rejects.toThrow(MigrationError);
    await expect(migrate(database.db, 'counted', migrations)).rejects.toThrow(
      'migration 0002-broken of schema counted failed: relation "first" already exists',
    );
    const { rows } = await sql`select to_regclass('counted.second') as second`.execute(database.db);
    expect(rows).toEqual([{ second: null }]);
  });
});
