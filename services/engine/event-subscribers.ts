/** Serves committed events to those who follow them, each at its own pace and from where it left off. */
import type { WebSocket } from 'ws';
import { FrameWriter, readFrame } from '#domain/codec.ts';
import { closeCodes } from '#platform/engine-protocol.ts';
import { keepAlive } from '#platform/heartbeat.ts';
import type { EventFrame } from './batch-outcome.ts';
import type { EventTail } from './event-tail.ts';

const SUBSCRIBERS_MAX = 64;
/** Each holds a second copy of the engine's state while it catches up. */
const REPLAYS_MAX = 2;

export class EventSubscribers {
  readonly #tail: EventTail;
  readonly #replay: () => AsyncIterable<EventFrame>;
  #subscribers = 0;
  #replays = 0;

  /** `replay` gives the events of the whole journal, batch by batch. */
  constructor(tail: EventTail, replay: () => AsyncIterable<EventFrame>) {
    this.#tail = tail;
    this.#replay = replay;
  }

  /** Sends every frame after `position` until the socket closes. */
  async serve(socket: WebSocket, position: number): Promise<void> {
    if (this.#subscribers >= SUBSCRIBERS_MAX) {
      socket.close(closeCodes.busy, `${SUBSCRIBERS_MAX} follow the events already`);
      return;
    }
    this.#subscribers++;
    keepAlive(socket);
    try {
      const caughtUp = await this.#catchUp(socket, position);
      if (caughtUp !== undefined) await this.#follow(socket, caughtUp);
    } finally {
      this.#subscribers--;
    }
  }

  /** Replays what the tail no longer has; returns the position reached, or undefined once the socket is closed. */
  async #catchUp(socket: WebSocket, from: number): Promise<number | undefined> {
    if (from > this.#tail.lastSeq) {
      socket.close(closeCodes.ahead, `sequence ${from} is beyond the journal's end at ${this.#tail.lastSeq}`);
      return undefined;
    }
    if (this.#isInTail(from)) return from;
    if (this.#replays >= REPLAYS_MAX) {
      socket.close(closeCodes.busy, `${REPLAYS_MAX} replay the journal already`);
      return undefined;
    }
    this.#replays++;
    try {
      let position = from;
      for await (const frame of this.#replay()) {
        if (frame.lastSeq > position) {
          if (!(await send(socket, cutFrame(frame, position)))) return undefined;
          position = frame.lastSeq;
        }
        if (socket.readyState !== socket.OPEN) return undefined;
        if (this.#isInTail(position)) break;
      }
      return position;
    } finally {
      this.#replays--;
    }
  }

  /** Sends from the tail, one frame at a time; nothing is buffered for one that reads slowly. */
  async #follow(socket: WebSocket, from: number): Promise<void> {
    let wake = () => {};
    const forget = this.#tail.onPush(() => wake());
    socket.once('close', () => wake());
    let position = from;
    while (socket.readyState === socket.OPEN) {
      const frame = this.#tail.after(position);
      if (frame !== undefined) {
        if (!(await send(socket, cutFrame(frame, position)))) break;
        position = frame.lastSeq;
      } else if (position < this.#tail.lastSeq) {
        socket.close(closeCodes.tooSlow, `sequence ${position + 1} has left the tail`);
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    forget();
  }

  #isInTail(position: number): boolean {
    return position === this.#tail.lastSeq || this.#tail.after(position) !== undefined;
  }
}

/** Resolves when the bytes are with the operating system, true, or when the socket is gone, false. */
function send(socket: WebSocket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    socket.send(bytes, (error) => resolve(!error));
  });
}

/** The frame's bytes without what lies at or before `position`, which was asked for in the middle of a batch. */
function cutFrame({ firstSeq, lastSeq, bytes }: EventFrame, position: number): Uint8Array {
  if (firstSeq > position) return bytes;
  const writer = new FrameWriter();
  for (const { id, timeUs, message } of readFrame(bytes).records) {
    if (id > position) writer.write(id, timeUs, message);
  }
  return writer.finish(position + 1, lastSeq);
}
