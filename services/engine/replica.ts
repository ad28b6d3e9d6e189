/**
 * The exchange as the journal has it: the matching engine, where in the journal it stands, and its latest events. Each
 * engine task has one; it is brought forward by what others committed, or by what this one commits as the leader.
 */
import { FrameError, type OpenFrame, openFrame, recordWords, typeOfRecord } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { BatchOutcome, type EventFrame } from './batch-outcome.ts';
import { EventTail } from './event-tail.ts';
import type { Batch } from './journal.ts';
import { MatchingEngine } from './matching/engine.ts';

/** Where a replica stands: always at the end of a batch. */
export interface Position {
  readonly seq: number;
  readonly epoch: number;
  /** Time of the last command. */
  readonly timeUs: number;
  /** Digest of the last batch, which covers all before it. */
  readonly digest: Uint8Array;
}

/** Where every journal begins; its digest is what the first batch covers. */
export const BEGINNING: Position = { seq: 0, epoch: 0, timeUs: 0, digest: new Uint8Array(32) };

/** The journal was damaged: a batch cannot be read, or does not follow the one before. Names the sequences. */
export class JournalError extends Error {
  override name = 'JournalError';
}

/** This program does not do with a batch what the one that wrote it did. */
export class DivergenceError extends Error {
  override name = 'DivergenceError';
  readonly batch: Batch;
  /** What this program did. */
  readonly events: EventFrame;

  constructor(batch: Batch, events: EventFrame) {
    super(
      `sequences ${batch.firstSeq} to ${batch.lastSeq}: the commands do not have the outcome that the journal recorded`,
    );
    this.batch = batch;
    this.events = events;
  }
}

export class Replica {
  readonly engine: MatchingEngine;
  readonly tail: EventTail;
  /** Set by whoever needs the engine to be where the replica stands after a batch: no command is applied meanwhile. */
  needsRest = false;
  /** What commands do is collected here, batch by batch. */
  readonly outcome: BatchOutcome;
  readonly #listeners = new Set<() => void>();
  #position: Position;

  constructor(engine = new MatchingEngine(), position = BEGINNING) {
    this.engine = engine;
    this.outcome = new BatchOutcome(engine);
    this.tail = new EventTail(position.seq);
    this.#position = position;
  }

  get position(): Position {
    return this.#position;
  }

  /**
   * Applies a batch that was committed.
   * @throws {JournalError} when it was damaged.
   * @throws {DivergenceError} when its outcome here differs; the replica is of no use afterwards.
   */
  follow(batch: Batch): EventFrame {
    this.#apply(batch);
    const { events, digest } = this.outcome.seal(batch.firstSeq, batch.commands, this.#position.digest);
    if (Buffer.compare(digest, batch.digest) !== 0) throw new DivergenceError(batch, events);
    this.advance(batch, events);
    return events;
  }

  /** Notes that a batch whose commands have been applied is committed. */
  advance({ lastSeq, epoch, timeUs, digest }: Batch, events: EventFrame): void {
    this.#position = { seq: lastSeq, epoch, timeUs, digest };
    this.tail.push(events);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each batch until the returned function is called; see {@link needsRest}. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(batch: Batch): void {
    const where = `sequences ${batch.firstSeq} to ${batch.lastSeq}`;
    if (batch.firstSeq !== this.#position.seq + 1)
      throw new JournalError(`${where} follow sequence ${this.#position.seq}`);
    const frame = openCommands(batch, where);
    let seq = this.#position.seq;
    for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
      const type = typeOfRecord(frame, at);
      const id = frame.words[at + 1]!;
      if (id !== ++seq || !(type in commands))
        throw new JournalError(`${where}: sequence ${seq} is a ${type} that says ${id}`);
      this.outcome.apply(frame, at);
    }
    if (seq !== batch.lastSeq) throw new JournalError(`${where}: the commands end at ${seq}`);
  }
}

/** Its checksum vouches for what the engine wrote: the fields were checked when they arrived. */
function openCommands(batch: Batch, where: string): OpenFrame {
  try {
    return openFrame(batch.commands);
  } catch (cause) {
    if (!(cause instanceof FrameError)) throw cause;
    throw new JournalError(`${where} cannot be read: ${cause.message}`, { cause });
  }
}
