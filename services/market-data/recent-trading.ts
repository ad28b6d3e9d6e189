/**
 * What was traded lately, in memory and as new as the feed: the tickers, average prices and current klines are made of
 * it. It begins with what the projector has stored, and is loaded anew when a trade does not follow the one before.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Candle } from '#domain/candles.ts';
import type { Frame } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '#domain/intervals.ts';
import type { Log } from '#platform/log.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Books } from './books.ts';
import { RecentCandles } from './recent-candles.ts';

/** Far enough back for an average of an hour, a day's ticker with the price before it, and a month. */
const SPANS = [
  { stepUs: SECOND_US, spanUs: HOUR_US },
  { stepUs: MINUTE_US, spanUs: 25 * HOUR_US },
  { stepUs: HOUR_US, spanUs: 32 * DAY_US },
] as const;

/** Trades that may wait until the projector has stored those before them; past it the oldest go, to be loaded. */
const WAITING_TRADES_MAX = 50_000;
const RELOAD_MS = 250;

export interface LastTrade {
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  readonly tradedAt: TimeUs;
}

interface TimedTrade {
  readonly trade: EventOf<'trade'>;
  readonly timeUs: number;
}

class MarketTrading {
  readonly market: MarketId;
  readonly #candles = SPANS.map(({ stepUs, spanUs }) => new RecentCandles(stepUs, spanUs));
  last: LastTrade | undefined;
  /** What came while the rest is being loaded. */
  #waiting: TimedTrade[] | undefined = [];

  constructor(market: MarketId) {
    this.market = market;
  }

  get isLoading(): boolean {
    return this.#waiting !== undefined;
  }

