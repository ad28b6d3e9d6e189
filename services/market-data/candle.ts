/** What was traded in a stretch of time, and how two such stretches make one. */
import type { EventOf } from '#domain/events.ts';
import type { TimeUs } from '#domain/ids.ts';

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
  /** Both -1 without a trade; a market's trades are numbered without a gap. */
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly trades: number;
}

/** A candle of one trade. */
export function candleOf(trade: EventOf<'trade'>, openedAt: TimeUs): Candle {
  const { price, tradeId } = trade;
  const [base, quote] = [BigInt(trade.quantity), BigInt(trade.quoteQuantity)];
  const takerBuys = trade.takerSide === 'BUY';
  return {
    openedAt,
    open: price,
    high: price,
    low: price,
    close: price,
    baseVolume: base,
    quoteVolume: quote,
    takerBuyBase: takerBuys ? base : 0n,
    takerBuyQuote: takerBuys ? quote : 0n,
    firstTradeId: tradeId,
    lastTradeId: tradeId,
    trades: 1,
  };
}

/** A stretch without a trade stays at the close before it. */
export function flatCandle(openedAt: TimeUs, close: number): Candle {
  const nothing = { baseVolume: 0n, quoteVolume: 0n, takerBuyBase: 0n, takerBuyQuote: 0n, trades: 0 };
  return {
    openedAt,
    open: close,
    high: close,
    low: close,
    close,
    firstTradeId: -1,
    lastTradeId: -1,
    ...nothing,
  };
}

/** Two candles with trades, the second later than the first, as one. */
export function joined(first: Candle, second: Candle): Candle {
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
    firstTradeId: first.firstTradeId,
    lastTradeId: second.lastTradeId,
    trades: first.trades + second.trades,
  };
}
