/** What was traded in a span of time, as one candle. */
import assert from 'node:assert/strict';
import type { EventOf } from './events.ts';
import type { TimeUs } from './ids.ts';

/** Prices and volumes in units; volumes outgrow 2^53. */
export interface Candle {
  /** When its interval begins. */
  readonly openedAt: TimeUs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly baseVolume: bigint;
  readonly quoteVolume: bigint;
  /** What takers bought. */
  readonly takerBuyBase: bigint;
  readonly takerBuyQuote: bigint;
  /** Trades of a market are numbered without a gap, so that these two say how many there were; both -1 without any. */
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}

export type CandleTrade = Pick<
  EventOf<'trade'>,
  'tradeId' | 'price' | 'quantity' | 'quoteQuantity' | 'takerSide'
>;

/** The candle after one more trade; a trade that is in it already leaves it as it is. */
export function withTrade(candle: Candle | undefined, openedAt: TimeUs, trade: CandleTrade): Candle {
  if (candle === undefined) return candleOf(openedAt, trade);
  if (trade.tradeId <= candle.lastTradeId) return candle;
  return joined(candle, candleOf(openedAt, trade));
}

/** Two candles that follow one another, as one. */
export function joined(first: Candle, second: Candle): Candle {
  assert.equal(second.firstTradeId, first.lastTradeId + 1, 'no trade is missing between two candles');
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
  };
}

/** How many trades are in it. */
export function tradesIn({ firstTradeId, lastTradeId }: Candle): number {
  return firstTradeId < 0 ? 0 : lastTradeId - firstTradeId + 1;
}

/** A span without a trade stays at the close before it. */
export function flatCandle(openedAt: TimeUs, close: number): Candle {
  return {
    openedAt,
    open: close,
    high: close,
    low: close,
    close,
    baseVolume: 0n,
    quoteVolume: 0n,
    takerBuyBase: 0n,
    takerBuyQuote: 0n,
    firstTradeId: -1,
    lastTradeId: -1,
  };
}

/** A span with this one trade in it. */
export function candleOf(openedAt: TimeUs, trade: CandleTrade): Candle {
  const { tradeId, price, quantity, quoteQuantity, takerSide } = trade;
  const [base, quote] = [BigInt(quantity), BigInt(quoteQuantity)];
  const isBought = takerSide === 'BUY';
  return {
    openedAt,
    open: price,
    high: price,
    low: price,
    close: price,
    baseVolume: base,
    quoteVolume: quote,
    takerBuyBase: isBought ? base : 0n,
    takerBuyQuote: isBought ? quote : 0n,
    firstTradeId: tradeId,
    lastTradeId: tradeId,
  };
}
