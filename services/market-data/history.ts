/** What was traded lately, from the projector's tables: the last trade, and the last 24 hours. */
import { type Kysely, sql } from 'kysely';
import type { Candle } from '#domain/candles.ts';
import type { Frame } from '#domain/codec.ts';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import { DAY_US } from '#domain/intervals.ts';
import type { Database } from '#platform/database.ts';

/** 24 hours of a market that was traded in them, in whole minutes. */
export type Day = Candle;

export interface LastTrade {
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
}

/** What the tables say of the last 24 hours may be this old. */
const SUMMARY_AGE_MS_MAX = 1_000;
const MINUTE_US = 60_000_000;

/** A candle's columns over a group of `source` rows. */
const SUMMARY = sql`
  (array_agg(open order by opened_at, first_trade_id))[1] as open,
  max(high) as high,
  min(low) as low,
  (array_agg(close order by opened_at desc, first_trade_id desc))[1] as close,
  sum(base_volume)::text as base_volume,
  sum(quote_volume)::text as quote_volume,
  sum(taker_buy_base)::text as taker_buy_base,
  sum(taker_buy_quote)::text as taker_buy_quote,
  min(first_trade_id) as first_trade_id,
  max(last_trade_id) as last_trade_id
`;

interface SummaryRow {
  readonly opened_at: TimeUs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly base_volume: string;
  readonly quote_volume: string;
  readonly taker_buy_base: string;
  readonly taker_buy_quote: string;
  readonly first_trade_id: number;
  readonly last_trade_id: number;
}

export class History {
  readonly #db: Kysely<Database>;
  readonly #last = new Map<MarketId, LastTrade>();
  #days: ReadonlyMap<MarketId, Day> = new Map();
  #refreshed: { readonly atMs: number; readonly done: Promise<void> } | undefined;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Takes note of a frame's trades. */
  take({ records }: Frame): void {
    for (const { message } of records) if (message.type === 'trade') this.#note(message.market, message);
  }

  /** A market's last trade: what the feed told, or what the tables had at the last {@link refresh} if that is newer. */
  lastTrade(market: MarketId): LastTrade | undefined {
    return this.#last.get(market);
  }

  /** The last 24 hours of a market, as of the last {@link refresh}; undefined without a trade in them. */
  day(market: MarketId): Day | undefined {
    return this.#days.get(market);
  }

  /** Sees to it that what the tables say is known, no older than a second. */
  refresh(): Promise<void> {
    const nowMs = Date.now();
    if (this.#refreshed === undefined || nowMs - this.#refreshed.atMs > SUMMARY_AGE_MS_MAX) {
      const refreshed = { atMs: nowMs, done: this.#load(nowMs * 1_000) };
      this.#refreshed = refreshed;
      // What failed is asked again by the next request.
      refreshed.done.catch(() => {
        this.#refreshed = undefined;
      });
    }
    return this.#refreshed.done;
  }

  #note(market: MarketId, { tradeId, price, quantity }: LastTrade): void {
    if (tradeId > (this.#last.get(market)?.tradeId ?? 0))
      this.#last.set(market, { tradeId, price, quantity });
  }

  async #load(nowUs: number): Promise<void> {
    const [days] = await Promise.all([this.#loadDays(nowUs - DAY_US), this.#loadLastTrades()]);
    this.#days = days;
  }

  /** The feed may lose a market's last trade, and tells none from before this process began. */
  async #loadLastTrades(): Promise<void> {
    // One step down the index per market, instead of a walk over all its trades.
    const { rows } = await sql<LastTrade & { readonly market: MarketId }>`
      with recursive markets (market) as (
        select min(market_id) from projector.trades
        union all
        select (select min(market_id) from projector.trades where market_id > market)
        from markets where market is not null
      )
      select market, last.trade_id as "tradeId", last.price, last.quantity
      from markets, lateral (
        select trade_id, price, quantity from projector.trades
        where market_id = market order by trade_id desc limit 1
      ) as last
    `.execute(this.#db);
    for (const { market, ...trade } of rows) this.#note(market, trade);
  }

  async #loadDays(from: number): Promise<ReadonlyMap<MarketId, Day>> {
    const { rows } = await sql<SummaryRow & { readonly market_id: MarketId }>`
      select market_id, ${SUMMARY}, min(opened_at) as opened_at
      from projector.candles
      where opened_at >= ${from - (from % MINUTE_US)}
      group by market_id
    `.execute(this.#db);
    return new Map(rows.map((row) => [row.market_id, dayOf(row)]));
  }
}

function dayOf(row: SummaryRow): Day {
  return {
    openedAt: row.opened_at,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    baseVolume: BigInt(row.base_volume),
    quoteVolume: BigInt(row.quote_volume),
    takerBuyBase: BigInt(row.taker_buy_base),
    takerBuyQuote: BigInt(row.taker_buy_quote),
    firstTradeId: row.first_trade_id,
    lastTradeId: row.last_trade_id,
  };
}
