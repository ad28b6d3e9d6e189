/**
 * Old days of the journal: moved from their partitions to the blob store, and read from there. A day leaves the
 * database once all of it has been read back from the blobs; interrupted at any point, it is moved again from the
 * start, into the same blobs.
 */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Seq } from '#domain/ids.ts';
import { sha256InSlices } from '#platform/blob-store/sha256-in-slices.ts';
import type { BlobStore } from '#platform/blob-store.ts';
import type { Database } from '#platform/database.ts';
import { type Batch, dayOf } from './journal.ts';

const FOLDER = 'journal/';
const SEQ_DIGITS = 16;
const NAME = /^journal\/(\d{16})-(\d{16})$/;

/** The one shard there is. */
const SHARD = 0;
/** Rows read at once: at most 1,024 commands of 456 bytes each, 15 MB. */
const ROWS_PER_PAGE = 32;
/** Most of a blob: joining, sending or comparing so much takes some 10 ms of a leader that trades meanwhile. */
const BLOB_BYTES_MAX = 16 * 1024 * 1024;
/** Appends wait for at most so long until a partition is free to be dropped. */
const LOCK_TIMEOUT_MS = 100;
const DROP_ATTEMPTS_MAX = 5;
const DROP_PAUSE_MS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

/*
 * A blob is a head, batches, and the SHA-256 of both; numbers are little-endian:
 *   head    0 magic   8 version
 *   batch   0 firstSeq   8 lastSeq   16 epoch   24 timeUs   32 day   40 bytes of commands   48 digest (32)   80 commands
 */
const HEAD = Buffer.concat([Buffer.from('XBJOURNL', 'latin1'), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])]);
const DIGEST_AT = 48;
const DIGEST_BYTES = 32;
const BATCH_HEAD_BYTES = DIGEST_AT + DIGEST_BYTES;

/** A day cannot be archived, or what was archived cannot be read; the message names the partition or blob. */
export class ArchiveError extends Error {
  override name = 'ArchiveError';
}

/** Days before `beforeDay` that have a partition in which no batch ends after `coveredSeq`, in order. */
export async function archivableDays(
  db: Kysely<Database>,
  coveredSeq: number,
  beforeDay: number,
): Promise<readonly number[]> {
  const days: number[] = [];
  for (const day of await partitionedDays(db))
    if (day < beforeDay && (await lastSeqOf(db, day)) <= coveredSeq) days.push(day);
  return days;
}

/**
 * Moves a day to the blob store, a day without batches or partition included. Nothing may be appended to it any more.
 * @throws {ArchiveError} when the day stays in the database, to be tried again.
 */
export async function archiveDay(
  db: Kysely<Database>,
  blobs: BlobStore,
  day: number,
  blobBytesMax = BLOB_BYTES_MAX,
): Promise<void> {
  if (!(await partitionedDays(db)).includes(day)) return;
  let archived = 0;
  for await (const batches of blobfuls(db, day, blobBytesMax)) {
    archived = batches.at(-1)!.lastSeq;
    const key = `${FOLDER}${padded(batches[0]!.firstSeq)}-${padded(archived)}`;
    const bytes = await pack(batches);
    await blobs.put(key, bytes);
    const stored = await blobs.get(key);
    if (stored === undefined || Buffer.compare(stored, bytes) !== 0)
      throw new ArchiveError(`${key} is not what was written: ${partitionOf(day)} stays`);
  }
  await dropPartition(db, day, archived);
}

/**
 * The archived batches that begin after `after`, in order.
 * @throws {ArchiveError} at the first blob that is missing bytes or was damaged.
 */
export async function* readArchived(blobs: BlobStore, after: number): AsyncGenerator<Batch> {
  let position = after;
  for (const key of await blobs.list(FOLDER)) {
    const lastSeq = Number(NAME.exec(key)?.[2] ?? 0);
    if (lastSeq <= position) continue;
    for (const batch of await unpack(key, await blobs.get(key))) {
      if (batch.firstSeq <= position) continue;
      yield batch;
      position = batch.lastSeq;
    }
  }
}

function padded(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, '0');
}

function partitionOf(day: number): string {
  assert(Number.isSafeInteger(day) && day >= 0, `${day} is not a day of the journal`);
  return `engine.journal_${day}`;
}

async function partitionedDays(db: Kysely<Database>): Promise<number[]> {
  const { rows } = await sql<{ day: number }>`
    select substring(relname from '[0-9]+$')::int as day
    from pg_inherits join pg_class on oid = inhrelid
    where inhparent = 'engine.journal'::regclass and relname ~ '^journal_[0-9]+$'
    order by day
  `.execute(db);
  return rows.map(({ day }) => day);
}

/** Of a partition; 0 when there is nothing in it. */
async function lastSeqOf(db: Kysely<Database>, day: number): Promise<number> {
  const { rows } = await sql<{ last_seq: number }>`
    select last_seq from ${sql.table(partitionOf(day))} where shard = ${SHARD} order by first_seq desc limit 1
  `.execute(db);
  return rows[0]?.last_seq ?? 0;
}

