/** The streams of tickers: a rolling day or window of one market, or of all that have changed, and average prices. */

import { type Candle, tradesIn } from '#domain/candles.ts';
import type { MarketId } from '#domain/ids.ts';
import { DAY_US, HOUR_US } from '#domain/intervals.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import { averagePriceOf } from '../average-price.ts';
import type { Books } from '../books.ts';
import type { RecentTrading } from '../recent-trading.ts';
import { bestOf, figuresOf } from '../ticker-figures.ts';
import { closeBefore, recentWindow, windowOpen } from '../windows.ts';
import type { Broadcast } from './broadcast.ts';
import { Datum, StateDatum, type TimeView } from './datum.ts';
import { keyOf, SLOW_MS, type Subject, type TickerWindow } from './names.ts';

const WINDOWS_US: Readonly<Record<TickerWindow, number>> = { '1h': HOUR_US, '4h': 4 * HOUR_US, '1d': DAY_US };

type Message = (time: TimeView) => object;

/** A ticker's message, and what must differ for it to count as changed. */
interface Ticker {
  readonly state: string;
  readonly message: Message;
}

export class TickerStreams {
  readonly #books: Books;
  readonly #recent: RecentTrading;
  readonly #listings: Listings;
  readonly #broadcast: Broadcast;
  /** The last states told by the streams of all markets, by stream and market. */
  readonly #told = new Map<string, string>();

  constructor(books: Books, recent: RecentTrading, listings: Listings, broadcast: Broadcast) {
    this.#books = books;
    this.#recent = recent;
    this.#listings = listings;
    this.#broadcast = broadcast;
  }

  /** All of them speak once a second. */
  tick(intervalMs: number, nowUs: number): void {
    if (intervalMs !== SLOW_MS) return;
    for (const kind of ['miniTicker', 'ticker', 'windowTicker'] as const) {
      for (const subject of this.#broadcast.subjects(kind)) {
        if (subject.market === undefined) this.#sendChanged(subject, nowUs);
        else this.#sendOne(subject, this.#listings.market(subject.market), nowUs);
      }
    }
    for (const subject of this.#broadcast.subjects('avgPrice')) this.#sendAverage(subject, nowUs);
  }

  #sendOne(subject: Subject, market: Market, nowUs: number): void {
    this.#broadcast.send(subject, new StateDatum(this.#tickerOf(subject, market, nowUs).message));
  }

  #sendChanged(subject: Subject, nowUs: number): void {
    const key = keyOf(subject);
    if (this.#broadcast.hasNewcomer(subject))
      for (const { id } of this.#listings.markets) this.#told.delete(`${key} ${id}`);
    const changed = new Map<MarketId, Message>();
    for (const market of this.#listings.markets) {
      const ticker = this.#tickerOf(subject, market, nowUs);
      const place = `${key} ${market.id}`;
      if (this.#told.get(place) === ticker.state) continue;
      this.#told.set(place, ticker.state);
      changed.set(market.id, ticker.message);
    }
    if (changed.size > 0) this.#broadcast.send(subject, new ChangesDatum(changed));
  }

  #tickerOf({ kind, window: name }: Subject, market: Market, nowUs: number): Ticker {
    const lengthUs = name === undefined ? DAY_US : WINDOWS_US[name];
    const from = windowOpen(nowUs, lengthUs);
    const window = recentWindow(this.#recent, market.id, from);
    const state = `${window.firstTradeId} ${window.lastTradeId}`;
    switch (kind) {
      case 'miniTicker':
        return { state, message: (time) => miniMessage(market, window, nowUs, time) };
      case 'ticker': {
        const best = bestOf(market, this.#books.of(market.id));
        const last = this.#recent.lastTrade(market.id);
        const ofBook = {
          x: formatDecimal(closeBefore(this.#recent, market.id, from, window), market.quote.scale),
          Q: formatDecimal(last?.quantity ?? 0, market.base.scale),
          b: best.bidPrice,
          B: best.bidQty,
          a: best.askPrice,
          A: best.askQty,
        };
        const opened = nowUs - DAY_US;
        const message = (time: TimeView) => ({
          ...windowMessage('24hrTicker', market, window, opened, nowUs, time),
          ...ofBook,
        });
        return { state: `${state} ${JSON.stringify(best)}`, message };
      }
      default:
        return {
          state,
          message: (time) => windowMessage(`${name}Ticker`, market, window, from, nowUs, time),
        };
    }
  }

  #sendAverage(subject: Subject, nowUs: number): void {
    const market = this.#listings.market(subject.market!);
    const average = averagePriceOf(this.#recent, market, nowUs);
    const tradedAt = this.#recent.lastTrade(market.id)?.tradedAt ?? 0;
    const message = (time: TimeView) => ({
      e: 'avgPrice',
      E: time(nowUs),
      s: market.symbol,
      i: `${market.averageMinutes}m`,
      w: average,
      T: time(tradedAt),
    });
    this.#broadcast.send(subject, new StateDatum(message));
  }
}

/** Some markets' tickers. For a client that is behind, those that have changed before stay beside the newer ones. */
class ChangesDatum extends Datum {
  readonly #byMarket: ReadonlyMap<MarketId, Message>;

  constructor(byMarket: ReadonlyMap<MarketId, Message>) {
    super((time) => [...byMarket.values()].map((message) => message(time)));
    this.#byMarket = byMarket;
  }

  override after(earlier: Datum): Datum {
    return earlier instanceof ChangesDatum
      ? new ChangesDatum(new Map([...earlier.#byMarket, ...this.#byMarket]))
      : this;
  }
}

function miniMessage(market: Market, window: Candle, nowUs: number, time: TimeView) {
  const figures = figuresOf(market, window);
  return {
    e: '24hrMiniTicker',
    E: time(nowUs),
    s: market.symbol,
    c: figures.last,
    o: figures.open,
    h: figures.high,
    l: figures.low,
    v: figures.volume,
    q: figures.quoteVolume,
  };
}

function windowMessage(
  event: string,
  market: Market,
  window: Candle,
  openedUs: number,
  nowUs: number,
  time: TimeView,
) {
  const figures = figuresOf(market, window);
  return {
    e: event,
    E: time(nowUs),
    s: market.symbol,
    p: figures.change,
    P: figures.changePercent,
    w: figures.average,
    c: figures.last,
    o: figures.open,
    h: figures.high,
    l: figures.low,
    v: figures.volume,
    q: figures.quoteVolume,
    O: time(openedUs),
    C: time(nowUs),
    F: window.firstTradeId,
    L: window.lastTradeId,
    n: tradesIn(window),
  };
}
