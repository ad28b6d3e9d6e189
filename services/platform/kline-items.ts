/** Klines as items of the table `market-data`: an item for each interval of each market in which there was a trade. */
import type { Candle } from '#domain/candles.ts';
import type { TimeUs } from '#domain/ids.ts';

export interface KlineItem {
  /** The market's symbol and the interval's name, as `BTCUSDT#1m`. */
  readonly trading_pair: string;
  /** When the interval begins (UTC), in microseconds. */
  readonly timestamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** The client gives a number up to 2^53, and a bigint beyond. */
  readonly base_volume: bigint | number;
  readonly quote_volume: bigint | number;
  readonly taker_buy_base: bigint | number;
  readonly taker_buy_quote: bigint | number;
  readonly first_trade_id: number;
  readonly last_trade_id: number;
}

/** The partition that has the klines of one interval of one market. */
export function klinesOf(symbol: string, intervalName: string): string {
  return `${symbol}#${intervalName}`;
}

export function klineItem(partition: string, candle: Candle): KlineItem {
  return {
    trading_pair: partition,
    timestamp: candle.openedAt,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    base_volume: candle.baseVolume,
    quote_volume: candle.quoteVolume,
    taker_buy_base: candle.takerBuyBase,
    taker_buy_quote: candle.takerBuyQuote,
    first_trade_id: candle.firstTradeId,
    last_trade_id: candle.lastTradeId,
  };
}

export function candleOfItem(item: KlineItem): Candle {
  return {
    openedAt: item.timestamp as TimeUs,
    open: item.open,
    high: item.high,
    low: item.low,
    close: item.close,
    baseVolume: BigInt(item.base_volume),
    quoteVolume: BigInt(item.quote_volume),
    takerBuyBase: BigInt(item.taker_buy_base),
    takerBuyQuote: BigInt(item.taker_buy_quote),
    firstTradeId: item.first_trade_id,
    lastTradeId: item.last_trade_id,
  };
}