/** A day's batches, as many at a time as go into a blob: the same each time. */
async function* blobfuls(db: Kysely<Database>, day: number, blobBytesMax: number): AsyncGenerator<Batch[]> {
  let batches: Batch[] = [];
  let bytes = 0;
  for await (const batch of batchesOf(db, day)) {
    const more = BATCH_HEAD_BYTES + batch.commands.length;
    if (batches.length > 0 && bytes + more > blobBytesMax) {
      yield batches;
      batches = [];
      bytes = 0;
    }
    batches.push(batch);
    bytes += more;
  }
  if (batches.length > 0) yield batches;
}

async function* batchesOf(db: Kysely<Database>, day: number): AsyncGenerator<Batch> {
  let last: Batch | undefined;
  for (;;) {
    const rows = await db
      .selectFrom('engine.journal')
      .select(['first_seq', 'last_seq', 'epoch', 'time_us', 'commands', 'digest'])
      .where('shard', '=', SHARD)
      .where('day', '=', day)
      .where('first_seq', '>', (last?.lastSeq ?? 0) as Seq)
      .orderBy('first_seq')
      .limit(ROWS_PER_PAGE)
      .execute();
    for (const { first_seq: firstSeq, last_seq: lastSeq, time_us: timeUs, epoch, commands, digest } of rows) {
      if (last !== undefined && firstSeq !== last.lastSeq + 1)
        throw new ArchiveError(
          `${partitionOf(day)} is damaged and stays: sequence ${firstSeq} follows ${last.lastSeq}`,
        );
      last = { firstSeq, lastSeq, epoch, timeUs, commands, digest };
      yield last;
    }
    if (rows.length < ROWS_PER_PAGE) return;
  }
}

async function pack(batches: readonly Batch[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [HEAD];
  for (const { firstSeq, lastSeq, epoch, timeUs, commands, digest } of batches) {
    assert.equal(digest.length, DIGEST_BYTES, 'a digest of the journal is a SHA-256');
    const head = Buffer.alloc(BATCH_HEAD_BYTES);
    for (const [at, value] of [firstSeq, lastSeq, epoch, timeUs, dayOf(timeUs), commands.length].entries())
      head.writeBigUInt64LE(BigInt(value), 8 * at);
    head.set(digest, DIGEST_AT);
    parts.push(head, commands);
  }
  return Buffer.concat([...parts, await sha256InSlices(...parts)]);
}

async function unpack(key: string, blob: Uint8Array | undefined): Promise<Batch[]> {
  const damaged = (fault: string) => new ArchiveError(`${key} is damaged: ${fault}`);
  if (blob === undefined) throw damaged('it is gone');
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  const end = bytes.length - DIGEST_BYTES;
  if (end < HEAD.length) throw damaged('bytes are missing');
  if (!bytes.subarray(end).equals(await sha256InSlices(bytes.subarray(0, end))))
    throw damaged('the checksum differs');
  if (!bytes.subarray(0, HEAD.length).equals(HEAD))
    throw new ArchiveError(`${key} is no part of the journal, or of a version that is not known here`);
  const batches: Batch[] = [];
  for (let at = HEAD.length; at < end; ) {
    const number = (index: number) => Number(bytes.readBigUInt64LE(at + 8 * index));
    const from = at + BATCH_HEAD_BYTES;
    const to = from + number(5);
    batches.push({
      firstSeq: number(0),
      lastSeq: number(1),
      epoch: number(2),
      timeUs: number(3),
      commands: bytes.subarray(from, to),
      digest: bytes.subarray(at + DIGEST_AT, from),
    });
    at = to;
  }
  const name = `${FOLDER}${padded(batches[0]?.firstSeq ?? 0)}-${padded(batches.at(-1)?.lastSeq ?? 0)}`;
  if (name !== key) throw damaged(`it has the content of ${name}`);
  return batches;
}

/** Drops the partition of which everything up to `archived` is in the blob store; stays when there is more. */
async function dropPartition(db: Kysely<Database>, day: number, archived: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToDrop(db, day, archived);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
      if (attempt === DROP_ATTEMPTS_MAX)
        throw new ArchiveError(`${partitionOf(day)} is in use and stays, to be archived another time`, {
          cause: error,
        });
      await setTimeout(DROP_PAUSE_MS);
    }
  }
}

/** Whoever holds these locks or waits for them keeps trading from going on, so nothing here depends on sizes. */
async function tryToDrop(db: Kysely<Database>, day: number, archived: number): Promise<void> {
  const partition = sql.table(partitionOf(day));
  await db.transaction().execute(async (transaction) => {
    await sql`set local lock_timeout = ${sql.lit(LOCK_TIMEOUT_MS)}`.execute(transaction);
    await sql`alter table engine.journal detach partition ${partition}`.execute(transaction);
    const lastSeq = await lastSeqOf(transaction, day);
    if (lastSeq !== archived)
      throw new ArchiveError(
        `${partitionOf(day)} stays: it goes to sequence ${lastSeq}, and ${archived} is archived`,
      );
    await sql`drop table ${partition}`.execute(transaction);
  });
}
