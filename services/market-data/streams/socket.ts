/** One client's WebSocket: what it subscribes to, and what it asks. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Heartbeat, keepAlive } from '#platform/heartbeat.ts';
import { ApiError } from '#platform/spot-api/errors.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import { type Broadcast, type Form, framed, type Receiver } from './broadcast.ts';
import type { Datum } from './datum.ts';
import { type Stream, streamOf } from './names.ts';
import { Outlet } from './outlet.ts';
import { parseRequest, RequestError, type RequestId, type StreamRequest } from './requests.ts';
import { isListenKey, type UserData } from './user-data.ts';

/** Limits: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */
const STREAMS_MAX = 1_024;
const MESSAGES_PER_SECOND_MAX = 5;
/** Each is a connection of its own between two services. */
export const LISTEN_KEYS_MAX = 10;
/** A client has a minute for its pong: 3 × 20 s. */
const HEARTBEAT: Heartbeat = { intervalMs: 20_000, unansweredMax: 3 };
const LIFETIME_MS = 24 * 60 * 60 * 1_000;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export interface StreamSocketOptions {
  readonly socket: WebSocket;
  /** The TCP connection under it. */
  readonly connection: Duplex;
  readonly broadcast: Broadcast;
  readonly listings: Listings;
  /** Subscribed from the start. */
  readonly names: readonly string[];
  /** Followed from the start; closed with the socket. */
  readonly userData: readonly UserData[];
  /** @throws {ApiError} when there is no such listen key. */
  readonly follow: (listenKey: string, form: Form) => Promise<UserData>;
  readonly form: Form;
}

export class StreamSocket implements Receiver {
  form: Form;
  readonly #socket: WebSocket;
  readonly #broadcast: Broadcast;
  readonly #listings: Listings;
  readonly #outlet: Outlet;
  readonly #subscribed = new Map<string, Stream>();
  readonly #follow: StreamSocketOptions['follow'];
  readonly #followed = new Map<string, UserData>();
  /** Requests are answered one after the other: a listen key takes a moment to be looked up. */
  #answered = Promise.resolve();
  #messages = { second: 0, count: 0 };

