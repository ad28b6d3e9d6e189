/** The engine as tests drive it: commands in, events or the reason of a refusal out, invariants checked on the way. */
import assert from 'node:assert/strict';
import { FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { Query } from '#domain/queries.ts';
import { type RejectionName, rejectionName } from '#domain/rejections.ts';
import { MatchingEngine, REPEATED } from '#services/engine/matching/engine.ts';

export type DrivenOutcome = RejectionName | 'repeated' | readonly Event[];

export class DrivenEngine {
  readonly engine: MatchingEngine;
  readonly #commands = new FrameWriter();
  readonly #records = new FrameWriter();

  constructor(engine = new MatchingEngine()) {
    this.engine = engine;
  }

  static restored(snapshot: Uint8Array): DrivenEngine {
    return new DrivenEngine(MatchingEngine.restore(snapshot));
  }

  /** Applies the next command; its time is its sequence unless it is given, in microseconds. */
  apply(command: Command, atUs?: number): DrivenOutcome {
    const seq = this.engine.lastSeq + 1;
    this.#commands.clear();
    const at = this.#commands.length;
    this.#commands.write(seq, atUs ?? seq, command);
    this.#records.clear();
    const code = this.engine.apply(this.#commands, at, this.#records);
    if (code === 0) return this.#read();
    assert.equal(this.#records.count, 0, 'a refusal has no events');
    return code === REPEATED ? 'repeated' : rejectionName(code)!;
  }

  /** Applies a command that must be accepted. */
  accept(command: Command, atUs?: number): readonly Event[] {
    const outcome = this.apply(command, atUs);
    if (typeof outcome === 'string') throw new Error(`${command.type} was refused: ${outcome}`);
    return outcome;
  }

  ask(query: Query): Event[] {
    this.#records.clear();
    this.engine.answer(query, this.#records);
    return this.#read();
  }

  #read(): Event[] {
    const { records } = readFrame(this.#records.finish());
    for (const { id } of records) assert.equal(id, this.engine.lastSeq);
    return records.map(({ message }) => message as Event);
  }
}
