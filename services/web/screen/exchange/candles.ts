/** Candles, kept up to date by the trades that follow them. Prices are whole units of the quote asset. */
import { parseDecimal } from '#domain/money.ts';
import type { Market } from './markets.ts';
import { type Answer, ask } from './request.ts';
import type { Trade } from './trades.ts';

const MINUTE_MS = 60_000;
/** What the chart offers. Months, which differ in length, are not among them. */
export const INTERVALS_MS: Readonly<Record<string, number>> = {
  '1s': 1_000,
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '1d': 1_440 * MINUTE_MS,
};

export interface Candle {
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Of the base asset; as the exchange last counted it. */
  readonly volume: string;
}

export async function fetchCandles(
  { symbol, quote }: Market,
  interval: string,
  limit: number,
): Promise<Answer<readonly Candle[]>> {
  const path = `/api/v3/klines?symbol=${symbol}&interval=${interval}&limit=${limit}`;
  const answer = await ask<readonly (readonly [number, string, string, string, string, string])[]>(
    'GET',
    path,
  );
  if (!answer.ok) return answer;
  const value = answer.value.map(([openMs, open, high, low, close, volume]) => ({
    openMs,
    open: price(open, quote.scale),
    high: price(high, quote.scale),
    low: price(low, quote.scale),
    close: price(close, quote.scale),
    volume,
  }));
  return { ok: true, value };
}

/** The last candle after a trade: itself, changed, or the one that the trade begins; undefined for a trade before it. */
export function afterTrade(
  last: Candle,
  { price: text, timeMs }: Trade,
  intervalMs: number,
  { quote }: Market,
): Candle | undefined {
  if (timeMs < last.openMs) return undefined;
  const close = price(text, quote.scale);
  const openMs = timeMs - ((timeMs - last.openMs) % intervalMs);
  if (openMs > last.openMs) return { openMs, open: close, high: close, low: close, close, volume: '0' };
  return { ...last, close, high: Math.max(last.high, close), low: Math.min(last.low, close) };
}

function price(text: string, scale: number): number {
  const units = parseDecimal(text, scale);
  if (typeof units === 'string') throw new Error(`the price ${text} at scale ${scale}: ${units}`);
  return units;
}
