/**
 * The real-time feed: committed events from the engine to whoever is listening now. It may lose messages; a
 * listener sees a gap by the frames' sequences and resyncs from the engine.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from './backoff.ts';
import { openRedis, type RedisConnection } from './redis-connection.ts';

/** Carries one frame of events (see `codec.ts`) per message. */
export const EVENTS_CHANNEL = 'crossbook:events';

export interface Feed {
  /** Hands `message` to every listener of `channel`; never waits for them and never fails a caller. */
  publish(channel: string, message: Uint8Array): void;
  /**
   * Calls `listener` for each message from now on, in order, until the returned function is called. Resolves once
   * messages arrive: through Redis, when there is one.
   */
  subscribe(channel: string, listener: (message: Uint8Array) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** A feed through Redis, or, for an empty `redisUrl`, within this process. */
export async function openFeed(redisUrl: string): Promise<Feed> {
  return redisUrl === '' ? new ProcessFeed() : RedisFeed.open(redisUrl);
}

class ProcessFeed implements Feed {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  publish(channel: string, message: Uint8Array): void {
    // Later, so that no listener can hold up or fail whoever publishes.
    setImmediate(() => this.#emitter.emit(channel, message));
  }

  async subscribe(channel: string, listener: (message: Uint8Array) => void): Promise<() => Promise<void>> {
    this.#emitter.on(channel, listener);
    return async () => {
      this.#emitter.off(channel, listener);
    };
  }

  async close(): Promise<void> {
    this.#emitter.removeAllListeners();
  }
}

/** Messages on their way to Redis; further ones are dropped, which listeners see as a gap. */
const UNSENT_MESSAGES_MAX = 4_096;

const CONNECT_TIMEOUT_MS = 5_000;
/** A subscriber hears nothing for long when nothing happens: a ping tells that from a connection that is dead. */
const PING_INTERVAL_MS = 5_000;
/** A connection on which nothing moves for this long is made anew. */
const SILENCE_MS_MAX = 3 * PING_INTERVAL_MS;

function connection(url: string): Promise<RedisConnection> {
  return openRedis(url, {
    pingInterval: PING_INTERVAL_MS,
    // The library's own strategy gives up after a silence.
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS_MAX,
      reconnectStrategy: backoffMs,
    },
  });
}

/** Sharded publish and subscribe: on a cluster a message stays on the shard of its channel. */
class RedisFeed implements Feed {
  readonly #publisher: RedisConnection;
  readonly #subscriber: RedisConnection;
  /** Who only publishes has no use for the other connection. */
  #connected: Promise<unknown> | undefined;
  #unsent = 0;

  private constructor(publisher: RedisConnection, subscriber: RedisConnection) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    for (const client of [publisher, subscriber]) {
      // The client reconnects by itself; what is lost meanwhile is a gap like any other.
      client.on('error', () => {});
    }
  }

  /**
   * Waits a moment for Redis, so that what is published next arrives; but no longer: nothing depends on it that may
   * not start without.
   */
  static async open(url: string): Promise<RedisFeed> {
    const feed = new RedisFeed(await connection(url), await connection(url));
    // Fails only by being closed before it ever succeeded.
    const connected = feed.#publisher.connect().catch(() => {});
    const waited = new AbortController();
    const { signal } = waited;
    await Promise.race([connected, sleep(CONNECT_TIMEOUT_MS, undefined, { signal }).catch(() => {})]);
    waited.abort();
    return feed;
  }

  publish(channel: string, message: Uint8Array): void {
    if (this.#unsent >= UNSENT_MESSAGES_MAX || !this.#publisher.canSend()) return;
    this.#unsent++;
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.#publisher
      .sPublish(channel, bytes)
      .catch(() => {})
      .finally(() => this.#unsent--);
  }

  async subscribe(channel: string, listener: (message: Uint8Array) => void): Promise<() => Promise<void>> {
    this.#connected ??= this.#subscriber.connect();
    await this.#connected;
    const onMessage = (message: Buffer) => listener(message);
    await this.#subscriber.sSubscribe(channel, onMessage, true);
    return () => this.#subscriber.sUnsubscribe(channel, onMessage, true);
  }

  async close(): Promise<void> {
    for (const client of [this.#publisher, this.#subscriber]) if (client.isOpen) client.destroy();
  }
}
