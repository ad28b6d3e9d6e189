/** Everything that the projector keeps, built from the journal, is what it was. */

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { readFrame } from '#domain/codec.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { migrate } from '#platform/postgres.ts';
import { migrations as engineMigrations } from '#services/engine/migrations.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
import { progressLines, readFrom } from '#services/projector/rebuild/command-line.ts';
import { completeTables, RebuildError, rebuild } from '#services/projector/rebuild/rebuild.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { randomSteps, type Step } from '#test/engine/matching/random-commands.ts';
import { startTestEngine, type TestEngine } from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { expectedReadModels, storedReadModels } from './read-models.ts';
import { expectedTables, scan, storedTables, TABLES, type TestTables, testTables } from './tables/tables.ts';

let database: TestDatabase;
let tables: TestTables;
let engine: TestEngine;
let client: EngineClient;
let steps: readonly Step[];

beforeEach(async () => {
  database = await testDatabase();
  tables = await testTables();
  await migrate(database.db, 'engine', engineMigrations);
  await migrate(database.db, 'projector', migrations);
  engine = await startTestEngine(database.db);
  client = connectEngine(engine.url);
  steps = randomSteps(seededRandom(8), 260);
  // Listings, deposits and sessions, one after another.
  for (const { command } of steps.slice(0, 60)) await client.execute(command);
  await trade(60, 200);
});
afterEach(async () => {
  await client.close();
  await engine.close();
  await tables.close();
  await database.drop();
});

async function trade(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 20)
    // Some ask on purpose for what the engine has forgotten.
    await Promise.allSettled(
      steps.slice(at, Math.min(to, at + 20)).map(({ command }) => client.execute(command)),
    );
}

const frames = () => engine.published.map(({ bytes }) => readFrame(bytes));
const stored = async () => ({
  readModels: await storedReadModels(database.db),
  ...(await storedTables(tables.documents)),
});

/** As projector and stream did it, event by event. */
async function live(): Promise<void> {
  const live = new Tables(tables.documents, TABLES);
  for (const frame of frames()) {
    await applyFrames(database.db, [frame]);
    await live.fold(frame.records);
  }
  await live.positions.resume(frames().at(-1)!.lastSeq);
}

function run(from: number, progress: (seq: number, to: number) => void = () => {}) {
  const { db } = database;
  const { documents } = tables;
  return rebuild({ db, documents, tableNames: TABLES, engineUrl: engine.url, from, progress });
}

describe('a rebuild from 0', () => {
  it('makes the models that were there, row by row, whatever has become of them', async () => {
    await live();
    const before = await stored();
    expect(before).toEqual({ readModels: expectedReadModels(frames()), ...expectedTables(frames()) });
    expect(before.readModels.trades.length).toBeGreaterThan(10);
    await sql`update projector.orders set status = 'FILLED', executed_quantity = 1`.execute(database.db);
    await sql`delete from projector.trades where trade_id > 3`.execute(database.db);
    for (const Item of [
      { ...before.klines[0], close: 1 },
      { trading_pair: 'NONE#1m', timestamp: 5 },
    ])
      await tables.documents.send(new PutCommand({ TableName: TABLES.marketData, Item }));

    const told: [number, number][] = [];
    const seq = await run(0, (at, to) => void told.push([at, to]));
    expect(seq).toBe(engine.engine.lastSeq);
    expect(await stored()).toEqual(before);
    expect(told.at(-1)).toEqual([seq, seq]);
  }, 120_000);

  it('lets lanes that had stopped go on from where it ends', async () => {
    await live();
    const { positions } = new Tables(tables.documents, TABLES);
    await positions.stop(4, 'a record could not be read');
    const seq = await run(0);
    expect(await positions.all()).toEqual(Array.from({ length: 16 }, () => ({ through: seq })));
  }, 60_000);
});

describe('a rebuild from a sequence', () => {
  it('adds what is missing after it, and changes nothing else', async () => {
    await live();
    const from = engine.engine.lastSeq;
    await trade(200, 260);
    await run(from);
    expect(await stored()).toEqual({ readModels: expectedReadModels(frames()), ...expectedTables(frames()) });
    const before = await scan(tables.documents, TABLES.marketData);
    await run(from - 50);
    expect(await scan(tables.documents, TABLES.marketData)).toEqual(before);
  }, 60_000);

  it('is refused where something would be missing between', async () => {
    await live();
    await expect(run(engine.engine.lastSeq + 1)).rejects.toThrow(RebuildError);
    await expect(run(engine.engine.lastSeq + 1)).rejects.toThrow(`give ${engine.engine.lastSeq} or less`);
  }, 60_000);
});

it('the tables alone are completed from where the last lane is', async () => {
  await completeTables(new Tables(tables.documents, TABLES), engine.url);
  expect(await storedTables(tables.documents)).toEqual(expectedTables(frames()));
}, 60_000);

describe('the command line', () => {
  it('wants a sequence', () => {
    expect(readFrom('0')).toBe(0);
    expect(readFrom('12345')).toBe(12_345);
    for (const wrong of [undefined, '', '-1', 'all', '1.5'])
      expect(() => readFrom(wrong)).toThrow('--from: must be a sequence, 0 or above');
  });

  it('tells how far it is now and then, and at the end', () => {
    const lines: string[] = [];
    const progress = progressLines((line) => lines.push(line), 1_000_000);
    for (let seq = 1_000; seq <= 4_000; seq += 1_000) progress(seq, 4_000);
    expect(lines).toEqual([
      expect.stringMatching(/^1,000 of 4,000 commands \(25 %\), 0 a second$/),
      expect.stringMatching(/^4,000 of 4,000 commands \(100 %\), [\d,]+ a second$/),
    ]);
  });
});
