/** The engine as tests drive it: commands in, events or the reason of a refusal out, invariants checked on the way. */
import assert from 'node:assert/strict';
import { FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { Seq, TimeUs } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { type RejectionName, rejectionName } from '#domain/rejections.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';

export class DrivenEngine {
  readonly engine = new MatchingEngine();
  readonly #records = new FrameWriter();

  /** Applies the next command; its sequence is its time too. */
  apply(command: Command): RejectionName | readonly Event[] {
    const seq = this.engine.lastSeq + 1;
    this.#records.clear();
    const code = this.engine.apply(seq as Seq, seq as TimeUs, command, this.#records);
    if (code === null) return this.#read();
    assert.equal(this.#records.count, 0, 'a refusal has no events');
    return rejectionName(code)!;
  }

  /** Applies a command that must be accepted. */
  accept(command: Command): readonly Event[] {
    const outcome = this.apply(command);
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
