import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type BlobStore, openBlobStore } from '#platform/blob-store.ts';
import { migrate } from '#platform/postgres.ts';
import {
  ArchiveError,
  archivableDays,
  archiveDay as archiveDayIn,
  readArchived,
} from '#services/engine/archive.ts';
import { firstBatch } from '#services/engine/first-batch.ts';
import { type Batch, dayOf } from '#services/engine/journal.ts';
import { migrations } from '#services/engine/migrations.ts';
import { PostgresJournal, readBatches } from '#services/engine/postgres-journal.ts';
import { BEGINNING } from '#services/engine/replica.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const DAY_US = 86_400_000_000;
const TODAY = 20_780;
/** Blobs of 64 KiB instead of 16 MiB: the same cuts by fewer bytes. */
const SLICE = 4 * 1024;
const BLOB_BYTES_MAX = 16 * SLICE;
const FLIPS = 100;

let database: TestDatabase;
let directory: string;
let blobs: BlobStore;
let journal: PostgresJournal;
/** All that was appended, in order. */
let appended: Batch[];

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'engine', migrations);
  directory = await mkdtemp(join(tmpdir(), 'crossbook-archive-'));
  blobs = openBlobStore(pathToFileURL(directory).href);
  journal = new PostgresJournal(database.db, database.db, blobs);
  appended = [];
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

/** Batches of a day, three commands each; the first of all begins the epoch. */
async function append(day: number, count: number, commandBytes = 200): Promise<void> {
  for (let at = 0; at < count; at++) {
    const timeUs = day * DAY_US + appended.length;
    const last = appended.at(-1);
    if (last === undefined) {
      const batch = firstBatch(BEGINNING, timeUs);
      const head = await journal.head();
      await journal.takeOver(head, { address: 'ws://a:1', deployment: 'test' }, batch);
      appended.push(batch);
      continue;
    }
    const firstSeq = last.lastSeq + 1;
    const commands = randomBytes(commandBytes);
    const batch = { firstSeq, lastSeq: firstSeq + 2, epoch: 1, timeUs, commands, digest: randomBytes(32) };
    await journal.append(batch, 0);
    appended.push(batch);
  }
}

const archiveDay = (db: TestDatabase['db'], store: BlobStore, day: number) =>
  archiveDayIn(db, store, day, BLOB_BYTES_MAX);

async function all(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const batch of batches) found.push(batch);
  return found;
}

/** To compare to the byte, whatever kind of array bytes are in. */
const plain = (batches: readonly Batch[]) =>
  batches.map((batch) => ({ ...batch, commands: hashOf(batch.commands), digest: hashOf(batch.digest) }));
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const ofDay = (day: number) => appended.filter(({ timeUs }) => dayOf(timeUs) === day);
const stored = () => all(readBatches(database.db, 0));
const archived = (after = 0) => all(readArchived(blobs, after));
const keyOf = (first: number, last: number) =>
  `journal/${String(first).padStart(16, '0')}-${String(last).padStart(16, '0')}`;

