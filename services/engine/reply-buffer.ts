/** The replies to one client until its batch is committed. */
import { FrameWriter } from '#domain/codec.ts';
import type { Reply } from '#domain/queries.ts';

/** A frame is closed above this many records: the largest takes 360 bytes, so it is 6 MB and one more reply. */
const RECORDS_PER_FRAME = 16_384;

export class ReplyBuffer {
  readonly #writer = new FrameWriter();
  readonly #send: (frame: Uint8Array) => void;
  #frames: Uint8Array[] = [];

  /** `send` gets each finished frame when the buffer is flushed. */
  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send;
  }

  /** Adds a reply and the records that it counts. */
  add(seq: number, timeUs: number, reply: Reply, records?: FrameWriter): void {
    this.#writer.write(seq, timeUs, reply);
    if (records !== undefined) this.#writer.append(records);
    if (this.#writer.count >= RECORDS_PER_FRAME) this.#closeFrame();
  }

  flush(): void {
    if (this.#writer.count > 0) this.#closeFrame();
    const frames = this.#frames;
    this.#frames = [];
    for (const frame of frames) this.#send(frame);
  }

  #closeFrame(): void {
    this.#frames.push(this.#writer.finish());
    this.#writer.clear();
  }
}
