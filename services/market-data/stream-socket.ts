/** One client's WebSocket: what it subscribes to, and what it gets. */
import type { WebSocket } from 'ws';
import { type Heartbeat, keepAlive } from '#platform/heartbeat.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import { type Stream, streamOf } from './stream-names.ts';
import { parseRequest, RequestError, type RequestId, type StreamRequest } from './stream-requests.ts';
import type { Streams } from './streams.ts';

/** Limits: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */
const STREAMS_MAX = 1_024;
const MESSAGES_PER_SECOND_MAX = 5;
/** What a client may leave unread before it is cut off: it would only fall further behind. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** A client has a minute for its pong: 3 × 20 s. */
const HEARTBEAT: Heartbeat = { intervalMs: 20_000, unansweredMax: 3 };
const LIFETIME_MS = 24 * 60 * 60 * 1_000;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export class StreamSocket {
  readonly #socket: WebSocket;
  readonly #streams: Streams;
  readonly #listings: Listings;
  readonly #subscribed = new Map<string, Stream>();
  /** Wraps each datum as `{stream, data}`. */
  #combined: boolean;
  #messages = { second: 0, count: 0 };

  /** Serves the socket until it closes; `names` are subscribed from the start. */
  constructor(
    socket: WebSocket,
    streams: Streams,
    listings: Listings,
    names: readonly string[],
    combined: boolean,
  ) {
    this.#socket = socket;
    this.#streams = streams;
    this.#listings = listings;
    this.#combined = combined;
    const lifetime = setTimeout(
      () => socket.close(GOING_AWAY, '24 hours are over: connect again'),
      LIFETIME_MS,
    );
    lifetime.unref();
    keepAlive(socket, HEARTBEAT);
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('close', () => {
      clearTimeout(lifetime);
      for (const stream of this.#subscribed.values()) streams.unsubscribe(stream, this.#send);
    });
    // Names in the path that are no streams are passed over: clients open `/ws/0` and subscribe later.
    this.#subscribe(names.map((name) => streamOf(name, listings)).filter((stream) => stream !== undefined));
  }

  /** Tells the client that this server goes away. */
  announceShutdown(): void {
    this.#socket.send(JSON.stringify({ e: 'serverShutdown', E: Date.now() }));
  }

  readonly #send = (stream: Stream, json: string): void => {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > UNREAD_BYTES_MAX) {
      this.#socket.close(POLICY_VIOLATION, `over ${UNREAD_BYTES_MAX} bytes are unread: read faster`);
      return;
    }
    this.#socket.send(this.#combined ? `{"stream":${JSON.stringify(stream.name)},"data":${json}}` : json);
  };

  #receive(text: string): void {
    const second = Math.floor(Date.now() / 1_000);
    if (this.#messages.second !== second) this.#messages = { second, count: 0 };
    if (++this.#messages.count > MESSAGES_PER_SECOND_MAX) {
      this.#socket.close(POLICY_VIOLATION, `over ${MESSAGES_PER_SECOND_MAX} messages a second`);
      return;
    }
    try {
      const request = parseRequest(text);
      // Answered before anything is subscribed: the acknowledgement precedes the first datum.
      const { result, after } = this.#handle(request);
      this.#reply('result', result, request.id);
      after?.();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#reply('error', { code: error.code, msg: error.message }, error.id);
    }
  }

  #reply(kind: 'result' | 'error', value: unknown, id: RequestId): void {
    const idJson = typeof id === 'bigint' ? String(id) : JSON.stringify(id);
    this.#socket.send(`{"${kind}":${JSON.stringify(value)},"id":${idJson}}`);
  }

  #handle({ method, params, id }: StreamRequest): { result: unknown; after?: () => void } {
    switch (method) {
      case 'SUBSCRIBE': {
        const streams = this.#named(params, id);
        if (new Set([...this.#subscribed.keys(), ...params]).size > STREAMS_MAX) {
          throw new RequestError(2, `Invalid request: at most ${STREAMS_MAX} streams per connection`, id);
        }
        return { result: null, after: () => this.#subscribe(streams) };
      }
      case 'UNSUBSCRIBE':
        for (const stream of this.#named(params, id)) {
          this.#subscribed.delete(stream.name);
          this.#streams.unsubscribe(stream, this.#send);
        }
        return { result: null };
      case 'LIST_SUBSCRIPTIONS':
        return { result: [...this.#subscribed.keys()] };
      case 'SET_PROPERTY':
        requireCombined(params[0], id);
        if (typeof params[1] !== 'boolean')
          throw new RequestError(1, 'Invalid value type: expected Boolean', id);
        this.#combined = params[1];
        return { result: null };
      case 'GET_PROPERTY':
        requireCombined(params[0], id);
        return { result: this.#combined };
    }
  }

  #named(names: readonly unknown[], id: RequestId): Stream[] {
    return names.map((name) => {
      if (typeof name !== 'string')
        throw new RequestError(2, 'Invalid request: a stream is named by a text', id);
      const stream = streamOf(name, this.#listings);
      if (stream === undefined)
        throw new RequestError(2, `Invalid request: unknown stream ${JSON.stringify(name)}`, id);
      return stream;
    });
  }

  #subscribe(streams: readonly Stream[]): void {
    for (const stream of streams) {
      this.#subscribed.set(stream.name, stream);
      this.#streams.subscribe(stream, this.#send);
    }
  }
}

function requireCombined(property: unknown, id: RequestId): void {
  if (property !== 'combined') throw new RequestError(0, "Unknown property: expected 'combined'", id);
}