async function partitions(): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and relname like 'journal\\_%' order by relname
  `.execute(database.db);
  return rows.map(({ name }) => Number(name.slice('journal_'.length)));
}

/** Of all batches in the database, without moving them here. */
async function tableDigest(): Promise<string> {
  const { rows } = await sql<{ digest: string }>`
    select string_agg(first_seq || md5(commands) || md5(digest), ' ' order by first_seq) as digest from engine.journal
  `.execute(database.db);
  return rows[0]!.digest;
}

/** As the journal gives them to a start, from the archive and the database. */
async function expectNothingLost(): Promise<void> {
  expect(plain(await all(journal.read(0)))).toEqual(plain(appended));
}

describe('archiveDay', () => {
  it('moves a day out of the database, and leaves the others', async () => {
    for (const day of [TODAY, TODAY + 1, TODAY + 2]) await append(day, 40);
    await archiveDay(database.db, blobs, TODAY);
    expect(await blobs.list('')).toEqual([keyOf(1, ofDay(TODAY).at(-1)!.lastSeq)]);
    expect(plain(await archived())).toEqual(plain(ofDay(TODAY)));
    expect(plain(await stored())).toEqual(plain(appended.slice(40)));
    expect(await partitions()).toEqual([TODAY + 1, TODAY + 2, TODAY + 3]);
    await expectNothingLost();
    await archiveDay(database.db, blobs, TODAY + 1);
    expect(await blobs.list('')).toHaveLength(2);
    expect(plain(await archived())).toEqual(plain(appended.slice(0, 80)));
    await expectNothingLost();
    await append(TODAY + 2, 3);
    await expectNothingLost();
  });

  it('writes a large day as several blobs, cut between batches, and one larger than a blob by itself', async () => {
    await append(TODAY, 1);
    await append(TODAY, 40, SLICE);
    await append(TODAY, 1, 20 * SLICE);
    await append(TODAY, 1);
    await archiveDay(database.db, blobs, TODAY);
    const keys = await blobs.list('');
    // 15 slices and their heads go into a blob of 16, beside the small one.
    expect(keys).toEqual([
      keyOf(1, 1 + 15 * 3),
      keyOf(47, 46 + 15 * 3),
      keyOf(92, 121),
      keyOf(122, 124),
      keyOf(125, 127),
    ]);
    expect(plain(await archived())).toEqual(plain(appended));
    expect(await partitions()).toEqual([TODAY + 1]);
  });

  it('drops a day without batches, and does nothing about one that has left', async () => {
    await append(TODAY, 2);
    await archiveDay(database.db, blobs, TODAY + 1);
    expect(await partitions()).toEqual([TODAY]);
    expect(await blobs.list('')).toEqual([]);
    await archiveDay(database.db, blobs, TODAY + 1);
    await archiveDay(database.db, blobs, TODAY);
    await archiveDay(database.db, blobs, TODAY);
    await archiveDay(database.db, blobs, TODAY + 500);
    expect(plain(await archived())).toEqual(plain(appended));
  });

  it('comes to the same when it is interrupted anywhere and runs again', async () => {
    await append(TODAY, 1);
    await append(TODAY, 3, 12 * SLICE);
    await append(TODAY + 1, 2);
    const inDatabase = await tableDigest();
    const interrupted = new Set<string>();
    for (const [name, at, isDone] of [
      ['put', 0, false],
      ['put', 0, true],
      ['get', 1, false],
      ['put', 2, true],
      ['get', 2, false],
    ] as const) {
      const archiving = archiveDay(database.db, failing(name, at, isDone), TODAY);
      await expect(archiving).rejects.toThrow('interrupted');
      expect(await tableDigest()).toBe(inDatabase);
      interrupted.add(JSON.stringify(await blobs.list('')));
    }
    // None, one, two and three of them were there.
    expect(interrupted.size).toBe(4);
    await archiveDay(database.db, blobs, TODAY);
    expect(await blobs.list('')).toHaveLength(3);
    expect(plain(await archived())).toEqual(plain(ofDay(TODAY)));
    expect(await partitions()).toEqual([TODAY + 1, TODAY + 2]);
    await expectNothingLost();

    /** Fails in the call with this number, before or after it is done. */
    function failing(name: 'put' | 'get', at: number, isDone: boolean): BlobStore {
      let count = 0;
      const call = async <T>(kind: 'put' | 'get', work: () => Promise<T>): Promise<T> => {
        const fails = kind === name && count++ === at;
        if (fails && !isDone) throw new Error('interrupted');
        const result = await work();
        if (fails) throw new Error('interrupted');
        return result;
      };
      return {
        put: (key, bytes) => call('put', () => blobs.put(key, bytes)),
        get: (key) => call('get', () => blobs.get(key)),
        list: (prefix) => blobs.list(prefix),
        delete: (key) => blobs.delete(key),
      };
    }
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array | undefined]>([
    ['other bytes', (bytes) => bytes.map((byte, at) => (at === 50 ? byte ^ 1 : byte))],
    ['fewer bytes', (bytes) => bytes.subarray(0, -1)],
    ['nothing', () => undefined],
  ])('keeps the day when the store gives back %s', async (_, damage) => {
    await append(TODAY, 5);
    const faulty: BlobStore = {
      put: (key, bytes) => blobs.put(key, bytes),
      get: async (key) => damage((await blobs.get(key))!),
      list: (prefix) => blobs.list(prefix),
      delete: (key) => blobs.delete(key),
    };
    const archiving = archiveDay(database.db, faulty, TODAY);
    await expect(archiving).rejects.toThrow(`${keyOf(1, 13)} is not what was written`);
    await expect(archiving).rejects.toThrow(`engine.journal_${TODAY} stays`);
    expect(plain(await stored())).toEqual(plain(appended));
    await archiveDay(database.db, blobs, TODAY);
    await expectNothingLost();
  });

  it('keeps the day when more was appended to it meanwhile, and takes that along the next time', async () => {
    await append(TODAY, 5);
    const late: BlobStore = {
      put: (key, bytes) => blobs.put(key, bytes),
      get: async (key) => {
        await append(TODAY, 1);
        return blobs.get(key);
      },
      list: (prefix) => blobs.list(prefix),
      delete: (key) => blobs.delete(key),
    };
    await expect(archiveDay(database.db, late, TODAY)).rejects.toThrow(
      'goes to sequence 16, and 13 is archived',
    );
    expect(await partitions()).toEqual([TODAY, TODAY + 1]);
    expect(plain(await stored())).toEqual(plain(appended));
    await append(TODAY, 1);
    await archiveDay(database.db, blobs, TODAY);
    expect(await blobs.list('')).toEqual([keyOf(1, 13), keyOf(1, 19)]);
    expect(plain(await archived())).toEqual(plain(appended));
  });

  it('keeps a day in which a batch is missing', async () => {
    await append(TODAY, 5);
    await sql`delete from engine.journal where first_seq = 5`.execute(database.db);
    await expect(archiveDay(database.db, blobs, TODAY)).rejects.toThrow(
      `engine.journal_${TODAY} is damaged and stays: sequence 8 follows 4`,
    );
    expect(await partitions()).toEqual([TODAY, TODAY + 1]);
  });

  it('gives up on a partition that is in use, while trading goes on, and drops it the next time', async () => {
    await append(TODAY, 5);
    await append(TODAY + 1, 1);
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const reading = database.db.transaction().execute(async (transaction) => {
      await sql`select from engine.journal limit 1`.execute(transaction);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    let isArchiving = true;
    const archiving = archiveDay(database.db, blobs, TODAY).finally(() => {
      isArchiving = false;
    });
    archiving.catch(() => {});
    const latencies: number[] = [];
    while (isArchiving) {
      const started = performance.now();
      await append(TODAY + 1, 1);
      latencies.push(performance.now() - started);
    }
    await expect(archiving).rejects.toThrow(ArchiveError);
    await expect(archiving).rejects.toThrow(`engine.journal_${TODAY} is in use and stays`);
    // An append waits for the lock's time-out of 100 ms, and never for whoever reads; some on a busy machine.
    expect(latencies.length).toBeGreaterThan(5);
    expect(Math.max(...latencies)).toBeLessThan(1_000);
    release.resolve();
    await reading;
    expect(plain(await stored())).toEqual(plain(appended));
    await archiveDay(database.db, blobs, TODAY);
    expect(plain(await archived())).toEqual(plain(ofDay(TODAY)));
    await expectNothingLost();
  });

  it('loses nothing when two tasks archive the same day', async () => {
    await append(TODAY, 20, 2 * SLICE);
    await append(TODAY + 1, 1);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => archiveDay(database.db, blobs, TODAY)));
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
    expect(await partitions()).toEqual([TODAY + 1, TODAY + 2]);
    expect(plain(await archived())).toEqual(plain(ofDay(TODAY)));
    await expectNothingLost();
  });
});

describe('archivableDays', () => {
  it('are those before the day of which the snapshot covers every batch', async () => {
    for (const day of [TODAY, TODAY + 1, TODAY + 5]) await append(day, 3);
    const [first, second, third] = [TODAY, TODAY + 1, TODAY + 5].map((day) => ofDay(day).at(-1)!.lastSeq);
    const days = (covered: number, before: number) => archivableDays(database.db, covered, before);
    const empty = [TODAY + 2, TODAY + 6];
    expect(await days(third!, TODAY + 100)).toEqual([TODAY, TODAY + 1, TODAY + 2, TODAY + 5, TODAY + 6]);
    expect(await days(third! - 1, TODAY + 100)).toEqual([TODAY, TODAY + 1, ...empty]);
    expect(await days(second!, TODAY + 100)).toEqual([TODAY, TODAY + 1, ...empty]);
    expect(await days(second! - 1, TODAY + 100)).toEqual([TODAY, ...empty]);
    expect(await days(first! - 1, TODAY + 100)).toEqual(empty);
    expect(await days(third!, TODAY + 5)).toEqual([TODAY, TODAY + 1, TODAY + 2]);
    expect(await days(third!, TODAY + 1)).toEqual([TODAY]);
    expect(await days(third!, TODAY)).toEqual([]);
    for (const day of await days(third!, TODAY + 5)) await archiveDay(database.db, blobs, day);
    expect(await days(third!, TODAY + 100)).toEqual([TODAY + 5, TODAY + 6]);
    await expectNothingLost();
  });

  it('are none in a new database', async () => {
    expect(await archivableDays(database.db, 0, TODAY)).toEqual([]);
  });
});

describe('readArchived', () => {
  beforeEach(async () => {
    for (const day of [TODAY, TODAY + 1, TODAY + 2]) await append(day, 4);
    for (const day of [TODAY, TODAY + 1, TODAY + 2]) await archiveDay(database.db, blobs, day);
  });

  it('begins after any sequence', async () => {
    const last = appended.at(-1)!.lastSeq;
    for (let after = 0; after <= last; after++)
      expect(plain(await archived(after))).toEqual(
        plain(appended.filter(({ firstSeq }) => firstSeq > after)),
      );
    expect(await archived(last + 1_000)).toEqual([]);
  });

  it('reads no blob that ends before', async () => {
    const keys = await blobs.list('');
    await blobs.put(keys[0]!, Buffer.from('damaged'));
    expect(plain(await archived(ofDay(TODAY).at(-1)!.lastSeq))).toEqual(plain(appended.slice(4)));
  });

  it('gives none of a blob of which any bit was changed or any byte lost, and names it', async () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`archive: damage with seed ${seed}\n`);
    const random = seededRandom(seed);
    const key = (await blobs.list(''))[1]!;
    const sound = Buffer.from((await blobs.get(key))!);
    const damaged = Array.from({ length: FLIPS }, () => {
      const bytes = Buffer.from(sound);
      bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
      return bytes;
    });
    for (const length of [0, 1, 47, 48, sound.length - 1]) damaged.push(sound.subarray(0, length));
    damaged.push(Buffer.concat([sound, Buffer.alloc(1)]));
    for (const bytes of damaged) {
      await blobs.put(key, bytes);
      const found: Batch[] = [];
      const reading = (async () => {
        for await (const batch of readArchived(blobs, 0)) found.push(batch);
      })();
      await expect(reading).rejects.toThrow(ArchiveError);
      await expect(reading).rejects.toThrow(`${key} is damaged: `);
      expect(plain(found)).toEqual(plain(ofDay(TODAY)));
    }
    await blobs.put(key, sound);
    expect(await archived()).toHaveLength(appended.length);
  });

  it('names a blob that has the content of another, or is gone between the listing and the reading', async () => {
    const [first, second] = await blobs.list('');
    const sound = (await blobs.get(second!))!;
    await blobs.put(second!, (await blobs.get(first!))!);
    await expect(archived()).rejects.toThrow(`${second} is damaged: it has the content of ${first}`);
    await blobs.put(second!, sound);
    const { get } = blobs;
    blobs.get = async (key) => (key === second ? undefined : get.call(blobs, key));
    await expect(archived()).rejects.toThrow(`${second} is damaged: it is gone`);
  });

  it('passes over what is no part of the archive by its name', async () => {
    for (const key of ['journal/readme.txt', 'journal/1-2', 'journals/1', 'snapshots/0000000000000099'])
      await blobs.put(key, Buffer.from('x'));
    expect(await archived()).toHaveLength(appended.length);
  });
});
