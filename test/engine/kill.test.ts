import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { listings } from '#environments/markets.ts';
import { connectEngine, EngineUnavailable } from '#platform/engine-client.ts';
import { readBatches } from '#services/engine/journal.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { replay } from '#services/engine/replay.ts';
import { newOrder } from '#test/support/commands.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const KILLS = 8;
const CLIENTS = 32;
const PORT_LINE = /"port":(\d+)/;
const main = new URL('../../services/engine/main.ts', import.meta.url).pathname;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** The engine as a process of its own; resolves when it is ready. */
async function startProcess(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: database.url,
      MARKETS: JSON.stringify(listings),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = PORT_LINE.exec(line)?.[1];
    if (port !== undefined) return { child, url: `ws://127.0.0.1:${port}` };
  }
  throw new Error('the engine ended before it was ready');
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** Kills the engine while a commit is under way, and the commit with it. */
async function killInCommit(child: ChildProcess): Promise<void> {
  await database.db.transaction().execute(async (transaction) => {
    await sql`select from engine.head for update`.execute(transaction);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await kill(child);
    await sql`
      select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
    `.execute(transaction);
  });
}

/** Numbered, so that each can be found in the journal: deposits, and orders that cross each other. */
function numbered(number: number): Command {
  const account = (1 + (number % 7)) as AccountId;
  if (number % 3 === 0) {
    const asset = (number % 2) as AssetId;
    return { type: 'deposit', account, asset, amount: 1_000_000_000 as Units, reference: `n${number}` };
  }
  return newOrder({
    account,
    side: number % 2 === 0 ? 'BUY' : 'SELL',
    price: 90_000_000 + (number % 5) * 10_000,
    quantity: 20_000_000,
    clientOrderId: `n${number}`,
  });
}

function numberOf(command: Command): string | undefined {
  if (command.type === 'deposit') return command.reference;
  return command.type === 'place' ? command.clientOrderId : undefined;
}

describe('kill -9', () => {
  it('at any moment loses no acknowledged command, doubles none, and keeps its outcome', async () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`kill -9: ${KILLS} runs with seed ${seed}\n`);
    const random = seededRandom(seed);
    const acknowledged = new Map<string, { seq: number; rejection: string | null }>();
    let sent = 0;
    for (let run = 0; run < KILLS; run++) {
      const { child, url } = await startProcess();
      const client = connectEngine(url, { connectTimeoutMs: 100 });
      let down = false;
      const streams = Array.from({ length: CLIENTS }, async () => {
        while (!down) {
          const number = sent++;
          try {
            const { seq, rejection } = await client.execute(numbered(number));
            acknowledged.set(`n${number}`, { seq, rejection });
          } catch (error) {
            if (!(error instanceof EngineUnavailable)) throw error;
            down = true;
          }
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 30 + random() * 250));
      if (run % 2 === 0) await kill(child);
      else await killInCommit(child);
      await Promise.all(streams);
      await client.close();
    }
    await checkJournal(acknowledged);
    process.stdout.write(`kill -9: ${acknowledged.size} of ${sent} commands were acknowledged\n`);
    expect(acknowledged.size).toBeGreaterThan(KILLS);
  }, 60_000);
});

async function checkJournal(acknowledged: ReadonlyMap<string, { seq: number; rejection: string | null }>) {
  const found = new Map<string, number>();
  let doubled = 0;
  for await (const { commands } of readBatches(database.db, 0)) {
    for (const { id, message } of readFrame(commands).records) {
      const number = numberOf(message as Command);
      if (number === undefined) continue;
      if (found.has(number)) doubled++;
      found.set(number, id);
    }
  }
  expect(doubled).toBe(0);
  const lost = [...acknowledged].filter(([number, { seq }]) => found.get(number) !== seq);
  expect(lost).toEqual([]);
  const engine = new MatchingEngine();
  const accepted = new Set<number>();
  for await (const { events } of replay(database.db, engine)) {
    for (const { id } of readFrame(events.bytes).records) accepted.add(id);
  }
  engine.checkInvariants();
  const changed = [...acknowledged.values()].filter(
    ({ seq, rejection }) => accepted.has(seq) !== (rejection === null),
  );
  expect(changed).toEqual([]);
}
