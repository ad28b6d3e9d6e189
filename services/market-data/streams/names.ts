/**
 * The names of streams: `btcusdt@depth@100ms` is a market's depth differences at a tenth of a second. The list:
 * https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
import type { MarketId } from '#domain/ids.ts';
import { HOUR_US, intervalOf } from '#domain/intervals.ts';
import type { Listings } from '#platform/spot-api/listings.ts';

export const FAST_MS = 100;
export const SLOW_MS = 1_000;
const KLINE_MS = 2_000;

const DEPTH = /^depth(5|10|20|)(?:@(100|1000)ms)?$/;
const KLINE = /^kline_(\w+?)(?:@(\+08:00))?$/;
const WINDOW_TICKER = /^ticker_(1h|4h|1d)$/;
const ZONE_US = 8 * HOUR_US;

export type StreamKind =
  | 'trade'
  | 'aggTrade'
  | 'bookTicker'
  | 'avgPrice'
  | 'depth'
  | 'partialDepth'
  | 'kline'
  | 'miniTicker'
  | 'ticker'
  | 'windowTicker';

export type TickerWindow = '1h' | '4h' | '1d';

/** What a stream tells, whatever name it was asked for by. */
export interface Subject {
  readonly kind: StreamKind;
  /** Undefined for all markets at once. */
  readonly market?: MarketId;
  /** How often it speaks; 0 for at once. */
  readonly intervalMs: number;
  /** Levels of a partial depth. */
  readonly depth?: number;
  /** A kline's interval, and the offset of the time zone that it begins in. */
  readonly interval?: string;
  readonly zoneUs?: number;
  readonly window?: TickerWindow;
}

export interface Stream {
  /** As the client wrote it. */
  readonly name: string;
  readonly subject: Subject;
}

/** The stream of that name, or undefined when there is none. */
export function streamOf(name: string, listings: Listings): Stream | undefined {
  const subject = name.startsWith('!') ? allMarkets(name.slice(1)) : ofMarket(name, listings);
  return subject && { name, subject };
}

/** The same text for the same subject. */
export function keyOf({ kind, market, intervalMs, depth, interval, zoneUs, window }: Subject): string {
  return [kind, market, intervalMs, depth, interval, zoneUs, window].join(' ');
}

function allMarkets(name: string): Subject | undefined {
  if (!name.endsWith('@arr')) return undefined;
  const kind = name.slice(0, -'@arr'.length);
  return tickerOf(kind);
}

function ofMarket(name: string, listings: Listings): Subject | undefined {
  const at = name.indexOf('@');
  if (at < 1) return undefined;
  const symbol = name.slice(0, at);
  const market = listings.markets.find((listed) => listed.symbol.toLowerCase() === symbol)?.id;
  if (market === undefined) return undefined;
  const subject = subjectOf(name.slice(at + 1));
  return subject && { ...subject, market };
}

function subjectOf(name: string): Subject | undefined {
  switch (name) {
    case 'trade':
    case 'aggTrade':
    case 'bookTicker':
      return { kind: name, intervalMs: 0 };
    case 'avgPrice':
      return { kind: name, intervalMs: SLOW_MS };
  }
  return tickerOf(name) ?? depthOf(name) ?? klineOf(name);
}

function tickerOf(name: string): Subject | undefined {
  if (name === 'ticker' || name === 'miniTicker') return { kind: name, intervalMs: SLOW_MS };
  const window = WINDOW_TICKER.exec(name)?.[1] as TickerWindow | undefined;
  return window && { kind: 'windowTicker', intervalMs: SLOW_MS, window };
}

function depthOf(name: string): Subject | undefined {
  const match = DEPTH.exec(name);
  if (match === null) return undefined;
  const [, levels, ms = SLOW_MS] = match;
  const intervalMs = Number(ms);
  return levels === ''
    ? { kind: 'depth', intervalMs }
    : { kind: 'partialDepth', intervalMs, depth: Number(levels) };
}

function klineOf(name: string): Subject | undefined {
  const match = KLINE.exec(name);
  if (match === null) return undefined;
  const [, interval, zone] = match;
  const zoneUs = zone === undefined ? 0 : ZONE_US;
  if (intervalOf(interval!, zoneUs) === undefined) return undefined;
  return { kind: 'kline', intervalMs: interval === '1s' ? SLOW_MS : KLINE_MS, interval: interval!, zoneUs };
}
