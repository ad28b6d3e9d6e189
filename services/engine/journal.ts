/**
 * The journal: every command in order, a batch a row. A batch counts from the moment its transaction is
 * committed, and only the leader of the current epoch can commit one.
 */
import assert from 'node:assert/strict';
import { type Kysely, sql } from 'kysely';
import type { Seq } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';

/** The one shard there is. */
const SHARD = 0;
/** Rows read at once: at most 1,024 commands of 456 bytes each, 15 MB. */
const ROWS_PER_PAGE = 32;

export interface Batch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The commands, as one frame of the codec. */
  readonly commands: Uint8Array;
  /** Covers the batch's commands, their outcome, and the digest of the batch before; see `batch-outcome.ts`. */
  readonly digest: Uint8Array;
}

export interface JournalEnd {
  readonly lastSeq: number;
  readonly digest: Uint8Array;
}

/** Another engine leads now; nothing that this one still holds was executed. */
export class LeadershipLost extends Error {
  override name = 'LeadershipLost';
}

/**
 * The right to append, from taking over until another engine does. The guard and the append are one statement,
 * hence one transaction: a writer that was stopped in between and wakes up later finds its epoch gone.
 */
export class Journal {
  readonly epoch: number;
  readonly #db: Kysely<Database>;
  #end: JournalEnd;

  private constructor(db: Kysely<Database>, epoch: number, end: JournalEnd) {
    this.#db = db;
    this.epoch = epoch;
    this.#end = end;
  }

  /** Where the journal ends; nobody else moves it while this epoch lasts. */
  get end(): JournalEnd {
    return this.#end;
  }

  /**
   * Begins a new epoch, which ends the one before. `db` must commit synchronously and use one connection.
   * Waits for a commit of the old leader that is under way.
   */
  static async takeOver(db: Kysely<Database>): Promise<Journal> {
    const head = await db
      .updateTable('engine.head')
      .set((row) => ({ epoch: row('epoch', '+', 1) }))
      .where('shard', '=', SHARD)
      .returning(['epoch', 'last_seq', 'digest'])
      .executeTakeFirstOrThrow();
    return new Journal(db, head.epoch, {
      lastSeq: head.last_seq,
      digest: head.digest,
    });
  }

  /**
   * Commits a batch that continues the journal.
   * @throws {LeadershipLost} when it was not committed because another engine took over.
   * @throws anything else when it is unknown whether it was committed: only a reload can tell.
   */
  async append(batch: Batch): Promise<void> {
    assert.equal(batch.firstSeq, this.#end.lastSeq + 1);
    const { numAffectedRows } = await sql`
      with moved as (
        update engine.head
        set last_seq = ${batch.lastSeq}, digest = ${batch.digest}
        where shard = ${SHARD} and epoch = ${this.epoch} and last_seq = ${this.#end.lastSeq}
        returning shard, epoch, last_seq, digest
      )
      insert into engine.journal (shard, first_seq, last_seq, epoch, commands, digest)
      select shard, ${batch.firstSeq}::int8, last_seq, epoch, ${batch.commands}::bytea, digest from moved
    `.execute(this.#db);
    if (numAffectedRows !== 1n) {
      throw new LeadershipLost(
        `another engine has taken over: epoch ${this.epoch} may not append after sequence ${this.#end.lastSeq}`,
      );
    }
    this.#end = batch;
  }
}

/** The committed batches from the one that begins after `after`, in order, until the end. */
export async function* readBatches(db: Kysely<Database>, after: number): AsyncGenerator<Batch> {
  for (let position = after; ; ) {
    const rows = await db
      .selectFrom('engine.journal')
      .select(['first_seq', 'last_seq', 'commands', 'digest'])
      .where('shard', '=', SHARD)
      .where('first_seq', '>', position as Seq)
      .orderBy('first_seq')
      .limit(ROWS_PER_PAGE)
      .execute();
    for (const row of rows) {
      yield {
        firstSeq: row.first_seq,
        lastSeq: row.last_seq,
        commands: row.commands,
        digest: row.digest,
      };
      position = row.last_seq;
    }
    if (rows.length < ROWS_PER_PAGE) return;
  }
}
