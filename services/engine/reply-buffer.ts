/** The replies to one client, which wait for the commit of their batch. */
import { FrameWriter } from '#domain/codec.ts';
import type { Reply } from '#domain/queries.ts';

/** A frame is closed above this many records: the largest takes 360 bytes, so it is 6 MB and one more reply. */
const RECORDS_PER_FRAME = 16_384;

export class ReplyBuffer {
  readonly #writer = new FrameWriter();
  readonly #send: (frame: Uint8Array) => void;
  #frames: Uint8Array[] = [];
  #sealed: Uint8Array[] = [];

  /** `send` gets each finished frame when the buffer is flushed. */
  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send;
  }

  /** Adds a reply and the records that it counts: all of `records`, or the last `count` of them, from word `from` on. */
  add(seq: number, timeUs: number, reply: Reply, records?: FrameWriter, from?: number, count?: number): void {
    this.#writer.write(seq, timeUs, reply);
    if (records !== undefined) this.#writer.append(records, from, count);
    if (this.#writer.count >= RECORDS_PER_FRAME) this.#closeFrame();
  }

  /** What has been added belongs to the batch that is about to be committed; what comes now, to the next. */
  seal(): void {
    if (this.#writer.count > 0) this.#closeFrame();
    this.#sealed.push(...this.#frames);
    this.#frames = [];
  }

  /** Sends what was sealed. */
  flush(): void {
    const frames = this.#sealed;
    this.#sealed = [];
    for (const frame of frames) this.#send(frame);
  }

  #closeFrame(): void {
    this.#frames.push(this.#writer.finish());
    this.#writer.clear();
  }
}
