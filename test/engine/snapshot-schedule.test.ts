import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import type { Log } from '#platform/log.ts';
import { deposit } from '#test/support/engine.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

const EVERY = 100;
const closing: (() => Promise<unknown>)[] = [];
let database: TestDatabase;
let directory: string;
let deposits = 0;

beforeEach(async () => {
  database = await testDatabase();
  directory = await mkdtemp(join(tmpdir(), 'crossbook-snapshots-'));
  closing.push(
    () => database.drop(),
    () => rm(directory, { recursive: true }),
  );
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Line {
  readonly msg: string;
  readonly snapshot: number;
  readonly replayed: number;
  readonly seq: number;
}

/** A task, and what it logs. */
async function start() {
  const lines: Line[] = [];
  const note = (fields: object, msg: string) => void lines.push({ ...fields, msg } as Line);
  const log = { info: note, warn: note, error: note, fatal: note, debug: note } as unknown as Log;
  const values = { SNAPSHOT_COMMANDS: EVERY, BLOB_STORE_URL: pathToFileURL(directory).href };
  const engine = await startEngineService(database.url, values, { log });
  let open = true;
  const close = async () => {
    if (open) await engine.close();
    open = false;
  };
  closing.push(close);
  return { ...engine, close, lines, saw: (msg: string) => lines.filter((line) => line.msg === msg) };
}

async function execute(client: EngineClient, count: number): Promise<void> {
  for (let at = 0; at < count; at += 10)
    await Promise.all(Array.from({ length: 10 }, () => client.execute(deposit(1, 1, `${deposits++}`))));
}

const WROTE = 'wrote a snapshot';

it('a standby writes snapshots, and the leader goes on undisturbed', async () => {
  const leader = await start();
  const client = connectEngine(leader.url);
  closing.push(() => client.close());
  await client.ask({ type: 'position' });
  const standby = await start();
  // Not faster than a standby looks.
  for (let count = 0; count < 6 * EVERY; count += 10) {
    await execute(client, 10);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  expect(standby.saw(WROTE).length).toBeGreaterThan(2);
  expect(leader.saw(WROTE)).toEqual([]);
});

it('a leader alone writes one after twice as many commands, under load too; the next start begins with it', async () => {
  const leader = await start();
  const client = connectEngine(leader.url);
  await execute(client, EVERY);
  expect(leader.saw(WROTE)).toEqual([]);
  // Requests without a pause: the engine is always ahead of the journal, and rests for one commit.
  await Promise.all(Array.from({ length: 3_000 }, () => client.execute(deposit(1, 1, `${deposits++}`))));
  await execute(client, 3 * EVERY);
  await until(() => leader.saw(WROTE).length > 0);
  const { records } = await client.ask({ type: 'balances', account: 1 as never });
  await client.close();
  await leader.close();
  const names = await readdir(join(directory, 'snapshots'));
  expect(names.length).toBeGreaterThan(0);
  expect(names.length).toBeLessThanOrEqual(3);

  const next = await start();
  const [rebuilt] = next.saw('the state is rebuilt');
  expect(rebuilt!.snapshot).toBe(Number(names.sort().at(-1)));
  expect(rebuilt!.replayed).toBe(rebuilt!.seq - rebuilt!.snapshot);
  const again = connectEngine(next.url);
  closing.push(() => again.close());
  expect((await again.ask({ type: 'balances', account: 1 as never })).records).toEqual(records);
}, 60_000);
