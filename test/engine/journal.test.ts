import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { connectEngine } from '#platform/engine-client.ts';
import { createLog } from '#platform/log.ts';
import { migrate } from '#platform/postgres.ts';
import { bootReplica } from '#services/engine/boot.ts';
import { firstBatch } from '#services/engine/first-batch.ts';
import { type Batch, dayOf, LeadershipLost } from '#services/engine/journal.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { migrations } from '#services/engine/migrations.ts';
import { PostgresJournal, readBatches } from '#services/engine/postgres-journal.ts';
import { BEGINNING, DivergenceError, JournalError, Replica } from '#services/engine/replica.ts';
import { deposit, listCoin, noBlobs, noSnapshots, startTestEngine } from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const DAY_US = 86_400_000_000;
const log = createLog('engine', 'silent');

let database: TestDatabase;
let journal: PostgresJournal;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'engine', migrations);
  journal = open();
});
afterEach(() => database.drop());

const open = () => new PostgresJournal(database.db, database.db, noBlobs);

function batch(epoch: number, firstSeq: number, lastSeq = firstSeq, timeUs = firstSeq): Batch {
  const digest = new Uint8Array([lastSeq]);
  return { epoch, firstSeq, lastSeq, timeUs, commands: new Uint8Array([firstSeq]), digest };
}

/** Begins the next epoch, whoever leads; returns it and the sequence it begins with. */
async function takeOver(address = 'ws://a:1', on = journal): Promise<{ epoch: number; seq: number }> {
  const head = await on.head();
  const { lastSeq: seq, epoch, digest } = head;
  const first = firstBatch({ ...BEGINNING, seq, epoch, digest }, seq + 1);
  const taken = await on.takeOver(head, { address, deployment: 'test' }, first);
  return taken ? { epoch: first.epoch, seq: first.firstSeq } : takeOver(address, on);
}

async function journalled(after = 0): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const found of readBatches(database.db, after)) batches.push(found);
  return batches;
}

describe('append', () => {
  it('keeps batches in order and without a gap', async () => {
    const { epoch } = await takeOver();
    for (let seq = 2; seq <= 200; seq += 2) await journal.append(batch(epoch, seq, seq + 1), 0);
    const rows = await journalled();
    expect(rows.map(({ firstSeq }) => firstSeq)).toEqual([
      1,
      ...Array.from({ length: 100 }, (_, at) => 2 + 2 * at),
    ]);
    expect(await journalled(197)).toHaveLength(2);
    expect(await journal.head()).toMatchObject({ lastSeq: 201, epoch: 1, leader: 'ws://a:1', beat: 0 });
  });

  it('is refused once another engine has taken over, and changes nothing', async () => {
    const old = await takeOver();
    await journal.append(batch(old.epoch, 2), 0);
    const next = await takeOver('ws://b:1');
    expect(next).toEqual({ epoch: 2, seq: 3 });
    await expect(journal.append(batch(old.epoch, 3), 0)).rejects.toThrow(LeadershipLost);
    await expect(journal.append(batch(old.epoch, 4), 0)).rejects.toThrow(LeadershipLost);
    await expect(journal.beat(old.epoch, 0)).rejects.toThrow(LeadershipLost);
    await expect(journal.release(old.epoch, 0, '')).rejects.toThrow(LeadershipLost);
    await journal.append(batch(next.epoch, 4), 3);
    expect(await journalled()).toHaveLength(4);
    expect(await journal.head()).toMatchObject({ leader: 'ws://b:1', lastSeq: 4, published: 3 });
  });

  it('lets one of two racing engines through: nothing doubled, no acknowledged batch lost', async () => {
    const acknowledged: string[] = [];
    const lead = async (name: number): Promise<void> => {
      const own = open();
      for (let terms = 0; terms < 20; terms++) {
        const { epoch, seq } = await takeOver(`ws://${name}:1`, own);
        try {
          for (let count = 1; count <= 10; count++) {
            await own.append(
              { ...batch(epoch, seq + count), commands: new Uint8Array([name, terms, count]) },
              0,
            );
            acknowledged.push(`${seq + count}: ${name} ${terms} ${count}`);
          }
        } catch (error) {
          if (!(error instanceof LeadershipLost)) throw error;
        }
      }
    };
    await Promise.all([lead(1), lead(2)]);
    const rows = await journalled();
    const appended = rows.filter(({ commands }) => commands.length === 3);
    expect(appended.map(({ firstSeq, commands }) => `${firstSeq}: ${commands.join(' ')}`)).toEqual(
      acknowledged.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10)),
    );
    expect(rows.map(({ firstSeq }) => firstSeq)).toEqual(rows.map((_, at) => at + 1));
    expect(new Set(rows.map(({ epoch }) => epoch)).size).toBe(40);
  });

  it('goes into the partition of its day, made when it is needed', async () => {
    const { epoch } = await takeOver();
    const midnight = 20_000 * DAY_US;
    await journal.append(batch(epoch, 2, 2, midnight - 1), 0);
    await journal.append(batch(epoch, 3, 3, midnight), 0);
    await journal.append(batch(epoch, 4, 4, midnight + 40 * DAY_US), 0);
    const { rows } = await sql<{ partition: string; first_seq: number }>`
      select tableoid::regclass::text as partition, first_seq from engine.journal where first_seq > 1 order by 2
    `.execute(database.db);
    expect(rows.map(({ partition }) => partition)).toEqual([
      'engine.journal_19999',
      'engine.journal_20000',
      'engine.journal_20040',
    ]);
    expect((await journalled()).map(({ timeUs }) => dayOf(timeUs))).toEqual([0, 19_999, 20_000, 20_040]);
  });
});

