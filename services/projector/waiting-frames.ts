/** Frames that wait for the transaction before theirs; whatever waits by then is written together. */
import type { Frame } from '#domain/codec.ts';

/**
 * Most events in one transaction, unless a single frame has more: at 300 bytes each, 6 MB in memory. An empty
 * frame counts as one, so that their number is limited too.
 */
const RECORDS_MAX = 20_000;

export class WaitingFrames {
  #frames: Frame[] = [];
  #records = 0;
  #arrived = Promise.withResolvers<void>();
  #taken = Promise.withResolvers<void>();
  #ended = false;

  /** Resolves when there is room for another. */
  async add(frame: Frame): Promise<void> {
    this.#frames.push(frame);
    this.#records += Math.max(1, frame.records.length);
    this.#arrived.resolve();
    if (this.#records >= RECORDS_MAX && !this.#ended) await this.#taken.promise;
  }

  /** All that wait, as soon as there are some; none once {@link end} was called. */
  async take(): Promise<readonly Frame[]> {
    await this.#arrived.promise;
    const frames = this.#frames;
    this.#frames = [];
    this.#records = 0;
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
    if (!this.#ended) this.#arrived = Promise.withResolvers();
    return frames;
  }

  /** Lets everyone who waits go on. */
  end(): void {
    this.#ended = true;
    this.#arrived.resolve();
    this.#taken.resolve();
  }
}
