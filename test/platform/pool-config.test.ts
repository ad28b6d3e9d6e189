/** A stand-in for AWS Secrets Manager answers over HTTP; PostgreSQL and the client of AWS are real. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { poolConfig } from '#platform/pool-config.ts';
import { openDatabase } from '#platform/postgres.ts';
import { secretPassword } from '#platform/secret-password.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const variables = [
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
];
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
let database: TestDatabase;
let manager: Server;
/** What it answers, and which secrets it was asked for. */
let stored: string;
let asked: string[];

beforeAll(async () => {
  database = await testDatabase();
  manager = createServer(async (request, response) => {
    const { SecretId } = (await json(request)) as { SecretId: string };
    asked.push(SecretId);
    response.setHeader('Content-Type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ SecretString: stored }));
  });
  await new Promise<void>((resolve) => manager.listen(0, '127.0.0.1', resolve));
  const { port } = manager.address() as AddressInfo;
  const values = [`http://127.0.0.1:${port}`, 'eu-central-1', 'test', 'test'];
  for (const [index, name] of variables.entries()) process.env[name] = values[index];
});

afterAll(async () => {
  for (const name of variables) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  manager.close();
  manager.closeAllConnections();
  await database.drop();
});

beforeEach(() => {
  asked = [];
  stored = JSON.stringify({ username: 'crossbook', password: new URL(database.url).password });
});

/** The database's URL, its password left to a secret. */
function withSecret(): string {
  const url = new URL(database.url);
  url.password = '';
  url.searchParams.set('password_secret', 'crossbook/prod/database');
  return url.href;
}

describe('a database whose password is a secret', () => {
  it('is entered with it, and it is asked for again by each new connection', async () => {
    const db = openDatabase(withSecret(), { connectionsMax: 2 });
    await Promise.all([sql`select pg_sleep(0.05)`.execute(db), sql`select pg_sleep(0.05)`.execute(db)]);
    await sql`select 1`.execute(db);
    await db.destroy();
    expect(asked).toEqual(['crossbook/prod/database', 'crossbook/prod/database']);
  });

  it('is not entered with one that is out of date, and is once it has been rotated', async () => {
    const current = stored;
    stored = JSON.stringify({ password: 'out of date' });
    const db = openDatabase(withSecret(), { connectionsMax: 1 });
    await expect(sql`select 1`.execute(db)).rejects.toThrow('password authentication failed');
    stored = current;
    await sql`select 1`.execute(db);
    await db.destroy();
  });

  it.each(['', 'hunter2', '{"password": ""}', '{"pass": "hunter2"}'])(
    'is not entered when the secret is %p, which is not shown',
    async (text) => {
      stored = text;
      await expect(secretPassword('crossbook/prod/database')()).rejects.toThrow(
        'the secret crossbook/prod/database must be {"password": "…"}',
      );
    },
  );

  it('must prove to be Amazon RDS where the URL wants TLS', () => {
    const url = 'postgres://crossbook@db:5432/crossbook?sslmode=verify-full&password_secret=x';
    const { ssl } = poolConfig(url);
    expect(ssl).toEqual({ ca: expect.arrayContaining([expect.stringContaining('BEGIN CERTIFICATE')]) });
  });
});
