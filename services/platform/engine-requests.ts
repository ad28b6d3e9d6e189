/**
 * A client's requests to the engine, from being made to being answered, over as many connections and leaders as it
 * takes. Trading commands are numbered within a session and sent again with the same numbers: the engine executes each
 * once. Nothing here knows of sockets or timers, so that a simulator can run it as it is.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type FrameRecord, FrameWriter, type Message, offsetsOf, readFrame } from '#domain/codec.ts';
import { type Command, commands } from '#domain/commands.ts';
import type { SessionId } from '#domain/ids.ts';
import { type Query, queries } from '#domain/queries.ts';
import { rejections } from '#domain/rejections.ts';
import { REQUESTS_PER_FRAME_MAX, SESSION_WINDOW } from './engine-protocol.ts';

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

export interface EngineReply {
  readonly head: FrameRecord;
  readonly records: readonly Message[];
}

export interface EngineRequestsOptions {
  /** Most requests without an answer, sent and waiting together; more are refused at once. */
  readonly pendingRequestsMax?: number;
  /** How long a request may wait for a leader before it is given up unsent. */
  readonly waitTimeoutMs?: number;
  /** How long an answer may take, from the request on, before its fate counts as unknown. */
  readonly requestTimeoutMs?: number;
  /** Tells this client's session from others. */
  readonly nonce?: number;
}

const PENDING_REQUESTS_MAX = 16_384;
/** A leader that crashed is replaced within this. */
const WAIT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A session that the engine forgot is opened again so often for one request. */
const SESSIONS_PER_REQUEST_MAX = 3;
const NONCE_MAX = 2 ** 48 - 1;
/** Of the request that opens the session; callers' requests have ids above. */
const OPEN_SESSION_ID = 0;

/** Every trading command begins with the same two fields. */
const { session: SESSION, request: REQUEST } = offsetsOf(commands.place);

interface Request {
  readonly id: number;
  readonly message: Command | Query;
  readonly since: number;
  /** A trading command, which gets a number in the session: sent again, it is not executed again. */
  readonly isNumbered: boolean;
  /** Its number in the session; 0 before it is sent for the first time. */
  number: number;
  session: number;
  wasSent: boolean;
  wasResent: boolean;
  sessions: number;
  resolve(reply: EngineReply): void;
  reject(error: EngineUnavailable): void;
}

export class EngineRequests {
  readonly #pendingRequestsMax: number;
  readonly #waitTimeoutMs: number;
  readonly #requestTimeoutMs: number;
  readonly #nonce: number;
  readonly #frame = new FrameWriter();
  /** By id, in the order in which they are to be sent. */
  #waiting = new Map<number, Request>();
  /** By id, in the order in which they were sent. */
  readonly #sent = new Map<number, Request>();
  #send: ((frame: Uint8Array) => void) | undefined;
  /** 0 until there is one. */
  #session = 0;
  #isOpening = false;
  #lastNumber = 0;
  #lastId = OPEN_SESSION_ID;

  constructor(options: EngineRequestsOptions = {}) {
    this.#pendingRequestsMax = options.pendingRequestsMax ?? PENDING_REQUESTS_MAX;
    this.#waitTimeoutMs = options.waitTimeoutMs ?? WAIT_TIMEOUT_MS;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#nonce = options.nonce ?? randomInt(1, NONCE_MAX);
  }

