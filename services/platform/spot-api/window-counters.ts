/** Counters of clock-aligned windows: of this process alone, or shared by all tasks of a service through Redis. */
import { openRedis, type RedisConnection } from '../redis-connection.ts';

export interface WindowCounters {
  /**
   * Adds `amount`, which may be 0 or negative, to the count of `key` in the window of `windowMs` around `nowMs`.
   * Returns the count, which never falls below 0 and starts there in every window.
   */
  add(key: string, windowMs: number, amount: number, nowMs: number): number;
  close(): Promise<void>;
}

/** Most keys of one window length in memory; past it the oldest are forgotten, in favour of their clients. */
const KEYS_MAX = 200_000;
const FLUSH_INTERVAL_MS = 25;
const KEY_PREFIX = 'crossbook:limits:';

/** An empty `redisUrl` counts in this process alone. */
export async function openWindowCounters(redisUrl: string): Promise<WindowCounters> {
  return redisUrl === '' ? new ProcessCounters() : new RedisCounters(await openRedis(redisUrl));
}

/** The values of the current window of each length. */
class Windows<T> {
  readonly #windows = new Map<number, { startMs: number; values: Map<string, T> }>();

  /** The value of `key`, made by `create` for the first time in this window. */
  get(key: string, windowMs: number, nowMs: number, create: (startMs: number) => T): T {
    const startMs = nowMs - (nowMs % windowMs);
    let window = this.#windows.get(windowMs);
    if (window?.startMs !== startMs) {
      window = { startMs, values: new Map() };
      this.#windows.set(windowMs, window);
    }
    let value = window.values.get(key);
    if (value === undefined) {
      value = create(startMs);
      window.values.set(key, value);
      if (window.values.size > KEYS_MAX) window.values.delete(window.values.keys().next().value!);
    }
    return value;
  }
}

/** Counts in this process alone. */
export class ProcessCounters implements WindowCounters {
  readonly #windows = new Windows<{ count: number }>();

  add(key: string, windowMs: number, amount: number, nowMs: number): number {
    const value = this.#windows.get(key, windowMs, nowMs, () => ({ count: 0 }));
    value.count = Math.max(0, value.count + amount);
    return value.count;
  }

  async close(): Promise<void> {}
}

interface SharedCount {
  readonly redisKey: string;
  readonly endMs: number;
  /** What Redis last said. */
  shared: number;
  /** On the way to Redis, and not yet on the way. */
  sent: number;
  unsent: number;
}

/**
 * Counts here at once and in Redis a moment later, so that no request waits for Redis: another task's requests
 * show within {@link FLUSH_INTERVAL_MS} and a round trip. While Redis is away each task counts alone.
 */
class RedisCounters implements WindowCounters {
  readonly #windows = new Windows<SharedCount>();
  readonly #changed = new Set<SharedCount>();
  readonly #redis: RedisConnection;
  readonly #timer: NodeJS.Timeout;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
    // Without a listener a lost connection would end the process; the client connects again by itself.
    this.#redis.on('error', () => {});
    this.#redis.connect().catch(() => {});
    this.#timer = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS).unref();
  }

  add(key: string, windowMs: number, amount: number, nowMs: number): number {
    const value = this.#windows.get(key, windowMs, nowMs, (startMs) => {
      const endMs = startMs + windowMs;
      const redisKey = `${KEY_PREFIX}${windowMs}:${startMs}:${key}`;
      const created = { redisKey, endMs, shared: 0, sent: 0, unsent: 0 };
      // Asks for what other tasks, or this one before a restart, have counted already.
      this.#changed.add(created);
      return created;
    });
    const count = value.shared + value.sent + value.unsent;
    const change = Math.max(amount, -count);
    if (change !== 0) {
      value.unsent += change;
      this.#changed.add(value);
    }
    return Math.max(0, count + change);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#redis.destroy();
  }

  #flush(): void {
    if (!this.#redis.canSend()) return;
    for (const value of this.#changed) this.#send(value);
    this.#changed.clear();
  }

  #send(value: SharedCount): void {
    const amount = value.unsent;
    value.unsent = 0;
    value.sent += amount;
    this.#redis
      .multi()
      .incrBy(value.redisKey, amount)
      .pExpireAt(value.redisKey, value.endMs)
      .exec()
      .then(
        ([total]) => {
          value.sent -= amount;
          value.shared = Number(total);
        },
        () => {
          value.sent -= amount;
          value.shared += amount;
        },
      );
  }
}
