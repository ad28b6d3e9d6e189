/** What was traded lately, from the projector's tables: the last trade, and short candles. */
import { type Kysely, sql } from 'kysely';
import type { Candle } from '#domain/candles.ts';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import { MINUTE_US } from '#domain/intervals.ts';
import type { Database } from '#platform/database.ts';
import type { LastTrade, StoredTrading } from './recent-trading.ts';

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
  readonly step: TimeUs;
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

export class History implements StoredTrading {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async lastTrade(market: MarketId): Promise<LastTrade | undefined> {
    return this.#db
      .selectFrom('projector.trades')
      .select(['trade_id as tradeId', 'price', 'quantity', 'traded_at as tradedAt'])
      .where('market_id', '=', market)
      .orderBy('trade_id', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  async candles(market: MarketId, stepUs: number, from: TimeUs, to: TimeUs): Promise<Candle[]> {
    const source = stepUs < MINUTE_US ? TRADES : sql`projector.candles`;
    const { rows } = await sql<SummaryRow>`
      select opened_at - opened_at % ${stepUs}::int8 as step, ${SUMMARY}
      from ${source}
      where market_id = ${market} and opened_at >= ${from} and opened_at < ${to}
      group by step
      order by step
    `.execute(this.#db);
    return rows.map(toCandle);
  }
}

function toCandle(row: SummaryRow): Candle {
  return {
    openedAt: row.step,
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
