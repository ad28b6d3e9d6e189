/** Sorts committed events into the lanes of the stream, and cuts what each has got into records. */
import { FrameWriter, openFrame, recordWords } from '#domain/codec.ts';
import { LANES, laneOfRecord } from '#platform/lanes.ts';
import type { EventFrame } from './batch-outcome.ts';

/**
 * Ten payload units of 25 KB, which is what Kinesis counts in; it takes 1 MB. A request has one record of each lane,
 * and takes 5 MB.
 */
export const RECORD_BYTES_MAX = 10 * 25 * 1024;

export class LaneFrames {
  readonly #writers = Array.from({ length: LANES }, () => new FrameWriter());
  readonly #scratch = new FrameWriter();
  #after: number;
  #lastSeq: number;
  #oldestUs: number | undefined;

  /** For what comes after sequence `after`. */
  constructor(after: number) {
    this.#after = after;
    this.#lastSeq = after;
  }

  /** Of all lanes together, since the last {@link take}. */
  get bytes(): number {
    return this.#writers.reduce((sum, writer) => sum + (writer.end - writer.start) * 8, 0);
  }

  /** When the first event since the last {@link take} was committed; undefined while there is none. */
  get oldestUs(): number | undefined {
    return this.#oldestUs;
  }

  /** Adds the next frame, or what of it comes after the last one. */
  add({ lastSeq, bytes }: EventFrame): void {
    const frame = openFrame(bytes);
    for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
      const seq = frame.words[at + 1]!;
      if (seq <= this.#lastSeq) continue;
      const timeUs = frame.words[at + 2]!;
      this.#oldestUs ??= timeUs;
      this.#writers[laneOfRecord(frame, at)]!.copy(frame, at, seq, timeUs);
    }
    this.#lastSeq = lastSeq;
  }

  /** Each lane's records for the sequences since the last time, at least one. */
  take(): Uint8Array[][] {
    const firstSeq = this.#after + 1;
    const records = this.#writers.map((writer) => this.#cut(writer, firstSeq));
    for (const writer of this.#writers) writer.clear();
    this.#after = this.#lastSeq;
    this.#oldestUs = undefined;
    return records;
  }

  /** A record that ends within a sequence says that it ends with the one before: there is more of it to come. */
  #cut(writer: FrameWriter, firstSeq: number): Uint8Array[] {
    if (writer.end * 8 <= RECORD_BYTES_MAX) return [writer.finish(firstSeq, this.#lastSeq)];
    const records: Uint8Array[] = [];
    const scratch = this.#scratch;
    scratch.clear();
    let from = firstSeq;
    for (let at = writer.start; at < writer.end; at += recordWords(writer, at)) {
      const seq = writer.words[at + 1]!;
      if (scratch.count > 0 && (scratch.end + recordWords(writer, at)) * 8 > RECORD_BYTES_MAX) {
        records.push(scratch.finish(from, seq - 1));
        from = seq;
        scratch.clear();
      }
      scratch.copy(writer, at, seq, writer.words[at + 2]!);
    }
    records.push(scratch.finish(from, this.#lastSeq));
    return records;
  }
}
