/** What was traded, from the projector's tables: candles of any length, and the last 24 hours. */
import { type Kysely, sql } from 'kysely';
import type { Frame } from '#domain/codec.ts';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { DAY_US, type Interval } from './intervals.ts';

/** Prices and volumes in units. */
export interface Candle {
  readonly openedAt: TimeUs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly baseVolume: bigint;
  readonly quoteVolume: bigint;
  readonly takerBuyBase: bigint;
  readonly takerBuyQuote: bigint;
  readonly trades: number;
}

/** 24 hours of a market that was traded in them, in whole minutes. */
export interface Day extends Candle {
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}

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

/** Each trade as a candle of its own. */
const TRADES = sql`(
  select market_id, traded_at as opened_at, price as open, price as high, price as low, price as close,
    quantity as base_volume, quote_quantity as quote_volume,
    case taker_side when 'BUY' then quantity else 0 end as taker_buy_base,
    case taker_side when 'BUY' then quote_quantity else 0 end as taker_buy_quote,
    trade_id as first_trade_id, trade_id as last_trade_id
  from projector.trades
) as trades`;

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

  /** The candles of `interval` from `from` until before `to` that have trades, and the close before them. */
  async candles(market: MarketId, interval: Interval, from: TimeUs, to: TimeUs) {
    const source = interval.isSubMinute ? TRADES : sql`projector.candles`;
    const { rows } = await sql<SummaryRow>`
      select opened_at - (opened_at - ${interval.anchorUs}::int8) % ${interval.stepUs}::int8 as step, ${SUMMARY},
        min(opened_at - (opened_at - ${interval.anchorUs}::int8) % ${interval.stepUs}::int8) as opened_at
      from ${source}
      where market_id = ${market} and opened_at >= ${from} and opened_at < ${to}
      group by step
      order by step
    `.execute(this.#db);
    const byOpen = new Map<TimeUs, Candle>();
    for (const row of rows) {
      const open = interval.openOf(row.opened_at);
      const candle = toCandle(row, open);
      const before = byOpen.get(open);
      byOpen.set(open, before === undefined ? candle : joined(before, candle));
    }
    return { byOpen, closeBefore: await this.#closeBefore(market, from) };
  }

  /** When a market was first traded; undefined for one that never was. */
  async firstTradeAt(market: MarketId): Promise<TimeUs | undefined> {
    const trade = await this.#db
      .selectFrom('projector.trades')
      .select('traded_at')
      .where('market_id', '=', market)
      .orderBy('traded_at')
      .limit(1)
      .executeTakeFirst();
    return trade?.traded_at;
  }

  async #closeBefore(market: MarketId, time: TimeUs): Promise<number | undefined> {
    const trade = await this.#db
      .selectFrom('projector.trades')
      .select('price')
      .where('market_id', '=', market)
      .where('traded_at', '<', time)
      .orderBy('traded_at', 'desc')
      .orderBy('trade_id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return trade?.price;
  }

  async #loadDays(from: number): Promise<ReadonlyMap<MarketId, Day>> {
    const { rows } = await sql<SummaryRow & { readonly market_id: MarketId }>`
      select market_id, ${SUMMARY}, min(opened_at) as opened_at
      from projector.candles
      where opened_at >= ${from - (from % MINUTE_US)}
      group by market_id
    `.execute(this.#db);
    return new Map(
      rows.map((row) => [
        row.market_id,
        {
          ...toCandle(row, row.opened_at),
          firstTradeId: row.first_trade_id,
          lastTradeId: row.last_trade_id,
        },
      ]),
    );
  }
}

function toCandle(row: SummaryRow, openedAt: TimeUs): Candle {
  return {
    openedAt,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    baseVolume: BigInt(row.base_volume),
    quoteVolume: BigInt(row.quote_volume),
    takerBuyBase: BigInt(row.taker_buy_base),
    takerBuyQuote: BigInt(row.taker_buy_quote),
    trades: row.last_trade_id - row.first_trade_id + 1,
  };
}

/** Two candles that follow one another, as one. */
function joined(first: Candle, second: Candle): Candle {
  return {
    openedAt: first.openedAt,
    open: first.open,
    high: Math.max(first.high, second.high),
    low: Math.min(first.low, second.low),
    close: second.close,
    baseVolume: first.baseVolume + second.baseVolume,
    quoteVolume: first.quoteVolume + second.quoteVolume,
    takerBuyBase: first.takerBuyBase + second.takerBuyBase,
    takerBuyQuote: first.takerBuyQuote + second.takerBuyQuote,
    trades: first.trades + second.trades,
  };
}
