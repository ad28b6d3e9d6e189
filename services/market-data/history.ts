/** What was traded, from the projector's tables: candles of any length. */
import { type Kysely, sql } from 'kysely';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { type Candle, joined } from './candle.ts';
import type { Interval } from './intervals.ts';

export interface LastTrade {
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  readonly tradedAt: TimeUs;
}

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

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** A market's newest trade that is stored; undefined for one that was never traded. */
  async lastTrade(market: MarketId): Promise<LastTrade | undefined> {
    return this.#db
      .selectFrom('projector.trades')
      .select(['trade_id as tradeId', 'price', 'quantity', 'traded_at as tradedAt'])
      .where('market_id', '=', market)
      .orderBy('trade_id', 'desc')
      .limit(1)
      .executeTakeFirst();
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
    firstTradeId: row.first_trade_id,
    lastTradeId: row.last_trade_id,
    trades: row.last_trade_id - row.first_trade_id + 1,
  };
}