  /** Serves the socket until it closes. */
  constructor(options: StreamSocketOptions) {
    const { socket, connection, broadcast, listings, names, userData, follow, form } = options;
    this.form = form;
    this.#follow = follow;
    this.#socket = socket;
    this.#broadcast = broadcast;
    this.#listings = listings;
    this.#outlet = new Outlet(socket, connection, () => this.form);
    const lifetime = setTimeout(
      () => socket.close(GOING_AWAY, '24 hours are over: connect again'),
      LIFETIME_MS,
    );
    lifetime.unref();
    keepAlive(socket, HEARTBEAT);
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('ping', () => this.#count());
    socket.on('close', () => {
      clearTimeout(lifetime);
      for (const stream of this.#subscribed.values()) broadcast.unsubscribe(stream, this);
      for (const followed of this.#followed.values()) followed.close();
    });
    for (const followed of userData) this.#listen(followed);
    // Names in the path that are no streams are passed over: clients open `/ws/0` and subscribe later.
    const known = names.map((name) => streamOf(name, listings)).filter((stream) => stream !== undefined);
    if (new Set(names).size > STREAMS_MAX) {
      socket.close(POLICY_VIOLATION, `over ${STREAMS_MAX} streams`);
      return;
    }
    this.#subscribe(known);
  }

  deliver(stream: Stream, datum: Datum, frame: Buffer): void {
    this.#outlet.write(stream, datum, frame);
  }

  /** Tells the client that this server goes away. */
  announceShutdown(): void {
    const nowMs = Date.now();
    const event = { e: 'serverShutdown', E: this.form.micros ? nowMs * 1_000 : nowMs };
    const message = this.form.combined ? { stream: '!serverShutdown', data: event } : event;
    this.#socket.send(JSON.stringify(message));
  }

  #receive(text: string): void {
    if (!this.#count()) return;
    this.#answered = this.#answered.then(() => this.#answer(text));
  }

  async #answer(text: string): Promise<void> {
    try {
      const request = parseRequest(text);
      // Answered before anything is subscribed: the acknowledgement precedes the first datum.
      const { result, after } = await this.#handle(request);
      this.#reply('result', result, request.id);
      after?.();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#reply('error', { code: error.code, msg: error.message }, error.id);
    }
  }

  /** Messages and pings count; a pong is asked for by this side. False past the limit: the connection closes. */
  #count(): boolean {
    const second = Math.floor(Date.now() / 1_000);
    if (this.#messages.second !== second) this.#messages = { second, count: 0 };
    if (++this.#messages.count <= MESSAGES_PER_SECOND_MAX) return true;
    this.#socket.close(POLICY_VIOLATION, `over ${MESSAGES_PER_SECOND_MAX} messages a second`);
    return false;
  }

  #reply(kind: 'result' | 'error', value: unknown, id: RequestId): void {
    const idJson = typeof id === 'bigint' ? String(id) : JSON.stringify(id);
    this.#socket.send(`{"${kind}":${JSON.stringify(value)},"id":${idJson}}`);
  }

  async #handle({ method, params, id }: StreamRequest): Promise<{ result: unknown; after?: () => void }> {
    switch (method) {
      case 'SUBSCRIBE': {
        const { streams, listenKeys } = this.#named(params, id);
        if (new Set([...this.#names(), ...params]).size > STREAMS_MAX) {
          throw new RequestError(2, `Invalid request: at most ${STREAMS_MAX} streams per connection`, id);
        }
        const userData = await this.#followAll(listenKeys, id);
        return {
          result: null,
          after: () => {
            this.#subscribe(streams);
            for (const followed of userData) this.#listen(followed);
          },
        };
      }
      case 'UNSUBSCRIBE': {
        const { streams, listenKeys } = this.#named(params, id);
        for (const stream of streams) {
          this.#subscribed.delete(stream.name);
          this.#broadcast.unsubscribe(stream, this);
          this.#outlet.forget(stream.name);
        }
        for (const listenKey of listenKeys) {
          this.#followed.get(listenKey)?.close();
          this.#followed.delete(listenKey);
        }
        return { result: null };
      }
      case 'LIST_SUBSCRIPTIONS':
        return { result: this.#names() };
      case 'SET_PROPERTY':
        requireCombined(params[0], id);
        if (typeof params[1] !== 'boolean')
          throw new RequestError(1, 'Invalid value type: expected Boolean', id);
        this.form = { ...this.form, combined: params[1] };
        return { result: null };
      case 'GET_PROPERTY':
        requireCombined(params[0], id);
        return { result: this.form.combined };
    }
  }

  /** What the client hears, as it was asked for. */
  #names(): string[] {
    return [...this.#subscribed.keys(), ...this.#followed.keys()];
  }

  #named(names: readonly unknown[], id: RequestId): { streams: Stream[]; listenKeys: string[] } {
    const streams: Stream[] = [];
    const listenKeys = new Set<string>();
    for (const name of names) {
      if (typeof name !== 'string')
        throw new RequestError(2, 'Invalid request: a stream is named by a text', id);
      const stream = streamOf(name, this.#listings);
      if (stream !== undefined) streams.push(stream);
      else if (isListenKey(name)) listenKeys.add(name);
      else throw new RequestError(2, `Invalid request: unknown stream ${JSON.stringify(name)}`, id);
    }
    return { streams, listenKeys: [...listenKeys] };
  }

  /** All of them or none, one after the other: who tries keys finds out about one with each request. */
  async #followAll(listenKeys: readonly string[], id: RequestId): Promise<UserData[]> {
    const fresh = listenKeys.filter((listenKey) => !this.#followed.has(listenKey));
    if (this.#followed.size + fresh.length > LISTEN_KEYS_MAX)
      throw new RequestError(2, `Invalid request: at most ${LISTEN_KEYS_MAX} listenKeys per connection`, id);
    const userData: UserData[] = [];
    try {
      for (const listenKey of fresh) userData.push(await this.#follow(listenKey, this.form));
      return userData;
    } catch (error) {
      for (const followed of userData) followed.close();
      if (!(error instanceof ApiError)) throw error;
      throw new RequestError(2, `Invalid request: ${error.message}`, id);
    }
  }

  #listen(userData: UserData): void {
    const { listenKey } = userData;
    if (this.#socket.readyState !== this.#socket.OPEN) {
      userData.close();
      return;
    }
    this.#followed.set(listenKey, userData);
    userData.listen({
      onEvent: (json) => this.#outlet.tell(framed(listenKey, json, this.form)),
      onEnd: (code, reason) => this.#socket.close(code, reason),
    });
  }

  #subscribe(streams: readonly Stream[]): void {
    for (const stream of streams) {
      this.#subscribed.set(stream.name, stream);
      this.#broadcast.subscribe(stream, this);
    }
  }
}

function requireCombined(property: unknown, id: RequestId): void {
  if (typeof property !== 'string')
    throw new RequestError(2, 'Invalid request: property name must be a string', id);
  if (property !== 'combined') throw new RequestError(0, "Unknown property: expected 'combined'", id);
}
