/** A service's line to the engine: commands and questions out, outcomes and answers back, in order. */
import type { Message } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { Seq, TimeUs } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import type { RejectionName } from '#domain/rejections.ts';

/** What became of a command; it is in the journal by the time anyone sees this, accepted or rejected. */
export interface Outcome {
  readonly seq: Seq;
  readonly timeUs: TimeUs;
  /** Null when accepted. */
  readonly rejection: RejectionName | null;
  /** What the command did, in order; empty when rejected. */
  readonly events: readonly Event[];
}

export interface Answer {
  /** The last committed command that the answer takes into account. */
  readonly seq: Seq;
  readonly records: readonly Message[];
}

/**
 * The engine gave no answer. `sent` tells the two cases apart that a caller must not confuse: false, it never
 * left and was not executed; true, it may or may not have been.
 */
export class EngineUnavailable extends Error {
  override name = 'EngineUnavailable';
  readonly sent: boolean;

  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

export interface EngineClient {
  /** @throws {EngineUnavailable} */
  execute(command: Command): Promise<Outcome>;
  /** @throws {EngineUnavailable} */
  ask(query: Query): Promise<Answer>;
  close(): Promise<void>;
}
