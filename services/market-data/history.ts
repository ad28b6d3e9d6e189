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
  readonly price: number;
  readonly quantity: number;
}

/** The 24-hour statistics may be this old; the last trade in them never is. */
const DAY_MAX_AGE_MS = 1_000;
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
  #days: { readonly asOfMs: number; readonly byMarket: Promise<ReadonlyMap<MarketId, Day>> } | undefined;

  private constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** With every market's last trade, which {@link take} keeps up to date. */
  static async open(db: Kysely<Database>, markets: readonly MarketId[]): Promise<History> {
    const history = new History(db);
    for (const market of markets) {
      const last = await db
        .selectFrom('projector.trades')
        .select(['price', 'quantity'])
        .where('market_id', '=', market)
        .orderBy('trade_id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (last !== undefined) history.#last.set(market, last);
    }
    return history;
  }

  /** Takes note of a frame's trades. */
  take({ records }: Frame): void {
    for (const { message } of records) {
      if (message.type === 'trade') this.#last.set(message.market, message);
    }
  }

  lastTrade(market: MarketId): LastTrade | undefined {
    return this.#last.get(market);
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

  async #closeBefore(market: MarketId, time: TimeUs): Promise<number | undefined> {
    const candle = await this.#db
      .selectFrom('projector.candles')
      .select('close')
      .where('market_id', '=', market)
      .where('opened_at', '<', (time - (time % MINUTE_US)) as TimeUs)
      .orderBy('opened_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    return candle?.close;
  }

  /** The last 24 hours of every market that was traded in them. */
  days(): Promise<ReadonlyMap<MarketId, Day>> {
    const nowMs = Date.now();
    if (this.#days === undefined || nowMs - this.#days.asOfMs > DAY_MAX_AGE_MS) {
      const byMarket = this.#loadDays(nowMs * 1_000 - DAY_US);
      this.#days = { asOfMs: nowMs, byMarket };
      // What failed is asked again by the next request.
      byMarket.catch(() => {
        this.#days = undefined;
      });
    }
    return this.#days.byMarket;
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
