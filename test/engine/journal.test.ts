import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { connectEngine } from '#platform/engine-client.ts';
import { migrate } from '#platform/postgres.ts';
import { type Batch, Journal, LeadershipLost, readBatches } from '#services/engine/journal.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { migrations } from '#services/engine/migrations.ts';
import { checkEnd, JournalError, NOTHING_REPLAYED, type Replayed, replay } from '#services/engine/replay.ts';
import { deposit, listCoin, startTestEngine } from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'engine', migrations);
});
afterEach(() => database.drop());

function batch(firstSeq: number, lastSeq = firstSeq): Batch {
  return { firstSeq, lastSeq, commands: new Uint8Array([firstSeq]), digest: new Uint8Array([lastSeq]) };
}

async function journalled(after = 0): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const found of readBatches(database.db, after)) batches.push(found);
  return batches;
}

describe('append', () => {
  it('keeps batches in order and without a gap', async () => {
    const journal = await Journal.takeOver(database.db);
    for (let seq = 1; seq <= 200; seq += 2) await journal.append(batch(seq, seq + 1));
    const rows = await journalled();
    expect(rows.map(({ firstSeq }) => firstSeq)).toEqual(Array.from({ length: 100 }, (_, at) => 1 + 2 * at));
    expect(await journalled(196)).toHaveLength(2);
  });

  it('is refused once another engine has taken over, and changes nothing', async () => {
    const old = await Journal.takeOver(database.db);
    await old.append(batch(1));
    const next = await Journal.takeOver(database.db);
    await expect(old.append(batch(2))).rejects.toThrow(LeadershipLost);
    expect(next.end).toMatchObject({ lastSeq: 1 });
    await next.append(batch(2));
    await expect(old.append(batch(2))).rejects.toThrow(LeadershipLost);
    expect(await journalled()).toHaveLength(2);
  });

  it('lets one of two racing engines through: nothing doubled, no acknowledged batch lost', async () => {
    const acknowledged: string[] = [];
    const lead = async (name: number): Promise<void> => {
      for (let terms = 0; terms < 20; terms++) {
        const journal = await Journal.takeOver(database.db);
        try {
          for (let count = 0; count < 10; count++) {
            const seq = journal.end.lastSeq + 1;
            await journal.append({ ...batch(seq), commands: new Uint8Array([name, terms, count]) });
            acknowledged.push(`${seq}: ${name} ${terms} ${count}`);
          }
        } catch (error) {
          if (!(error instanceof LeadershipLost)) throw error;
        }
      }
    };
    await Promise.all([lead(1), lead(2)]);
    const rows = await journalled();
    expect(rows.map(({ firstSeq, commands }) => `${firstSeq}: ${commands.join(' ')}`)).toEqual(
      acknowledged.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10)),
    );
  });

  it('waits in a takeover for the commit under way, and continues after it', async () => {
    const old = await Journal.takeOver(database.db);
    const [, next] = await Promise.all([old.append(batch(1)), Journal.takeOver(database.db)]);
    expect(next.end.lastSeq).toBe(1);
  });
});

describe('replay', () => {
  /** A journal of some hundred commands in several batches, refusals among them; returns the state's digest. */
  async function writeHistory(): Promise<string> {
    const engine = await startTestEngine(database.db, { batchCommandsMax: 32 });
    const client = connectEngine(engine.url);
    await client.execute(listCoin);
    const commands = Array.from({ length: 300 }, (_, at) =>
      at % 7 === 0 ? listCoin : deposit(1 + (at % 5), at + 1, `${at}`),
    );
    await Promise.all(commands.map((command) => client.execute(command)));
    await client.close();
    await engine.close();
    return engine.engine.digest();
  }

  async function replayAll(engine: Pick<MatchingEngine, 'apply'> = new MatchingEngine()): Promise<Replayed> {
    let last = NOTHING_REPLAYED;
    for await (const replayed of replay(database.db, engine)) last = replayed;
    return last;
  }

  it('gives the same state', async () => {
    const written = await writeHistory();
    const engine = new MatchingEngine();
    const last = await replayAll(engine);
    expect(last.events.lastSeq).toBe(301);
    expect(engine.digest()).toBe(written);
    const { end } = await Journal.takeOver(database.db);
    expect(() => checkEnd({ lastSeq: last.events.lastSeq, digest: last.digest }, end)).not.toThrow();
  });

  it('refuses a flipped byte and names the sequences', async () => {
    await writeHistory();
    const [, , third] = await journalled();
    await sql`
      update engine.journal set commands = set_byte(commands, 100, get_byte(commands, 100) # 1)
      where first_seq = ${third!.firstSeq}
    `.execute(database.db);
    await expect(replayAll()).rejects.toThrow(JournalError);
    await expect(replayAll()).rejects.toThrow(
      `sequences ${third!.firstSeq} to ${third!.lastSeq} cannot be read: frame checksum differs: bytes were damaged`,
    );
  });

  it('refuses a digest that the commands do not lead to', async () => {
    await writeHistory();
    const [, second] = await journalled();
    await sql`
      update engine.journal set digest = set_byte(digest, 0, get_byte(digest, 0) # 1)
      where first_seq = ${second!.firstSeq}
    `.execute(database.db);
    await expect(replayAll()).rejects.toThrow(
      `sequences ${second!.firstSeq} to ${second!.lastSeq}: the commands do not have the outcome that the journal recorded`,
    );
  });

  it('refuses a program that decides otherwise than the one that wrote', async () => {
    await writeHistory();
    const engine = new MatchingEngine();
    const lenient = {
      apply: (...given: Parameters<MatchingEngine['apply']>) => {
        const code = engine.apply(...given);
        return engine.lastSeq === 200 ? 7 : code;
      },
    };
    await expect(replayAll(lenient)).rejects.toThrow(
      'the commands do not have the outcome that the journal recorded',
    );
  });

  it('refuses a journal with a row missing inside or at the end', async () => {
    await writeHistory();
    const rows = await journalled();
    const last = rows.at(-1)!;
    const remove = (seq: number) =>
      sql`delete from engine.journal where first_seq = ${seq}`.execute(database.db);
    await remove(last.firstSeq);
    const { events, digest } = await replayAll();
    const { end } = await Journal.takeOver(database.db);
    expect(() => checkEnd({ lastSeq: events.lastSeq, digest }, end)).toThrow(
      `the journal ends at sequence ${last.firstSeq - 1} and does not lead to its head at ${last.lastSeq}`,
    );
    await remove(rows[2]!.firstSeq);
    await expect(replayAll()).rejects.toThrow(
      `sequences ${rows[3]!.firstSeq} to ${rows[3]!.lastSeq} follow sequence ${rows[1]!.lastSeq}`,
    );
  });
});
