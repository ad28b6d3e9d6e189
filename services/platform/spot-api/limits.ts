/**
 * How much a client may ask for: request weight per address, unfilled orders per account.
 * Rules: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
import type { AccountId } from '#domain/ids.ts';
import { apiErrors } from './errors.ts';
import type { WindowCounters } from './window-counters.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A limit and how much of it is used, as clients are told. */
export interface RateLimit {
  readonly rateLimitType: 'REQUEST_WEIGHT' | 'ORDERS';
  readonly interval: 'SECOND' | 'MINUTE' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
  readonly count: number;
}

/** Refusals in a minute after which an address that goes on is banned. */
const REFUSALS_MAX = 10;
/** The first ban's length; each further one lasts twice as long. */
const BAN_MIN_MS = 2 * MINUTE_MS;
const BAN_MAX_MS = 3 * DAY_MS;
/** Most addresses whose bans are remembered; past it the oldest are forgotten. */
const BANS_MAX = 10_000;

interface Ban {
  readonly untilMs: number;
  readonly lengthMs: number;
}

export class RequestWeights {
  readonly #counters: WindowCounters;
  readonly #perMinute: number;
  readonly #bans = new Map<string, Ban>();

  constructor(counters: WindowCounters, perMinute: number) {
    this.#counters = counters;
    this.#perMinute = perMinute;
  }

  /**
   * Counts `weight` for an address.
   * @throws {ApiError} 429 past the limit, 418 for an address that went on asking.
   */
  use(address: string, weight: number): void {
    const nowMs = Date.now();
    const ban = this.#bans.get(address);
    if (ban !== undefined && nowMs < ban.untilMs) throw apiErrors.banned(ban.untilMs, ban.untilMs - nowMs);
    const used = this.#counters.add(weightKey(address), MINUTE_MS, weight, nowMs);
    if (used <= this.#perMinute) return;
    const refusals = this.#counters.add(`refusals:${address}`, MINUTE_MS, 1, nowMs);
    if (refusals <= REFUSALS_MAX)
      throw apiErrors.tooMuchWeight(this.#perMinute, remainingMs(nowMs, MINUTE_MS));
    const { untilMs, lengthMs } = this.#ban(address, nowMs, ban);
    throw apiErrors.banned(untilMs, lengthMs);
  }

  /** Takes back what {@link use} counted: a successful order or cancel weighs nothing. */
  giveBack(address: string, weight: number): void {
    this.#counters.add(weightKey(address), MINUTE_MS, -weight, Date.now());
  }

  /** The weight used this minute, as every reply tells it. */
  headers(address: string): Record<string, string> {
    const used = String(this.#used(address));
    return { 'X-MBX-USED-WEIGHT': used, 'X-MBX-USED-WEIGHT-1M': used };
  }

  rateLimit(address: string): RateLimit {
    return this.rateLimitOf(this.#used(address));
  }

  /** The limit when `count` of it is used. */
  rateLimitOf(count: number): RateLimit {
    const limit = this.#perMinute;
    return { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit, count };
  }

  #used(address: string): number {
    return this.#counters.add(weightKey(address), MINUTE_MS, 0, Date.now());
  }

  #ban(address: string, nowMs: number, last: Ban | undefined): Ban {
    const lengthMs = last === undefined ? BAN_MIN_MS : Math.min(last.lengthMs * 2, BAN_MAX_MS);
    const ban = { untilMs: nowMs + lengthMs, lengthMs };
    this.#bans.delete(address);
    this.#bans.set(address, ban);
    if (this.#bans.size > BANS_MAX) this.#bans.delete(this.#bans.keys().next().value!);
    return ban;
  }
}

const weightKey = (address: string) => `weight:${address}`;

const CONNECTIONS_WINDOW_MS = 5 * MINUTE_MS;

/** WebSocket connections that an address opens, tried ones included. */
export class ConnectionCounts {
  readonly #counters: WindowCounters;
  readonly #per5Minutes: number;

  constructor(counters: WindowCounters, per5Minutes: number) {
    this.#counters = counters;
    this.#per5Minutes = per5Minutes;
  }

  /** Counts one more; returns 0 when it may be opened, else after how many milliseconds to try again. */
  open(address: string): number {
    const nowMs = Date.now();
    const opened = this.#counters.add(`connections:${address}`, CONNECTIONS_WINDOW_MS, 1, nowMs);
    return opened <= this.#per5Minutes ? 0 : remainingMs(nowMs, CONNECTIONS_WINDOW_MS);
  }
}

export interface OrderLimits {
  readonly per10Seconds: number;
  readonly perDay: number;
}

/** Orders placed and not yet traded with: an order's first fill frees its place, a cancel or expiry does not. */
export class OrderCounts {
  readonly #counters: WindowCounters;
  readonly #limits: OrderLimits;

  constructor(counters: WindowCounters, limits: OrderLimits) {
    this.#counters = counters;
    this.#limits = limits;
  }

  /**
   * Counts `orders` more.
   * @throws {ApiError} −1015 when that would be too many; then none is counted.
   */
  add(account: AccountId, orders = 1): void {
    const nowMs = Date.now();
    const { per10Seconds, perDay } = this.#limits;
    const [in10Seconds, inDay] = this.#change(account, orders, nowMs);
    if (in10Seconds <= per10Seconds && inDay <= perDay) return;
    this.#change(account, -orders, nowMs);
    throw in10Seconds > per10Seconds
      ? apiErrors.tooManyOrders(per10Seconds, '10 SECOND', remainingMs(nowMs, 10 * SECOND_MS))
      : apiErrors.tooManyOrders(perDay, '1 DAY', remainingMs(nowMs, DAY_MS));
  }

  /** Uncounts orders that were refused, or one that got its first fill. */
  remove(account: AccountId, orders = 1): void {
    this.#change(account, -orders, Date.now());
  }

  headers(account: AccountId): Record<string, string> {
    const [in10Seconds, inDay] = this.#change(account, 0, Date.now());
    return { 'X-MBX-ORDER-COUNT-10S': String(in10Seconds), 'X-MBX-ORDER-COUNT-1D': String(inDay) };
  }

  rateLimits(account: AccountId): RateLimit[] {
    const { per10Seconds, perDay } = this.#limits;
    const [in10Seconds, inDay] = this.#change(account, 0, Date.now());
    const rateLimitType = 'ORDERS';
    return [
      { rateLimitType, interval: 'SECOND', intervalNum: 10, limit: per10Seconds, count: in10Seconds },
      { rateLimitType, interval: 'DAY', intervalNum: 1, limit: perDay, count: inDay },
    ];
  }

  #change(account: AccountId, amount: number, nowMs: number): [number, number] {
    const key = `orders:${account}`;
    return [
      this.#counters.add(key, 10 * SECOND_MS, amount, nowMs),
      this.#counters.add(key, DAY_MS, amount, nowMs),
    ];
  }
}

function remainingMs(nowMs: number, windowMs: number): number {
  return windowMs - (nowMs % windowMs);
}
