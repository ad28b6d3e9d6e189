/** Follows the engine's committed events from any sequence on, in order and without a gap. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createWebSocketStream, WebSocket } from 'ws';
import { type Frame, type Message, readFrame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { backoffMs } from './backoff.ts';
import { closeCodes, EVENTS_PATH } from './engine-protocol.ts';
import { keepAlive } from './heartbeat.ts';
import type { Log } from './log.ts';

/** Frames read ahead of the one being handled; the engine is not read from while as many wait. */
const FRAMES_AHEAD_MAX = 4;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The events that came do not continue those that were handled; only a human can tell which side is right. */
export class EventGapError extends Error {
  override name = 'EventGapError';
}

export interface EventStreamOptions {
  readonly log?: Log;
  /** The only messages to decode; all of them unless given. */
  readonly wanted?: ReadonlySet<Message['type']>;
}

export interface EventStream {
  /** Rejects with what `onFrame` threw or with {@link EventGapError}; resolves after `close()`. */
  readonly ended: Promise<void>;
  /** Takes no more frames and waits for the one being handled. */
  close(): Promise<void>;
}

/**
 * Hands every frame of committed events after `after` to `onFrame`, one at a time: the next is not taken before
 * the promise resolves. A lost connection is made again, from the last frame that was handled.
 */
export function streamEvents(
  url: string,
  after: Seq,
  onFrame: (frame: Frame) => Promise<void>,
  options: EventStreamOptions = {},
): EventStream {
  const stop = new AbortController();
  const ended = follow(url, after, onFrame, stop.signal, options);
  // Whoever awaits `ended` learns of its failure; close() has nothing to add to it.
  const settled = ended.catch(() => {});
  return {
    ended,
    close: () => {
      stop.abort();
      return settled;
    },
  };
}

async function follow(
  url: string,
  after: Seq,
  onFrame: (frame: Frame) => Promise<void>,
  stop: AbortSignal,
  { log, wanted }: EventStreamOptions,
): Promise<void> {
  let position: number = after;
  let failures = 0;
  while (!stop.aborted) {
    const source = new URL(EVENTS_PATH, url);
    source.searchParams.set('from', String(position));
    const lost = await readConnection(source, stop, wanted, async (frame) => {
      if (frame.firstSeq !== position + 1) {
        throw new EventGapError(`events from sequence ${frame.firstSeq} came after ${position}`);
      }
      await onFrame(frame);
      position = frame.lastSeq;
      failures = 0;
    });
    if (stop.aborted) return;
    log?.warn({ position, reason: lost }, 'lost the event stream');
    const delay = sleep(backoffMs(failures++), undefined, { signal: stop });
    await delay.catch(() => {});
  }
}

/** Reads one connection to its end and says why it ended; throws what `handle` threw. */
async function readConnection(
  source: URL,
  stop: AbortSignal,
  wanted: ReadonlySet<Message['type']> | undefined,
  handle: (frame: Frame) => Promise<void>,
): Promise<string> {
  const socket = new WebSocket(source, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  keepAlive(socket);
  let lost: unknown;
  let close = { code: 0, reason: '' };
  socket.on('error', (error) => {
    lost = error;
  });
  socket.on('close', (code, reason) => {
    close = { code, reason: reason.toString() };
  });
  const terminate = () => socket.terminate();
  stop.addEventListener('abort', terminate);
  try {
    const messages = createWebSocketStream(socket, {
      readableObjectMode: true,
      readableHighWaterMark: FRAMES_AHEAD_MAX,
    });
    for await (const bytes of messages) {
      if (stop.aborted) break;
      await handle(readFrame(bytes as Buffer, wanted));
    }
  } catch (error) {
    if (error !== lost) throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    stop.removeEventListener('abort', terminate);
    socket.terminate();
  }
  if (close.code === closeCodes.ahead) throw new EventGapError(close.reason);
  return `closed with ${close.code} ${close.reason}`;
}
