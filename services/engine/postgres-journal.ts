/** The journal in PostgreSQL, with a partition for each day. */
import assert from 'node:assert/strict';
import { type Kysely, sql } from 'kysely';
import type { Seq } from '#domain/ids.ts';
import type { BlobStore } from '#platform/blob-store.ts';
import type { Database } from '#platform/database.ts';
import { readArchived } from './archive.ts';
import { type Batch, dayOf, type Head, type Journal, type Leader, LeadershipLost } from './journal.ts';

/** The one shard there is. */
const SHARD = 0;
/** Rows read at once: at most 1,024 commands of 456 bytes each, 15 MB. */
const ROWS_PER_PAGE = 32;

export class PostgresJournal implements Journal {
  readonly #writer: Kysely<Database>;
  readonly #reader: Kysely<Database>;
  readonly #blobs: BlobStore;
  /** The last day that has a partition, as far as known here. */
  #partitioned = -1;

  /** `writer` must commit synchronously and use one connection, so that writes follow one another. */
  constructor(writer: Kysely<Database>, reader: Kysely<Database>, blobs: BlobStore) {
    this.#writer = writer;
    this.#reader = reader;
    this.#blobs = blobs;
  }

  async head(): Promise<Head> {
    const row = await this.#reader
      .selectFrom('engine.head')
      .selectAll()
      .where('shard', '=', SHARD)
      .executeTakeFirstOrThrow();
    const { last_seq: lastSeq, shard, ...rest } = row;
    return { ...rest, lastSeq };
  }

  /** What has left the database, or leaves it in the middle of this, comes from the archive. */
  async *read(after: number): AsyncGenerator<Batch> {
    let position = after;
    for (let from = -1; position > from; ) {
      from = position;
      for await (const batch of readBatches(this.#reader, position)) {
        if (batch.firstSeq !== position + 1) break;
        yield batch;
        position = batch.lastSeq;
      }
      if (await this.#isEnd(position)) return;
      for await (const batch of readArchived(this.#blobs, position)) {
        yield batch;
        position = batch.lastSeq;
      }
    }
  }

  async append(batch: Batch, published: number): Promise<void> {
    await this.#partition(batch);
    const { numAffectedRows } = await sql`
      with moved as (
        update engine.head
        set last_seq = ${batch.lastSeq}, digest = ${batch.digest}, published = ${published}
        where shard = ${SHARD} and epoch = ${batch.epoch} and last_seq = ${batch.firstSeq - 1}
        returning shard, epoch, last_seq, digest
      )
      insert into engine.journal (shard, first_seq, last_seq, epoch, time_us, day, commands, digest)
      select shard, ${batch.firstSeq}::int8, last_seq, epoch, ${batch.timeUs}::int8, ${dayOf(batch.timeUs)}::int,
        ${batch.commands}::bytea, digest
      from moved
    `.execute(this.#writer);
    if (numAffectedRows !== 1n)
      throw new LeadershipLost(
        `epoch ${batch.epoch} may not append after sequence ${batch.firstSeq - 1}: another engine leads`,
      );
  }

  async takeOver(seen: Head, leader: Leader, batch: Batch): Promise<boolean> {
    assert.equal(batch.epoch, seen.epoch + 1);
    assert.equal(batch.firstSeq, seen.lastSeq + 1);
    await this.#partition(batch);
    const { numAffectedRows } = await sql`
      with moved as (
        update engine.head
        set epoch = ${batch.epoch}, last_seq = ${batch.lastSeq}, digest = ${batch.digest},
          leader = ${leader.address}, deployment = ${leader.deployment}, successor = '', beat = 0
        where shard = ${SHARD} and epoch = ${seen.epoch} and last_seq = ${seen.lastSeq} and beat = ${seen.beat}
          and leader = ${seen.leader}
        returning shard, epoch, last_seq, digest
      )
      insert into engine.journal (shard, first_seq, last_seq, epoch, time_us, day, commands, digest)
      select shard, ${batch.firstSeq}::int8, last_seq, epoch, ${batch.timeUs}::int8, ${dayOf(batch.timeUs)}::int,
        ${batch.commands}::bytea, digest
      from moved
    `.execute(this.#writer);
    return numAffectedRows === 1n;
  }

  async beat(epoch: number, published: number): Promise<void> {
    const { numUpdatedRows } = await this.#writer
      .updateTable('engine.head')
      .set((row) => ({ beat: row('beat', '+', 1), published: published as Seq }))
      .where('shard', '=', SHARD)
      .where('epoch', '=', epoch)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) throw new LeadershipLost(`epoch ${epoch} has ended: another engine leads`);
  }

  async release(epoch: number, published: number, successor: string): Promise<void> {
    const { numUpdatedRows } = await this.#writer
      .updateTable('engine.head')
      .set({ leader: '', successor, published: published as Seq })
      .where('shard', '=', SHARD)
      .where('epoch', '=', epoch)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) throw new LeadershipLost(`epoch ${epoch} has ended: another engine leads`);
  }

  async #isEnd(seq: number): Promise<boolean> {
    const { lastSeq } = await this.head();
    return seq >= lastSeq;
  }

  /** Makes the partition of the batch's day, and of the next: midnight comes in the middle of trading. */
  async #partition({ timeUs }: Batch): Promise<void> {
    const day = dayOf(timeUs);
    if (day <= this.#partitioned) return;
    await this.#writer.transaction().execute(async (transaction) => {
      // Engines that race for the lead need the same partition, and `if not exists` alone does not make them wait.
      await sql`select pg_advisory_xact_lock(hashtext('engine.journal'))`.execute(transaction);
      for (const each of [day, day + 1])
        await sql`
          create table if not exists ${sql.table(`engine.journal_${each}`)}
          partition of engine.journal for values in (${sql.lit(each)})
        `.execute(transaction);
    });
    this.#partitioned = day;
  }
}

/** The batches in the database that begin after `after`, in order, until the end. */
export async function* readBatches(db: Kysely<Database>, after: number): AsyncGenerator<Batch> {
  let next = readPage(db, after);
  for (;;) {
    const page = await next;
    const last = page.at(-1);
    // Read while this one is applied. Whoever leaves in between does not hear of its failure.
    if (page.length === ROWS_PER_PAGE) next = readPage(db, last!.lastSeq);
    next.catch(() => {});
    yield* page;
    if (page.length < ROWS_PER_PAGE) return;
  }
}

async function readPage(db: Kysely<Database>, after: number): Promise<Batch[]> {
  const rows = await db
    .selectFrom('engine.journal')
    .select(['first_seq', 'last_seq', 'epoch', 'time_us', 'commands', 'digest'])
    .where('shard', '=', SHARD)
    .where('first_seq', '>', after as Seq)
    .orderBy('first_seq')
    .limit(ROWS_PER_PAGE)
    .execute();
  return rows.map(({ epoch, commands, digest, first_seq, last_seq, time_us }) => ({
    firstSeq: first_seq,
    lastSeq: last_seq,
    epoch,
    timeUs: time_us,
    commands,
    digest,
  }));
}
