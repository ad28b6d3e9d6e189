/**
 * Compares the whole journal with what clients were told, with what was published, with itself, and with the newest
 * snapshot. Each fault is a line; there are none when the engine kept its word.
 */
import { pathToFileURL } from 'node:url';
import type { Kysely } from 'kysely';
import { readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import { openBlobStore } from '#platform/blob-store.ts';
import type { Database } from '#platform/database.ts';
import { createLog } from '#platform/log.ts';
import type { Batch } from '#services/engine/journal.ts';
import { PostgresJournal } from '#services/engine/postgres-journal.ts';
import { Replica } from '#services/engine/replica.ts';
import { Snapshots } from '#services/engine/snapshots.ts';
import { checkOutcomes, type Occurrence } from './check-outcomes.ts';
import { type History, numberOf } from './history.ts';
import { hashOf, readPublished } from './published-log.ts';
import { RecordingEngine } from './recording-engine.ts';

export interface CheckedHistory {
  readonly batches: number;
  readonly commands: number;
  readonly epochs: number;
  /** Commands that came again and were not executed again. */
  readonly repeats: number;
  /** Sequence of the snapshot that the state was rebuilt from as well; 0 for none. */
  readonly snapshotSeq: number;
  /** Frames that were published, those that were published again included. */
  readonly published: number;
  readonly faults: readonly string[];
}

export interface HistorySources {
  readonly db: Kysely<Database>;
  readonly blobsDirectory: string;
  readonly history: History;
  /** Where engines with faults wrote what they published. */
  readonly publishedDirectory?: string;
}

/** No engine may be leading any more. */
export async function checkHistory(sources: HistorySources): Promise<CheckedHistory> {
  const { db, blobsDirectory, history, publishedDirectory } = sources;
  const blobs = openBlobStore(pathToFileURL(blobsDirectory).href);
  const journal = new PostgresJournal(db, db, blobs);
  const walk = new JournalWalk();
  for await (const batch of journal.read(0)) walk.follow(batch);
  const { replica, faults } = walk;
  checkOutcomes(history, walk.occurrences, faults);
  try {
    replica.engine.checkInvariants();
  } catch (error) {
    faults.push(`balances, holds and books: ${error}`);
  }
  const head = await journal.head();
  if (head.lastSeq !== replica.position.seq || head.epoch !== replica.position.epoch)
    faults.push(`the head says ${head.lastSeq}, the journal ends at ${replica.position.seq}`);
  if (Buffer.compare(head.digest, replica.position.digest) !== 0)
    faults.push('a replay from zero has another digest than the head');

  const saved = await new Snapshots(blobs, createLog('check', 'silent')).load();
  if (saved !== undefined) {
    const tail = new Replica(saved.engine, saved.position);
    for await (const batch of journal.read(saved.position.seq)) tail.follow(batch);
    if (tail.engine.digest() !== replica.engine.digest())
      faults.push(`the snapshot at ${saved.position.seq} and what follows lead to another state`);
  }
  const published =
    publishedDirectory === undefined ? 0 : await walk.checkPublished(publishedDirectory, head.published);
  return {
    batches: walk.batches,
    commands: replica.position.seq,
    epochs: replica.position.epoch,
    repeats: walk.repeats,
    snapshotSeq: saved?.position.seq ?? 0,
    published,
    faults,
  };
}

/** Follows the journal from zero and notes what is in it. */
class JournalWalk {
  readonly faults: string[] = [];
  readonly occurrences = new Map<number, Occurrence[]>();
  readonly #engine = new RecordingEngine();
  readonly replica = new Replica(this.#engine);
  /** By first sequence, of the events of each batch. */
  readonly #frames = new Map<number, { lastSeq: number; hash: string }>();
  batches = 0;
  repeats = 0;

  /** The replica checks that sequences are contiguous and that the outcomes are those of the chain of digests. */
  follow(batch: Batch): void {
    const { epoch, timeUs } = this.replica.position;
    const { records } = readFrame(batch.commands);
    const where = `batch ${batch.firstSeq} to ${batch.lastSeq}`;
    const begun = records.filter(({ message }) => message.type === 'beginEpoch');
    if (begun.length > 0 && (records.length > 1 || batch.epoch !== epoch + 1))
      this.faults.push(
        `${where} begins epoch ${batch.epoch} after ${epoch}, with ${records.length} commands`,
      );
    if (begun.length === 0 && batch.epoch !== epoch)
      this.faults.push(`${where} is of epoch ${batch.epoch}, which has not begun: the last was ${epoch}`);
    let lastUs = timeUs;
    for (const record of records) {
      if (record.timeUs <= lastUs) this.faults.push(`${where}: time ${record.timeUs} follows ${lastUs}`);
      lastUs = record.timeUs;
    }
    const { lastSeq, bytes } = this.replica.follow(batch);
    this.#frames.set(batch.firstSeq, { lastSeq, hash: hashOf(bytes) });
    const codes = this.#engine.takeCodes();
    for (const [at, { id, message }] of records.entries()) this.#note(message as Command, id, codes[at]!);
    this.batches++;
  }

  /** Returns how many frames there are; `until` is what the head says is published. */
  async checkPublished(directory: string, until: number): Promise<number> {
    const seen = new Set<number>();
    const frames = await readPublished(directory);
    for (const { firstSeq, lastSeq, hash } of frames) {
      const committed = this.#frames.get(firstSeq);
      if (committed?.hash !== hash || committed.lastSeq !== lastSeq)
        this.faults.push(`published ${firstSeq} to ${lastSeq}, which is not what was committed`);
      seen.add(firstSeq);
    }
    for (const [firstSeq, { lastSeq }] of this.#frames)
      if (lastSeq <= until && !seen.has(firstSeq))
        this.faults.push(`${firstSeq} to ${lastSeq} was never published`);
    return frames.length;
  }

  #note(command: Command, seq: number, code: number): void {
    if (code === -1) this.repeats++;
    const number = numberOf(command);
    if (number === undefined) return;
    const request = 'session' in command ? `${command.session} ${command.request}` : '';
    const found = this.occurrences.get(number);
    if (found === undefined) this.occurrences.set(number, [{ seq, code, request }]);
    else found.push({ seq, code, request });
  }
}
