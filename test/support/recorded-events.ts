/** Keeps what an engine in this process committed, and streams it from any sequence as the engine's service does. */
import { type Frame, FrameWriter, readFrame } from '#domain/codec.ts';
import type { Outcome } from '#platform/engine-client.ts';
import type { EventStream } from '#platform/engine-events.ts';

export class RecordedEvents {
  readonly #frames: Frame[] = [];
  readonly #wakes = new Set<() => void>();
  /** Streams that were asked for so far. */
  streamed = 0;

  /** Returns the frame's bytes, to be published. */
  record({ seq, timeUs, events }: Outcome): Uint8Array {
    const writer = new FrameWriter();
    for (const event of events) writer.write(seq, timeUs, event);
    const bytes = writer.finish(seq, seq);
    this.#frames.push(readFrame(bytes));
    for (const wake of this.#wakes) wake();
    return bytes;
  }

  stream(after: number, onFrame: (frame: Frame) => Promise<void>): EventStream {
    this.streamed++;
    let closed = false;
    const ended = (async () => {
      // As over a network: nothing arrives before the caller has the stream in hand.
      await new Promise(setImmediate);
      // Every command has a frame, from the first on.
      for (let next = after; !closed; ) {
        const frame = this.#frames[next];
        if (frame === undefined) await new Promise<void>((wake) => this.#wakes.add(wake));
        else {
          next++;
          await onFrame(frame);
        }
      }
    })();
    return {
      ended,
      close: async () => {
        closed = true;
        for (const wake of this.#wakes) wake();
      },
    };
  }
}
