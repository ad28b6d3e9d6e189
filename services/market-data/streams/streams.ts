/** Makes messages of what happens, as it happens and at each speed, and hands them to whoever has subscribed. */
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Books } from '../books.ts';
import type { RecentTrading } from '../recent-trading.ts';
import { Broadcast } from './broadcast.ts';
import { DepthStreams } from './depth-streams.ts';
import { KlineStreams } from './kline-streams.ts';
import { FAST_MS, SLOW_MS } from './names.ts';
import { TickerStreams } from './ticker-streams.ts';
import { TradeStreams } from './trade-streams.ts';

/** The speeds of all streams, each a multiple of the one before. */
const SPEEDS_MS = [FAST_MS, SLOW_MS, 2 * SLOW_MS] as const;

export interface StreamsOptions {
  readonly books: Books;
  readonly recent: RecentTrading;
  readonly listings: Listings;
}

export class Streams {
  readonly broadcast = new Broadcast();
  readonly #trades: TradeStreams;
  readonly #depth: DepthStreams;
  readonly #klines: KlineStreams;
  readonly #tickers: TickerStreams;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;

  /** What is told of recent trading must have been taken in there first: `recent` listens to the books before this. */
  constructor({ books, recent, listings }: StreamsOptions) {
    this.#trades = new TradeStreams(listings, this.broadcast);
    this.#depth = new DepthStreams(books, listings, this.broadcast);
    this.#klines = new KlineStreams(recent, listings, this.broadcast);
    this.#tickers = new TickerStreams(books, recent, listings, this.broadcast);
    books.onFrame((frame) => {
      this.#trades.take(frame, Date.now() * 1_000);
      this.#depth.take(frame);
    });
    this.#timer = setInterval(() => this.#tick(), FAST_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.broadcast.clear();
  }

  #tick(): void {
    const nowUs = Date.now() * 1_000;
    const elapsedMs = ++this.#ticks * FAST_MS;
    this.#klines.close(nowUs);
    for (const intervalMs of SPEEDS_MS) {
      if (elapsedMs % intervalMs !== 0) continue;
      this.#depth.tick(intervalMs, nowUs);
      this.#klines.tick(intervalMs, nowUs);
      this.#tickers.tick(intervalMs, nowUs);
    }
  }
}
