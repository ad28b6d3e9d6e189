/** A fresh PostgreSQL database for a test. */
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Database } from '#platform/database.ts';
import type { EmbeddedPostgres } from '#platform/embedded-postgres/server.ts';
import { openDatabase } from '#platform/postgres.ts';
import { startTestServer } from './postgres-server.ts';

const CONNECTIONS_MAX = 8;

export interface TestDatabase {
  readonly db: Kysely<Database>;
  readonly url: string;
  /** Closes `db` and removes the database, whoever else is connected. */
  drop(): Promise<void>;
}

/** A server of this test file's own, when the run has none to share; it lives while databases do. */
let own: Promise<EmbeddedPostgres> | undefined;
let databases = 0;

export async function testDatabase(): Promise<TestDatabase> {
  databases++;
  const serverUrl = process.env.TEST_POSTGRES_URL ?? (await ownServerUrl());
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  const db = openDatabase(url.href, { connectionsMax: CONNECTIONS_MAX });
  return {
    db,
    url: url.href,
    drop: async () => {
      await db.destroy();
      await administer(serverUrl, `drop database ${name} with (force)`);
      await release();
    },
  };
}

async function ownServerUrl(): Promise<string> {
  own ??= startTestServer();
  return (await own).url;
}

async function release(): Promise<void> {
  databases--;
  if (databases > 0 || own === undefined) return;
  const server = await own;
  own = undefined;
  await server.stop();
}

async function administer(url: string, statement: string): Promise<void> {
  const db = openDatabase(url, { connectionsMax: 1 });
  await sql.raw(statement).execute(db);
  await db.destroy();
}
