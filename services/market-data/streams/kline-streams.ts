/** The streams of klines: each interval as it grows, and once more when it is over. */

import { type Candle, flatCandle, tradesIn } from '#domain/candles.ts';
import type { TimeUs } from '#domain/ids.ts';
import { type Interval, intervalOf, SECOND_US } from '#domain/intervals.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { RecentTrading } from '../recent-trading.ts';
import type { Broadcast } from './broadcast.ts';
import { Datum, StateDatum, type TimeView } from './datum.ts';
import { keyOf, type Subject } from './names.ts';

/** A trade of an interval may be heard a moment after its end; where nothing later is heard, this long is waited. */
const LATE_TRADES_US = SECOND_US;

interface Growing {
  readonly open: TimeUs;
  /** The close of the interval before; undefined when it is not known. */
  readonly closeBefore: number | undefined;
}

export class KlineStreams {
  readonly #recent: RecentTrading;
  readonly #listings: Listings;
  readonly #broadcast: Broadcast;
  /** The interval that each stream tells at the moment. */
  readonly #growing = new Map<string, Growing>();

  constructor(recent: RecentTrading, listings: Listings, broadcast: Broadcast) {
    this.#recent = recent;
    this.#listings = listings;
    this.#broadcast = broadcast;
  }

  /** Tells which intervals are over: to be called more often than they end. */
  close(nowUs: number): void {
    const subjects = this.#broadcast.subjects('kline');
    for (const subject of subjects) this.#closeOver(subject, nowUs);
    if (this.#growing.size <= subjects.length) return;
    const wanted = new Set(subjects.map(keyOf));
    for (const key of this.#growing.keys()) if (!wanted.has(key)) this.#growing.delete(key);
  }

  /** Tells how the intervals stand that are told at this speed. */
  tick(intervalMs: number, nowUs: number): void {
    for (const subject of this.#broadcast.subjects('kline')) {
      const growing = this.#growing.get(keyOf(subject));
      if (subject.intervalMs !== intervalMs || growing === undefined) continue;
      if (this.#recent.isComplete(subject.market!)) this.#send(subject, growing, nowUs, false);
    }
  }

  #closeOver(subject: Subject, nowUs: number): void {
    const interval = intervalOf(subject.interval!, subject.zoneUs!)!;
    const key = keyOf(subject);
    let growing = this.#growing.get(key) ?? { open: interval.openOf(nowUs), closeBefore: undefined };
    while (this.#isOver(subject, interval.after(growing.open, 1), nowUs)) {
      const close = this.#send(subject, growing, nowUs, true);
      growing = { open: interval.after(growing.open, 1), closeBefore: close };
    }
    this.#growing.set(key, growing);
  }

  /** Whether the interval has ended and all its trades have been heard. */
  #isOver(subject: Subject, end: number, nowUs: number): boolean {
    if (nowUs < end || !this.#recent.isComplete(subject.market!)) return false;
    return this.#recent.heardUs >= end || nowUs >= end + LATE_TRADES_US;
  }

  /** Returns the interval's close; undefined, and tells nothing, for a market that was never traded. */
  #send(subject: Subject, growing: Growing, nowUs: number, isOver: boolean): number | undefined {
    const market = this.#listings.market(subject.market!);
    const interval = intervalOf(subject.interval!, subject.zoneUs!)!;
    const { open, closeBefore } = growing;
    const traded = this.#recent.between(market.id, open, interval.after(open, 1));
    const flatAt = closeBefore ?? this.#recent.closeBefore(market.id, open) ?? this.#lastPrice(market, open);
    if (traded === undefined && flatAt === undefined) return undefined;
    const candle = traded ?? flatCandle(open, flatAt!);
    const message = (time: TimeView) => klineMessage(market, subject, interval, candle, isOver, nowUs, time);
    this.#broadcast.send(subject, isOver ? new Datum(message) : new StateDatum(message));
    return candle.close;
  }

  #lastPrice({ id }: Market, before: TimeUs): number | undefined {
    const last = this.#recent.lastTrade(id);
    return last !== undefined && last.tradedAt < before ? last.price : undefined;
  }
}

function klineMessage(
  { symbol, base, quote }: Market,
  { interval: name }: Subject,
  interval: Interval,
  candle: Candle,
  isOver: boolean,
  nowUs: number,
  time: TimeView,
) {
  const open = interval.openOf(candle.openedAt);
  const price = (units: number | bigint) => formatDecimal(units, quote.scale);
  const quantity = (units: bigint) => formatDecimal(units, base.scale);
  return {
    e: 'kline',
    E: time(nowUs),
    s: symbol,
    k: {
      t: time(open),
      T: time(interval.after(open, 1) - 1),
      s: symbol,
      i: name,
      f: candle.firstTradeId,
      L: candle.lastTradeId,
      o: price(candle.open),
      c: price(candle.close),
      h: price(candle.high),
      l: price(candle.low),
      v: quantity(candle.baseVolume),
      n: tradesIn(candle),
      x: isOver,
      q: price(candle.quoteVolume),
      V: quantity(candle.takerBuyBase),
      Q: price(candle.takerBuyQuote),
      B: '0',
    },
  };
}
