/** What the journal says happened: all of it executed again from the beginning, and compared with what anyone heard. */
import { isDeepStrictEqual } from 'node:util';
import {
  checksumOf,
  FrameWriter,
  type Message,
  openFrame,
  readFrame,
  readRecord,
  recordWords,
} from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import { BatchOutcome } from '#services/engine/batch-outcome.ts';
import type { Batch } from '#services/engine/journal.ts';
import { MatchingEngine, REPEATED } from '#services/engine/matching/engine.ts';
import type { Occurrence } from '../support/check-outcomes.ts';
import { numberOf } from '../support/history.ts';
import type { Ear, Heard } from './trader.ts';
import type { World } from './world.ts';

export class JournalWalk {
  readonly engine = new MatchingEngine();
  /** By number, where the journal has the command. */
  readonly occurrences = new Map<number, Occurrence[]>();
  /** By first sequence, of the events of each batch. */
  readonly frames = new Map<number, { readonly lastSeq: number; readonly checksum: number }>();
  digest: Uint8Array = new Uint8Array(32);
  repeats = 0;
  readonly #world: World;
  readonly #ear: Ear;
  readonly #outcome = new BatchOutcome(this.engine);
  /** By sequence. */
  readonly #answers: ReadonlyMap<number, readonly Heard[]>;

  constructor(world: World, ear: Ear) {
    this.#world = world;
    this.#ear = ear;
    this.#answers = Map.groupBy(ear.answers, ({ seq }) => seq);
  }

  follow(batch: Batch): void {
    const frame = openFrame(batch.commands);
    for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
      const { id: seq, message } = readRecord(frame, at);
      const code = this.#outcome.apply(frame, at);
      this.#note(message as Command, seq, code);
      this.#compareAnswers(seq);
    }
    const { events, digest } = this.#outcome.seal(batch.firstSeq, batch.commands, this.digest);
    if (Buffer.compare(digest, batch.digest) !== 0)
      this.#world.violate(
        'a replay does what the leader did',
        `${batch.firstSeq} to ${batch.lastSeq} come to something else`,
      );
    this.digest = digest;
    this.frames.set(batch.firstSeq, { lastSeq: batch.lastSeq, checksum: checksumOf(events.bytes) });
  }

  #note(command: Command, seq: number, code: number): void {
    if (code === REPEATED) this.repeats++;
    const number = numberOf(command);
    if (number === undefined) return;
    const request = 'session' in command ? `${command.session} ${command.request}` : '';
    const found = this.occurrences.get(number);
    if (found === undefined) this.occurrences.set(number, [{ seq, code, request }]);
    else found.push({ seq, code, request });
    const heard = this.#ear.events.get(number);
    if (code === 0 && heard !== undefined) this.#compareEvents(number, seq, heard);
  }

  #compareEvents(number: number, seq: number, heard: readonly Message[]): void {
    const events = readFrame(this.#outcome.eventsOf(seq).finish()).records.map(({ message }) => message);
    if (!isDeepStrictEqual(events, heard))
      this.#world.violate(
        'a client hears what its command did',
        `n${number} at ${seq}: heard ${JSON.stringify(heard)}, and it was ${JSON.stringify(events)}`,
      );
  }

  /** A question was answered as if it had come after this command. */
  #compareAnswers(seq: number): void {
    for (const { query, records } of this.#answers.get(seq) ?? []) {
      const writer = new FrameWriter();
      this.engine.answer(query, writer);
      const answer = readFrame(writer.finish()).records.map(({ message }) => message);
      if (!isDeepStrictEqual(answer, records))
        this.#world.violate(
          'a query is answered from the state of its sequence',
          `${JSON.stringify(query)} at ${seq}: ${JSON.stringify(records)}, and not ${JSON.stringify(answer)}`,
        );
    }
  }
}
