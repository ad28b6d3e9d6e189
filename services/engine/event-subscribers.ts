/** Serves committed events to those who follow them over a WebSocket, each at its own pace. */
import type { WebSocket } from 'ws';
import { FrameWriter, readFrame } from '#domain/codec.ts';
import { closeCodes } from '#platform/engine-protocol.ts';
import { keepAlive } from '#platform/heartbeat.ts';
import type { EventFrame } from './batch-outcome.ts';
import { type CommittedEvents, EventsUnavailable } from './committed-events.ts';

const SUBSCRIBERS_MAX = 64;

export class EventSubscribers {
  readonly #events: CommittedEvents;
  #subscribers = 0;

  constructor(events: CommittedEvents) {
    this.#events = events;
  }

  /** Sends every frame after `position` until the socket closes. */
  async serve(socket: WebSocket, position: number): Promise<void> {
    if (this.#subscribers >= SUBSCRIBERS_MAX) {
      socket.close(closeCodes.busy, `${SUBSCRIBERS_MAX} follow the events already`);
      return;
    }
    this.#subscribers++;
    keepAlive(socket);
    const closed = new AbortController();
    socket.once('close', () => closed.abort());
    try {
      for await (const frame of this.#events.after(position, closed.signal))
        if (!(await send(socket, cutFrame(frame, position)))) break;
    } catch (error) {
      if (!(error instanceof EventsUnavailable)) throw error;
      socket.close(closeCodes[error.reason], error.message);
    } finally {
      this.#subscribers--;
    }
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
