/** A service's line to the engine: commands and questions out, outcomes and answers back, in order. */
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { type FrameRecord, FrameWriter, type Message, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { Seq, TimeUs } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { type RejectionName, rejectionName } from '#domain/rejections.ts';
import { backoffMs } from './backoff.ts';
import { COMMANDS_PATH, REQUESTS_PER_FRAME_MAX } from './engine-protocol.ts';
import { keepAlive } from './heartbeat.ts';

/** What became of a command; it is in the journal by the time anyone sees this, accepted or rejected. */
export interface Outcome {
  readonly seq: Seq;
  readonly timeUs: TimeUs;
  /** Null when accepted. */
  readonly rejection: RejectionName | null;
  /** What the command did, in order; empty when rejected. */
  readonly events: readonly Event[];
}

export interface Answer {
  /** The last committed command that the answer takes into account. */
  readonly seq: Seq;
  readonly records: readonly Message[];
}

/**
 * The engine gave no answer. `sent` tells the two cases apart that a caller must not confuse: false, it never
 * left and was not executed; true, it may or may not have been.
 */
export class EngineUnavailable extends Error {
  override name = 'EngineUnavailable';
  readonly sent: boolean;

  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

export interface EngineClient {
  /** @throws {EngineUnavailable} */
  execute(command: Command): Promise<Outcome>;
  /** @throws {EngineUnavailable} */
  ask(query: Query): Promise<Answer>;
  close(): Promise<void>;
}

export interface EngineClientOptions {
  /** Most requests without an answer, sent and waiting together; more are refused at once. */
  readonly pendingRequestsMax?: number;
  /** How long a request may wait for a connection before it is given up unsent. */
  readonly connectTimeoutMs?: number;
  /** How long an answer may take before the request's fate counts as unknown. */
  readonly requestTimeoutMs?: number;
}

const PENDING_REQUESTS_MAX = 16_384;
const CONNECT_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Timeouts are looked for this often, over all requests at once: a timer for each would cost more than the rest. */
const SWEEP_MS = 50;

/**
 * One persistent connection to the engine at `url`, made again whenever it is lost. The requests of one turn of
 * the event loop leave in one frame.
 */
export function connectEngine(url: string, options: EngineClientOptions = {}): EngineClient {
  return new EngineConnection(new URL(COMMANDS_PATH, url), options);
}

interface Request {
  readonly message: Command | Query;
  readonly since: number;
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

interface Reply {
  readonly head: FrameRecord;
  readonly records: readonly Message[];
}

class EngineConnection implements EngineClient {
  readonly #url: URL;
  readonly #pendingRequestsMax: number;
  readonly #connectTimeoutMs: number;
  readonly #requestTimeoutMs: number;
  readonly #frame = new FrameWriter();
  readonly #sweep: NodeJS.Timeout;
  /** By request id, oldest first, as in {@link #sent}. */
  readonly #waiting = new Map<number, Request>();
  readonly #sent = new Map<number, Request>();
  #socket: WebSocket | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastRequestId = 0;
  #flushDue = false;
  #closed = false;

  constructor(url: URL, options: EngineClientOptions) {
    this.#url = url;
    this.#pendingRequestsMax = options.pendingRequestsMax ?? PENDING_REQUESTS_MAX;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#sweep = setInterval(() => this.#giveUpLate(), SWEEP_MS).unref();
    this.#connect();
  }

  async execute(command: Command): Promise<Outcome> {
    const { head, records } = await this.#request(command);
    const { message } = head;
    const rejected = message.type === 'rejected';
    const rejection = rejected ? rejectionName(message.code) : null;
    if (rejection === undefined) throw new EngineUnavailable('the engine is of a newer version', true);
    return {
      seq: head.id as Seq,
      timeUs: head.timeUs as TimeUs,
      rejection,
      events: records as readonly Event[],
    };
  }

  async ask(query: Query): Promise<Answer> {
    const { head, records } = await this.#request(query);
    return { seq: head.id as Seq, records };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    clearTimeout(this.#reconnect);
    this.#giveUp(this.#waiting, 'the client was closed', false);
    this.#giveUp(this.#sent, 'the client was closed', true);
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === socket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  }

  #request(message: Command | Query): Promise<Reply> {
    if (this.#closed) throw new EngineUnavailable('the client was closed', false);
    if (this.#waiting.size + this.#sent.size >= this.#pendingRequestsMax) {
      throw new EngineUnavailable(`${this.#pendingRequestsMax} requests wait for the engine already`, false);
    }
    return new Promise((resolve, reject) => {
      const since = performance.now();
      this.#waiting.set(++this.#lastRequestId, {
        message,
        since,
        resolve,
        reject,
      });
      if (this.#flushDue) return;
      this.#flushDue = true;
      setImmediate(() => this.#flush());
    });
  }

  /** Sends all that waits, if there is a connection; else it goes on waiting for one. */
  #flush(): void {
    this.#flushDue = false;
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    for (const [id, request] of this.#waiting) {
      this.#waiting.delete(id);
      this.#sent.set(id, request);
      this.#frame.write(id, 0, request.message);
      if (this.#frame.count === REQUESTS_PER_FRAME_MAX) this.#send(socket);
    }
    if (this.#frame.count > 0) this.#send(socket);
  }

  #send(socket: WebSocket): void {
    socket.send(this.#frame.finish());
    this.#frame.clear();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url, {
      perMessageDeflate: false,
      handshakeTimeout: this.#requestTimeoutMs,
    });
    this.#socket = socket;
    keepAlive(socket);
    socket.on('open', () => {
      this.#failures = 0;
      this.#flush();
    });
    socket.on('message', (data) => this.#receive(socket, data as Buffer));
    // An error is always followed by the close that decides what becomes of the requests.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#giveUp(this.#sent, 'the connection to the engine was lost', true);
      if (this.#closed) return;
      const delayMs = backoffMs(this.#failures++);
      this.#reconnect = setTimeout(() => this.#connect(), delayMs);
    });
  }

  #receive(socket: WebSocket, bytes: Buffer): void {
    try {
      const { records } = readFrame(bytes);
      for (let at = 0; at < records.length; ) at = this.#settle(records, at);
    } catch {
      // What the engine says cannot be understood; what it did not say is unknown to the requests.
      socket.terminate();
    }
  }

  /** Settles the request that the reply at `at` answers; returns where the next reply is. */
  #settle(records: readonly FrameRecord[], at: number): number {
    const head = records[at]!;
    const reply = head.message;
    assert('requestId' in reply, `not a reply: ${reply.type}`);
    const next = at + 1 + ('count' in reply ? reply.count : 0);
    const request = this.#sent.get(reply.requestId);
    // Given up for being late.
    if (request === undefined) return next;
    this.#sent.delete(reply.requestId);
    if (reply.type === 'overloaded') {
      request.reject(new EngineUnavailable('the engine is overloaded', false));
    } else {
      const events = records.slice(at + 1, next);
      request.resolve({ head, records: events.map(({ message }) => message) });
    }
    return next;
  }

  #giveUp(requests: Map<number, Request>, why: string, sent: boolean): void {
    for (const request of requests.values()) request.reject(new EngineUnavailable(why, sent));
    requests.clear();
  }

  #giveUpLate(): void {
    const now = performance.now();
    const late = (requests: Map<number, Request>, timeoutMs: number) => {
      const found = new Map<number, Request>();
      for (const [id, request] of requests) {
        if (now - request.since < timeoutMs) break;
        found.set(id, request);
        requests.delete(id);
      }
      return found;
    };
    const { pathname, host } = this.#url;
    this.#giveUp(
      late(this.#waiting, this.#connectTimeoutMs),
      `no connection to the engine at ${host}${pathname}`,
      false,
    );
    this.#giveUp(
      late(this.#sent, this.#requestTimeoutMs),
      `no answer from the engine within ${this.#requestTimeoutMs} ms`,
      true,
    );
  }
}
