/** The windows that tickers sum up: they begin on a whole minute and end now. */
import { type Candle, flatCandle, joined } from '#domain/candles.ts';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import { DAY_US, HOUR_US, MINUTE_US } from '#domain/intervals.ts';
import type { RecentTrading, StoredTrading } from './recent-trading.ts';

/** When the window of this length begins that ends at `nowUs`: up to a minute earlier, on a whole one. */
export function windowOpen(nowUs: number, lengthUs: number): TimeUs {
  const from = nowUs - lengthUs;
  return (from - (from % MINUTE_US)) as TimeUs;
}

/** A market's window of at most a day; without a trade in it the price stays at the last one, or 0. */
export function recentWindow(recent: RecentTrading, market: MarketId, from: TimeUs): Candle {
  return recent.between(market, from) ?? flatCandle(from, recent.lastTrade(market)?.price ?? 0);
}

/** A window of up to a month: its first hour from the minutes that are stored, the rest from memory. */
export async function anyWindow(
  stored: StoredTrading,
  recent: RecentTrading,
  market: MarketId,
  from: TimeUs,
): Promise<Candle> {
  if (from >= Date.now() * 1_000 - DAY_US - MINUTE_US) return recentWindow(recent, market, from);
  const wholeHour = (Math.ceil(from / HOUR_US) * HOUR_US) as TimeUs;
  const minutes = await stored.candles(market, MINUTE_US, from, wholeHour);
  const rest = recent.between(market, wholeHour);
  const parts = [...minutes, ...(rest === undefined ? [] : [rest])];
  return parts.length === 0 ? recentWindow(recent, market, from) : parts.reduce(joined);
}

/** The price before a window, as far as it is known: else the one that the window opened at. */
export function closeBefore(recent: RecentTrading, market: MarketId, from: TimeUs, window: Candle): number {
  return recent.closeBefore(market, from) ?? window.open;
}
