/** The matching engine, which keeps what each command came to. */
import type { FrameWriter, Records } from '#domain/codec.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';

export class RecordingEngine extends MatchingEngine {
  /** Of the commands since they were last taken: 0, `REPEATED`, or a rejection's code. */
  #codes: number[] = [];

  override apply(records: Records, at: number, events: FrameWriter): number {
    const code = super.apply(records, at, events);
    this.#codes.push(code);
    return code;
  }

  takeCodes(): readonly number[] {
    const codes = this.#codes;
    this.#codes = [];
    return codes;
  }
}
