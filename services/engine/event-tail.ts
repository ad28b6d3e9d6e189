/** The most recent committed events, from which those who follow them are served without reading the journal. */
import assert from 'node:assert/strict';
import { type FrameWriter, openFrame, recordsOf } from '#domain/codec.ts';
import type { EventFrame } from './batch-outcome.ts';

const FRAMES_MAX = 8_192;
const BYTES_MAX = 32 * 1024 * 1024;

export class EventTail {
  readonly #frames: EventFrame[] = [];
  readonly #listeners = new Set<() => void>();
  #bytes = 0;
  #lastSeq: number;

  /** Begins after `lastSeq`. */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Adds the next batch's events and lets the oldest go. */
  push(frame: EventFrame): void {
    assert.equal(frame.firstSeq, this.#lastSeq + 1);
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
    this.#lastSeq = frame.lastSeq;
    while (this.#frames.length > FRAMES_MAX || this.#bytes > BYTES_MAX)
      this.#bytes -= this.#frames.shift()!.bytes.length;
    for (const wake of [...this.#listeners]) wake();
  }

  /** The frame with the event after `position`, or undefined when that has gone or is yet to come. */
  after(position: number): EventFrame | undefined {
    let low = 0;
    let high = this.#frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#frames[middle]!.lastSeq > position) high = middle;
      else low = middle + 1;
    }
    const frame = this.#frames[low];
    return frame !== undefined && frame.firstSeq <= position + 1 ? frame : undefined;
  }

  /** The events of one sequence; undefined when they have gone. */
  eventsOf(seq: number): FrameWriter | undefined {
    const batch = this.after(seq - 1);
    if (batch === undefined) return undefined;
    return recordsOf(openFrame(batch.bytes), seq);
  }

  /** Resolves with the next push, or when `stop` is aborted. */
  pushed(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#listeners.delete(wake);
        stop.removeEventListener('abort', wake);
        resolve();
      };
      this.#listeners.add(wake);
      stop.addEventListener('abort', wake);
      if (stop.aborted) wake();
    });
  }
}
