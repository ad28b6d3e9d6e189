/**
 * What leaves on one client's connection. Frames that are ready made are written to the TCP connection itself, all of a
 * turn of the event loop together: handing each to the WebSocket library would make its header anew for every client.
 * A client that does not keep up is told the newest state of what it follows; one that stays behind is cut off.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Form, frameOf } from './broadcast.ts';
import type { Datum } from './datum.ts';
import type { Stream } from './names.ts';

/** With as much unread, what can be put together waits until the client has read: the size at which TCP pushes back. */
const HOLD_FROM_BYTES = 64 * 1024;
/** What a client may leave unread of that which cannot be put together before it is cut off. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** So long may a client stay behind: what waits for it grows with the time. */
const BEHIND_MS_MAX = 30_000;
/** A client that is cut off has so long to read why. */
const FAREWELL_MS = 5_000;
const POLICY_VIOLATION = 1008;

interface Held {
  readonly stream: Stream;
  readonly datum: Datum;
}

export class Outlet {
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #form: () => Form;
  /** Frames of this turn. */
  #ready: Buffer[] = [];
  /** What waits for the client to read, by the stream's name. */
  readonly #held = new Map<string, Held>();
  #behindSinceMs = 0;

  /**
   * `connection` is what `socket` writes to. It must not compress: then a frame of the library is on the connection
   * when its `send` returns, and whole.
   */
  constructor(socket: WebSocket, connection: Duplex, form: () => Form) {
    this.#socket = socket;
    this.#connection = connection;
    this.#form = form;
    connection.on('drain', () => this.#release());
  }

  write({ name, subject }: Stream, datum: Datum, frame: Buffer): void {
    const unread = this.#unread();
    if (unread === undefined) return;
    const held = this.#held.get(name);
    if (held !== undefined || unread > HOLD_FROM_BYTES) {
      const together = datum.after(held?.datum ?? datum);
      if (together !== undefined) {
        this.#hold({ name, subject }, together);
        return;
      }
      // What has to be told tells more than what waits.
      this.#held.delete(name);
    }
    this.#push(frame);
  }

  /** Of what can never be put together. */
  tell(frame: Buffer): void {
    if (this.#unread() !== undefined) this.#push(frame);
  }

  /** What was held of a stream that the client does not want any more. */
  forget(name: string): void {
    this.#held.delete(name);
  }

  /** Bytes; undefined when the client is gone, or is cut off now. */
  #unread(): number | undefined {
    const { readyState, OPEN } = this.#socket;
    if (readyState !== OPEN) return undefined;
    const unread = this.#connection.writableLength;
    if (unread <= UNREAD_BYTES_MAX) return unread;
    this.#cut(`over ${UNREAD_BYTES_MAX} bytes are unread: read faster, or ask for less`);
    return undefined;
  }

  #hold(stream: Stream, datum: Datum): void {
    const nowMs = Date.now();
    if (this.#held.size === 0) this.#behindSinceMs = nowMs;
    this.#held.set(stream.name, { stream, datum });
    if (nowMs - this.#behindSinceMs > BEHIND_MS_MAX)
      this.#cut(`behind for ${BEHIND_MS_MAX / 1_000} seconds: read faster, or ask for less`);
  }

  /** The client has read everything. */
  #release(): void {
    const held = [...this.#held.values()];
    this.#held.clear();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    for (const { stream, datum } of held) this.#push(frameOf(stream, datum, this.#form()));
  }

  #push(frame: Buffer): void {
    this.#ready.push(frame);
    if (this.#ready.length === 1) process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    const ready = this.#ready;
    this.#ready = [];
    // After a close frame nothing may follow.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#connection.write(ready.length === 1 ? ready[0]! : Buffer.concat(ready));
  };

  #cut(reason: string): void {
    this.#held.clear();
    this.#socket.close(POLICY_VIOLATION, reason);
    setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
  }
}
