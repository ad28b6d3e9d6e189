/** What a batch of commands does, in the form that the journal's chain of digests covers. */
import { createHash } from 'node:crypto';
import { FrameWriter, type Records, recordsOf } from '#domain/codec.ts';
import type { MatchingEngine } from './matching/engine.ts';

/** The events of a batch, as one frame of the codec with the batch's sequences. */
export interface EventFrame {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: Uint8Array;
}

/** Applies commands one by one and keeps what they did until it is sealed; then it is used again. */
export class BatchOutcome {
  /** The events of the last command applied. */
  readonly commandEvents = new FrameWriter();
  readonly #engine: Pick<MatchingEngine, 'apply'>;
  readonly #events = new FrameWriter();
  #codes: number[] = [];

  constructor(engine: Pick<MatchingEngine, 'apply'>) {
    this.#engine = engine;
  }

  /** Events of the batch so far. */
  get eventCount(): number {
    return this.#events.count;
  }

  /** Applies the command that begins at `at`; returns what the engine does. */
  apply(records: Records, at: number): number {
    this.commandEvents.clear();
    const code = this.#engine.apply(records, at, this.commandEvents);
    this.#codes.push(code);
    this.#events.append(this.commandEvents);
    return code;
  }

  /** The events of one sequence of this batch. */
  eventsOf(seq: number): FrameWriter {
    return recordsOf(this.#events, seq);
  }

  /** Ends the batch: SHA-256 over the digest before, the frame of commands, each command's code, and the events. */
  seal(
    firstSeq: number,
    commands: Uint8Array,
    previousDigest: Uint8Array,
  ): { readonly events: EventFrame; readonly digest: Uint8Array } {
    const lastSeq = firstSeq + this.#codes.length - 1;
    const bytes = this.#events.finish(firstSeq, lastSeq);
    const digest = createHash('sha256')
      .update(previousDigest)
      .update(commands)
      .update(Int16Array.from(this.#codes))
      .update(bytes)
      .digest();
    this.#events.clear();
    this.#codes = [];
    return { events: { firstSeq, lastSeq, bytes }, digest };
  }
}
