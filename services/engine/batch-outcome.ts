/** What a batch of commands does, in the form that the journal's chain of digests covers. */
import { createHash } from 'node:crypto';
import { checksumOf, FrameWriter, type Records, recordsOf } from '#domain/codec.ts';
import type { MatchingEngine } from './matching/engine.ts';

/** The events of a batch, as one frame of the codec with the batch's sequences. */
export interface EventFrame {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: Uint8Array;
}

/** Applies commands one by one and keeps what they did until it is sealed; then it is used again. */
export class BatchOutcome {
  /** Of the batch so far. */
  readonly events = new FrameWriter();
  /** Where the events of the last command begin among them, and how many they are. */
  lastFrom = 0;
  lastCount = 0;
  readonly #engine: Pick<MatchingEngine, 'apply'>;
  #codes: number[] = [];

  constructor(engine: Pick<MatchingEngine, 'apply'>) {
    this.#engine = engine;
  }

  /** Applies the command that begins at `at`; returns what the engine does. */
  apply(records: Records, at: number): number {
    const { events } = this;
    const before = events.count;
    this.lastFrom = events.end;
    const code = this.#engine.apply(records, at, events);
    this.lastCount = events.count - before;
    this.#codes.push(code);
    return code;
  }

  /** The events of one sequence of this batch. */
  eventsOf(seq: number): FrameWriter {
    return recordsOf(this.events, seq);
  }

  /** Ends the batch. */
  seal(
    firstSeq: number,
    commands: Uint8Array,
    previousDigest: Uint8Array,
  ): { readonly events: EventFrame; readonly digest: Uint8Array } {
    const lastSeq = firstSeq + this.#codes.length - 1;
    const bytes = this.events.finish(firstSeq, lastSeq);
    const digest = digestOf(previousDigest, commands, this.#codes, bytes);
    this.events.clear();
    this.#codes = [];
    return { events: { firstSeq, lastSeq, bytes }, digest };
  }
}

/**
 * SHA-256 over the digest before, the frame of commands, each command's code, and the checksum of the frame of events.
 * Commands are history, which nobody may forge; of the events, which follow from them, the 32 bits that their frame has
 * anyway show that a program decides otherwise. Hashing all events too would add 0.2 µs to each command.
 */
export function digestOf(
  previousDigest: Uint8Array,
  commands: Uint8Array,
  codes: readonly number[],
  events: Uint8Array,
): Uint8Array {
  return createHash('sha256')
    .update(previousDigest)
    .update(commands)
    .update(Int16Array.from(codes))
    .update(Uint32Array.of(checksumOf(events)))
    .digest();
}