  /** False when trades are missing before this one: then it waits for {@link load}. */
  take(timed: TimedTrade): boolean {
    const known = this.last?.tradeId ?? 0;
    if (this.#waiting !== undefined) {
      this.#waiting.push(timed);
      if (this.#waiting.length > WAITING_TRADES_MAX) this.#waiting.shift();
      return true;
    }
    if (timed.trade.tradeId <= known) return true;
    if (timed.trade.tradeId > known + 1) {
      this.#waiting = [timed];
      return false;
    }
    this.#add(timed);
    return true;
  }

  /** True when what is stored and what came since fit together. */
  async load(stored: StoredTrading, nowUs: number): Promise<boolean> {
    // First: the candles that are read afterwards have this trade, or it is older than they are.
    const last = await stored.lastTrade(this.market);
    const candles = await Promise.all(
      SPANS.map(({ stepUs, spanUs }) => {
        const from = nowUs - spanUs;
        const open = (from - (from % stepUs)) as TimeUs;
        return stored.candles(this.market, stepUs, open, (nowUs + DAY_US) as TimeUs);
      }),
    );
    const waiting = this.#waiting ?? [];
    for (const [index, known] of candles.entries()) {
      const [recent, span] = [this.#candles[index]!, SPANS[index]!];
      recent.begin(known);
      const knownId = storedUpTo(recent, last, nowUs - span.spanUs);
      const next = waiting.find(({ trade }) => trade.tradeId > knownId);
      if (next !== undefined && next.trade.tradeId !== knownId + 1) return false;
      if (last !== undefined && knownId < last.tradeId) return false;
    }
    this.last = last;
    this.#waiting = undefined;
    for (const timed of waiting) this.#add(timed);
    return true;
  }

  /** From the longest candles that begin and end with it: they are the fewest. */
  between(from: number, to: number): Candle | undefined {
    const fits = ({ stepUs }: RecentCandles) =>
      from % stepUs === 0 && (to === Number.POSITIVE_INFINITY || to % stepUs === 0);
    const candles = this.#candles.findLast(fits);
    assert(candles, `from ${from} to ${to} is not in whole seconds`);
    return candles.between(from, to);
  }

  closeBefore(time: number): number | undefined {
    for (const candles of this.#candles) {
      const close = time % candles.stepUs === 0 ? candles.closeBefore(time) : undefined;
      if (close !== undefined) return close;
    }
    return undefined;
  }

  /** What is in already, of the candles of one length or another, is not added again. */
  #add({ trade, timeUs }: TimedTrade): void {
    for (const candles of this.#candles) if (trade.tradeId > candles.lastTradeId) candles.add(trade, timeUs);
    const { tradeId, price, quantity } = trade;
    if (tradeId > (this.last?.tradeId ?? 0))
      this.last = { tradeId, price, quantity, tradedAt: timeUs as TimeUs };
  }
}

/** Up to which trade the candles that were read are complete. */
function storedUpTo(recent: RecentCandles, stored: LastTrade | undefined, oldest: number): number {
  if (recent.lastTradeId > 0) return recent.lastTradeId;
  return stored !== undefined && stored.tradedAt < oldest ? stored.tradeId : 0;
}

/** What the projector has stored. */
export interface StoredTrading {
  /** A market's newest trade; undefined for one that was never traded. */
  lastTrade(market: MarketId): Promise<LastTrade | undefined>;
  /** The candles of `stepUs` that begin from `from` until before `to` and have trades, oldest first, in UTC. */
  candles(market: MarketId, stepUs: number, from: TimeUs, to: TimeUs): Promise<readonly Candle[]>;
}

export interface RecentTradingOptions {
  readonly books: Pick<Books, 'onFrame'>;
  readonly stored: StoredTrading;
  readonly listings: Pick<Listings, 'markets'>;
  readonly log: Log;
}

export class RecentTrading {
  readonly #stored: StoredTrading;
  readonly #log: Log;
  readonly #markets = new Map<MarketId, MarketTrading>();
  #heardUs = 0;
  readonly #closing = new AbortController();

  private constructor({ stored, log }: RecentTradingOptions) {
    this.#stored = stored;
    this.#log = log;
  }

  /** Resolves when every market has been looked up once; one whose trades are not stored yet follows. */
  static async open(options: RecentTradingOptions): Promise<RecentTrading> {
    const recent = new RecentTrading(options);
    options.books.onFrame((frame) => recent.#takeFrame(frame));
    await Promise.all(options.listings.markets.map(({ id }) => recent.#begin(new MarketTrading(id))));
    return recent;
  }

  /** Whether a market's trades are complete here; while they are loaded they are as they were. */
  isComplete(market: MarketId): boolean {
    return !(this.#markets.get(market)?.isLoading ?? false);
  }

  /** Whatever was traded before this time has been heard. */
  get heardUs(): number {
    return this.#heardUs;
  }

  lastTrade(market: MarketId): LastTrade | undefined {
    return this.#markets.get(market)?.last;
  }

  /**
   * What was traded from `from` until before `to`; undefined for nothing. `from` is on a whole second within the last
   * hour, on a whole minute within the last day, or on a whole hour within the last month.
   */
  between(market: MarketId, from: number, to = Number.POSITIVE_INFINITY): Candle | undefined {
    return this.#markets.get(market)?.between(from, to);
  }

  /** The last price before `time`, which is on a whole second; undefined when that is not known here. */
  closeBefore(market: MarketId, time: number): number | undefined {
    return this.#markets.get(market)?.closeBefore(time);
  }

  close(): void {
    this.#closing.abort();
  }

  #takeFrame({ records }: Frame): void {
    for (const { timeUs, message } of records) {
      this.#heardUs = Math.max(this.#heardUs, timeUs);
      if (message.type === 'trade') this.#take({ trade: message, timeUs });
    }
  }

  #take(timed: TimedTrade): void {
    const { market } = timed.trade;
    const known = this.#markets.get(market);
    if (known === undefined) {
      const listed = new MarketTrading(market);
      void this.#begin(listed);
      listed.take(timed);
    } else if (!known.take(timed)) {
      this.#log.warn({ market, trade: timed.trade.tradeId }, 'trades are missing: loading them');
      void this.#reload(known);
    }
  }

  async #begin(trading: MarketTrading): Promise<void> {
    this.#markets.set(trading.market, trading);
    if (!(await trading.load(this.#stored, Date.now() * 1_000))) void this.#reload(trading);
  }

  /** Until the projector has stored what is missing. */
  async #reload(trading: MarketTrading): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(RELOAD_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        if (await trading.load(this.#stored, Date.now() * 1_000)) return;
      } catch (error) {
        // The database being away for a moment costs tickers, and not the books.
        this.#log.error({ err: error }, 'recent trades cannot be loaded');
      }
    }
  }
}
