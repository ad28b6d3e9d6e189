/** The last candles of one length and market in memory, those without a trade left out. */

import { type Candle, candleOf, joined } from '#domain/candles.ts';
import type { EventOf } from '#domain/events.ts';
import type { TimeUs } from '#domain/ids.ts';

/** Sums that are remembered: one for each window and interval that is asked for, and room for those just over. */
const SUMS_MAX = 64;

interface Sum {
  /** The newest candle, which goes on changing, is not in it. */
  readonly newest: TimeUs;
  readonly candle: Candle | undefined;
}

export class RecentCandles {
  readonly stepUs: number;
  readonly #spanUs: number;
  /** Oldest first. */
  #candles: Candle[] = [];
  readonly #sums = new Map<number, Sum>();

  /** Candles of `stepUs`, counted from the epoch; what is older than `spanUs` is let go. */
  constructor(stepUs: number, spanUs: number) {
    this.stepUs = stepUs;
    this.#spanUs = spanUs;
  }

  get lastTradeId(): number {
    return this.#candles.at(-1)?.lastTradeId ?? 0;
  }

  /** Forgets what it has for `candles`, oldest first. */
  begin(candles: readonly Candle[]): void {
    this.#candles = [...candles];
    this.#sums.clear();
  }

  add(trade: EventOf<'trade'>, timeUs: number): void {
    const openedAt = (timeUs - (timeUs % this.stepUs)) as TimeUs;
    const candle = candleOf(openedAt, trade);
    const newest = this.#candles.at(-1);
    if (newest?.openedAt === openedAt) {
      this.#candles[this.#candles.length - 1] = joined(newest, candle);
      return;
    }
    this.#candles.push(candle);
    const oldest = openedAt - this.#spanUs;
    const kept = this.#candles.findIndex(({ openedAt: at }) => at >= oldest);
    this.#candles.splice(0, kept);
  }

  /** All trades from `from` until before `to`, both on a whole step, as one candle; undefined when there are none. */
  between(from: number, to = Number.POSITIVE_INFINITY): Candle | undefined {
    const newest = this.#candles.at(-1);
    if (newest === undefined) return undefined;
    if (newest.openedAt >= to) return joinedAll(this.#candles, from, to);
    const before = this.#sumBefore(from, newest.openedAt);
    if (newest.openedAt < from) return before;
    return before === undefined ? newest : joined(before, newest);
  }

  /** The last price before `time`, which is on a whole step; undefined when that is not known here. */
  closeBefore(time: number): number | undefined {
    return this.#candles.findLast(({ openedAt }) => openedAt < time)?.close;
  }

  /** Remembered until another candle is the newest: a window of a day has 1,440 minutes, and is asked for every second. */
  #sumBefore(from: number, newest: TimeUs): Candle | undefined {
    const known = this.#sums.get(from);
    if (known?.newest === newest) return known.candle;
    const candle = joinedAll(this.#candles, from, newest);
    if (this.#sums.size >= SUMS_MAX) this.#sums.clear();
    this.#sums.set(from, { newest, candle });
    return candle;
  }
}

function joinedAll(candles: readonly Candle[], from: number, to: number): Candle | undefined {
  let all: Candle | undefined;
  for (const candle of candles)
    if (candle.openedAt >= from && candle.openedAt < to)
      all = all === undefined ? candle : joined(all, candle);
  return all;
}
