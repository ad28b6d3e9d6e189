/** Rebuilds an engine's state from the journal, and refuses a journal that does not give what it says. */
import type { Kysely } from 'kysely';
import { FrameError, type OpenFrame, openFrame, recordWords, typeOfRecord } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Database } from '#platform/database.ts';
import { BatchOutcome, type EventFrame } from './batch-outcome.ts';
import { type Batch, type JournalEnd, readBatches } from './journal.ts';
import type { MatchingEngine } from './matching/engine.ts';

/** The journal was damaged, or this program does not do what the one that wrote it did; names the sequence. */
export class JournalError extends Error {
  override name = 'JournalError';
}

export interface Replayed {
  readonly events: EventFrame;
  readonly digest: Uint8Array;
  /** Time of the batch's last command. */
  readonly lastTimeUs: number;
}

/** Where every journal begins; its digest is what the first batch covers. */
export const NOTHING_REPLAYED: Replayed = {
  events: { firstSeq: 0, lastSeq: 0, bytes: new Uint8Array() },
  digest: new Uint8Array(32),
  lastTimeUs: 0,
};

/**
 * Applies the whole journal to `engine`, which must be new, and gives each batch's events.
 * @throws {JournalError} at the first batch that cannot be read or whose digest differs.
 */
export async function* replay(
  db: Kysely<Database>,
  engine: Pick<MatchingEngine, 'apply'>,
): AsyncGenerator<Replayed> {
  const outcome = new BatchOutcome(engine);
  let end: JournalEnd = { lastSeq: 0, digest: NOTHING_REPLAYED.digest };
  for await (const batch of readBatches(db, 0)) {
    const lastTimeUs = applyBatch(batch, end, outcome);
    const { events, digest } = outcome.seal(batch.firstSeq, batch.commands, end.digest);
    if (!sameDigest(digest, batch.digest)) {
      throw new JournalError(
        `sequences ${batch.firstSeq} to ${batch.lastSeq}: the commands do not have the outcome that the journal recorded`,
      );
    }
    end = batch;
    yield { events, digest, lastTimeUs };
  }
}

/**
 * Compares where a replay came to with the head row, which a lost last row would not match.
 * @throws {JournalError}
 */
export function checkEnd(replayed: JournalEnd, head: JournalEnd): void {
  if (replayed.lastSeq !== head.lastSeq || !sameDigest(replayed.digest, head.digest)) {
    throw new JournalError(
      `the journal ends at sequence ${replayed.lastSeq} and does not lead to its head at ${head.lastSeq}`,
    );
  }
}

/** Applies the commands of one row; returns the time of the last. */
function applyBatch(batch: Batch, end: JournalEnd, outcome: BatchOutcome): number {
  const where = `sequences ${batch.firstSeq} to ${batch.lastSeq}`;
  if (batch.firstSeq !== end.lastSeq + 1) throw new JournalError(`${where} follow sequence ${end.lastSeq}`);
  const frame = openCommands(batch, where);
  let seq = end.lastSeq;
  let timeUs = 0;
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
    const type = typeOfRecord(frame, at);
    const id = frame.words[at + 1]!;
    if (id !== ++seq || !(type in commands))
      throw new JournalError(`${where}: sequence ${seq} is a ${type} that says ${id}`);
    timeUs = frame.words[at + 2]!;
    outcome.apply(frame, at);
  }
  if (seq !== batch.lastSeq) throw new JournalError(`${where}: the commands end at ${seq}`);
  return timeUs;
}

/** Its checksum vouches for what the engine wrote: the fields were checked when they arrived. */
function openCommands(batch: Batch, where: string): OpenFrame {
  try {
    return openFrame(batch.commands);
  } catch (cause) {
    if (!(cause instanceof FrameError)) throw cause;
    throw new JournalError(`${where} cannot be read: ${cause.message}`, {
      cause,
    });
  }
}

function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