describe('a takeover', () => {
  it('fails when the head is no longer as it was seen: the leader lives', async () => {
    const { epoch } = await takeOver();
    const seen = await journal.head();
    const attempt = () => {
      const { lastSeq: seq, digest } = seen;
      const first = firstBatch({ ...BEGINNING, seq, epoch, digest }, seq + 1);
      return journal.takeOver(seen, { address: 'ws://b:1', deployment: 'test' }, first);
    };
    await journal.beat(epoch, 0);
    expect(await attempt()).toBe(false);
    await journal.append(batch(epoch, 2), 0);
    expect(await attempt()).toBe(false);
    expect(await journal.head()).toMatchObject({ epoch: 1, lastSeq: 2, leader: 'ws://a:1' });
  });

  it('begins its epoch in the journal, and forgets for whom the last leader had let go', async () => {
    const { epoch } = await takeOver();
    await journal.release(epoch, 1, 'ws://b:1');
    expect(await journal.head()).toMatchObject({ leader: '', successor: 'ws://b:1', published: 1 });
    await takeOver('ws://b:1');
    expect(await journal.head()).toMatchObject({ epoch: 2, lastSeq: 2, leader: 'ws://b:1', successor: '' });
    const replica = await bootReplica(journal, noSnapshots, log);
    expect(replica.position).toMatchObject({ seq: 2, epoch: 2 });
  });
});

describe('a replica', () => {
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

  async function replayAll(engine = new MatchingEngine()): Promise<Replica> {
    const replica = new Replica(engine);
    for (const each of await journalled()) replica.follow(each);
    return replica;
  }

  it('comes to the same state by replaying the journal', async () => {
    const written = await writeHistory();
    const { position, engine } = await replayAll();
    expect(position).toMatchObject({ seq: 302, epoch: 1 });
    expect(engine.digest()).toBe(written);
    const { digest } = await journal.head();
    expect(Buffer.compare(position.digest, digest)).toBe(0);
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

  it('refuses to go on in a program that decides otherwise than the one that wrote: another code', async () => {
    await writeHistory();
    const engine = new MatchingEngine();
    const { apply } = engine;
    engine.apply = (...given) => {
      const code = apply.apply(engine, given);
      return engine.lastSeq === 200 ? 7 : code;
    };
    await expect(replayAll(engine)).rejects.toThrow(DivergenceError);
  });

  it('refuses to go on in a program that decides otherwise than the one that wrote: another event', async () => {
    await writeHistory();
    const engine = new MatchingEngine();
    const { apply } = engine;
    engine.apply = (records, at, events) => {
      const code = apply.call(engine, records, at, events);
      // One more in the last word of its events: a balance's held.
      if (engine.lastSeq === 201 && events.count > 0) events.words[events.end - 1]! += 1;
      return code;
    };
    await expect(replayAll(engine)).rejects.toThrow(DivergenceError);
  });

  it('refuses a journal with a row missing inside', async () => {
    await writeHistory();
    const rows = await journalled();
    await sql`delete from engine.journal where first_seq = ${rows[2]!.firstSeq}`.execute(database.db);
    await expect(replayAll()).rejects.toThrow(
      `sequences ${rows[3]!.firstSeq} to ${rows[3]!.lastSeq} follow sequence ${rows[1]!.lastSeq}`,
    );
  });

  it('never leads from a journal with a row missing at its end', async () => {
    await writeHistory();
    const last = (await journalled()).at(-1)!;
    await sql`delete from engine.journal where first_seq = ${last.firstSeq}`.execute(database.db);
    await expect(startTestEngine(database.db)).rejects.toThrow(
      `the journal ends at sequence ${last.firstSeq - 1} and does not lead to its head at ${last.lastSeq}`,
    );
  });
});
