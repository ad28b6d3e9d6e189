import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { readFrame } from '#domain/codec.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { createLog, type Log } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import { migrations as engineMigrations } from '#services/engine/migrations.ts';
import { startProjector } from '#services/projector/service.ts';
import { randomSteps, type Step } from '#test/engine/matching/random-commands.ts';
import { startTestEngine, type TestEngine } from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { until } from '#test/support/until.ts';
import { expectedReadModels, storedReadModels } from './read-models.ts';

let database: TestDatabase;
let engine: TestEngine;
let client: EngineClient;
const closing: (() => Promise<unknown>)[] = [];
let steps: Iterator<Step>;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'engine', engineMigrations);
  engine = await startTestEngine(database.db);
  client = connectEngine(engine.url);
  closing.push(engine.close, () => client.close());
  steps = randomSteps(seededRandom(20), 1_000)[Symbol.iterator]();
  // Listings, deposits and sessions, one after another.
  for (let step = 0; step < 60; step++) await client.execute(steps.next().value.command);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await database.drop();
});

async function start(url = engine.url, log: Log = createLog('projector', 'silent')) {
  const values = { PORT: 0, ENGINE_URL: url, DATABASE_URL: `${database.url}?application_name=projector` };
  const projector = await startProjector(values, { log });
  closing.push(projector.close);
  return projector;
}

/** Many commands at once, so that frames wait for one another. */
async function trade(commands: number): Promise<void> {
  const next = () => client.execute(steps.next().value.command);
  await Promise.all(Array.from({ length: commands }, next));
}

async function caughtUp(): Promise<void> {
  let seq = -1;
  const poll = setInterval(async () => {
    seq = (await database.db.selectFrom('projector.position').select('seq').executeTakeFirst())?.seq ?? -1;
  }, 20);
  await until(() => seq === engine.engine.lastSeq).finally(() => clearInterval(poll));
}

async function expectFoldOfAll(): Promise<void> {
  const frames = engine.published.map(({ bytes }) => readFrame(bytes));
  const expected = expectedReadModels(frames);
  expect(expected.trades.length).toBeGreaterThan(10);
  expect(await storedReadModels(database.db)).toEqual(expected);
}

describe('the projector', () => {
  it('takes in what was committed before it started, and then what comes', async () => {
    await trade(150);
    const projector = await start();
    await caughtUp();
    await trade(150);
    await caughtUp();
    await expectFoldOfAll();
    expect(projector.healthy()).toBe(true);
  });

  it('resumes where it was stopped, in the midst of everything', async () => {
    for (let restarts = 0; restarts < 4; restarts++) {
      const projector = await start();
      await trade(80);
      await projector.close();
    }
    await start();
    await caughtUp();
    await expectFoldOfAll();
  });

  it('goes on after its connection to PostgreSQL was cut', async () => {
    const projector = await start();
    await trade(100);
    await caughtUp();
    const trading = trade(200);
    await cutConnections();
    await trading;
    await caughtUp();
    await expectFoldOfAll();
    await until(projector.healthy);
  });

  it('stops for good, and says why, when the engine’s history is not the one it followed', async () => {
    const first = await start();
    await trade(20);
    await caughtUp();
    await first.close();
    const before = await storedReadModels(database.db);
    const other = await testDatabase();
    await migrate(other.db, 'engine', engineMigrations);
    const young = await startTestEngine(other.db);
    closing.push(() => other.drop(), young.close);
    const fatal: string[] = [];
    const log = {
      ...createLog('projector', 'silent'),
      fatal: ({ err }: { err: Error }) => fatal.push(err.message),
    };
    const projector = await start(young.url, log as unknown as Log);
    await until(() => fatal.length > 0);
    expect(fatal).toEqual([expect.stringContaining(String(before.seq))]);
    expect(projector.healthy()).toBe(false);
    expect(await storedReadModels(database.db)).toEqual(before);
  });

  it('starts while the engine is away', async () => {
    const projector = await start('ws://127.0.0.1:1');
    expect((await storedReadModels(database.db)).seq).toBe(0);
    await projector.close();
  });
});

/** As PostgreSQL does when it restarts, and to the projector alone. */
async function cutConnections(): Promise<void> {
  const { rows } = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'projector'
  `.execute(database.db);
  expect(rows.length).toBe(1);
}