  /** Takes a request, to leave with the next {@link flush}. Rejects with {@link EngineUnavailable}. */
  request(message: Command | Query, nowMs: number): Promise<EngineReply> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size + this.#sent.size >= this.#pendingRequestsMax) {
        const why = `${this.#pendingRequestsMax} requests wait for the engine already`;
        reject(new EngineUnavailable(why, false));
        return;
      }
      const id = ++this.#lastId;
      this.#waiting.set(id, {
        id,
        message,
        since: nowMs,
        isNumbered: 'session' in message && message.session === 0,
        number: 0,
        session: 0,
        wasSent: false,
        wasResent: false,
        sessions: 0,
        resolve,
        reject,
      });
    });
  }

  /** A leader can be reached: what waits is sent through `send`. */
  connected(send: (frame: Uint8Array) => void): void {
    this.#send = send;
    this.#isOpening = false;
    this.flush();
  }

  /** The connection is gone. What may be sent again waits for the next; what may not is unknown to its caller. */
  disconnected(why = 'the connection to the engine was lost'): void {
    this.#send = undefined;
    const again = new Map<number, Request>();
    for (const [id, request] of this.#sent) {
      if (request.isNumbered || request.message.type in queries) again.set(id, request);
      else request.reject(new EngineUnavailable(why, true));
    }
    this.#sent.clear();
    for (const [id, request] of this.#waiting) again.set(id, request);
    this.#waiting = again;
  }

  /** Sends what waits and may leave, if there is a connection. */
  flush(): void {
    const send = this.#send;
    if (send === undefined) return;
    const oldest = this.#oldestNumber();
    for (const [id, request] of this.#waiting) {
      if (request.isNumbered && this.#session === 0) {
        this.#openSession();
        continue;
      }
      if (request.isNumbered && request.number === 0 && this.#lastNumber + 1 - oldest >= SESSION_WINDOW)
        break;
      this.#waiting.delete(id);
      this.#sent.set(id, request);
      this.#write(request);
      if (this.#frame.count === REQUESTS_PER_FRAME_MAX) this.#sendFrame(send);
    }
    if (this.#frame.count > 0) this.#sendFrame(send);
  }

  /** Settles the requests that the frame answers. @throws when the engine cannot be understood. */
  receive(bytes: Uint8Array): void {
    const { records } = readFrame(bytes);
    for (let at = 0; at < records.length; ) at = this.#settle(records, at);
    this.flush();
  }

  /** Gives up what has waited, or been under way, for too long; to be called now and then. */
  expire(nowMs: number): void {
    // What the engine was too busy for: a session.
    this.flush();
    for (const request of [...this.#waiting.values(), ...this.#sent.values()]) {
      const limitMs = request.wasSent ? this.#requestTimeoutMs : this.#waitTimeoutMs;
      if (nowMs - request.since < limitMs) continue;
      this.#remove(request);
      request.reject(
        request.wasSent
          ? new EngineUnavailable(`no answer from the engine within ${limitMs} ms`, true)
          : new EngineUnavailable(`no engine took the request within ${limitMs} ms`, false),
      );
    }
  }

  /** Gives up everything. */
  close(why: string): void {
    this.#send = undefined;
    for (const request of [...this.#waiting.values(), ...this.#sent.values()])
      request.reject(new EngineUnavailable(why, request.wasSent));
    this.#waiting.clear();
    this.#sent.clear();
  }

  #remove({ id }: Request): void {
    this.#waiting.delete(id);
    this.#sent.delete(id);
  }

  /** The lowest number without an answer: numbers rise in the order of sending, and what is sent again comes first. */
  #oldestNumber(): number {
    const numberIn = (requests: ReadonlyMap<number, Request>) => {
      for (const { number } of requests.values()) if (number > 0) return number;
      return this.#lastNumber + 1;
    };
    return Math.min(numberIn(this.#sent), numberIn(this.#waiting));
  }

  #write(request: Request): void {
    if (request.isNumbered && request.number === 0) {
      request.number = ++this.#lastNumber;
      request.session = this.#session;
    }
    request.wasResent = request.wasSent;
    request.wasSent = true;
    const at = this.#frame.length;
    this.#frame.write(request.id, 0, request.message);
    if (!request.isNumbered) return;
    this.#frame.words[at + SESSION] = request.session;
    this.#frame.words[at + REQUEST] = request.number;
  }

  #sendFrame(send: (frame: Uint8Array) => void): void {
    const frame = this.#frame.finish();
    this.#frame.clear();
    send(frame);
  }

  /** Once, for the first request that needs it: whoever only asks has none. */
  #openSession(): void {
    if (this.#isOpening) return;
    this.#isOpening = true;
    this.#frame.write(OPEN_SESSION_ID, 0, { type: 'openSession', nonce: this.#nonce });
  }

  /** Settles the request that the reply at `at` answers; returns where the next reply is. */
  #settle(records: readonly FrameRecord[], at: number): number {
    const head = records[at]!;
    const reply = head.message;
    assert('requestId' in reply, `not a reply: ${reply.type}`);
    const next = at + 1 + ('count' in reply ? reply.count : 0);
    const messages = records.slice(at + 1, next).map(({ message }) => message);
    if (reply.requestId === OPEN_SESSION_ID) {
      this.#isOpening = false;
      for (const event of messages)
        if (event.type === 'sessionOpened') this.#session = event.session as SessionId;
      return next;
    }
    const request = this.#sent.get(reply.requestId);
    // Given up for being late.
    if (request === undefined) return next;
    this.#sent.delete(reply.requestId);
    if (reply.type === 'overloaded')
      request.reject(new EngineUnavailable('the engine is overloaded', request.wasResent));
    else if (!request.isNumbered) request.resolve({ head, records: messages });
    else if (reply.type === 'rejected' && reply.code === rejections.unknownSession) this.#forgotten(request);
    else if (reply.type === 'rejected' && reply.code === rejections.forgottenRequest)
      request.reject(new EngineUnavailable('the engine has forgotten the request', true));
    else if (reply.type === 'repeated' && reply.count === 0)
      request.reject(new EngineUnavailable('executed, but what it did is no longer at hand', true));
    else request.resolve({ head, records: messages });
    return next;
  }

  /** The engine does not know the session: it forgets those that nobody used for long. */
  #forgotten(request: Request): void {
    if (request.wasResent) {
      request.reject(new EngineUnavailable('the engine has forgotten the session', true));
      return;
    }
    if (++request.sessions > SESSIONS_PER_REQUEST_MAX) {
      request.reject(new EngineUnavailable('the engine gives no session', false));
      return;
    }
    if (request.session === this.#session) this.#session = 0;
    request.number = 0;
    request.wasSent = false;
    this.#waiting = new Map([[request.id, request], ...this.#waiting]);
  }
}
