/** What tickers say of a stretch of time, over REST and in streams. */

import type { Candle } from '#domain/candles.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Book } from './book.ts';

/** Decimals of a price change in percent. */
const PERCENT_SCALE = 3;

export interface TickerFigures {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly last: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly change: string;
  readonly changePercent: string;
  readonly average: string;
}

/** All by integer division, which rounds towards zero. */
export function figuresOf({ base, quote }: Market, candle: Candle): TickerFigures {
  const price = (units: number | bigint) => formatDecimal(units, quote.scale);
  const change = candle.close - candle.open;
  const percent =
    candle.open === 0 ? 0n : (BigInt(change) * 100n * 10n ** BigInt(PERCENT_SCALE)) / BigInt(candle.open);
  return {
    open: price(candle.open),
    high: price(candle.high),
    low: price(candle.low),
    last: price(candle.close),
    volume: formatDecimal(candle.baseVolume, base.scale),
    quoteVolume: price(candle.quoteVolume),
    change: price(change),
    changePercent: formatDecimal(percent, PERCENT_SCALE),
    average: price(averageOf(candle, base.scale)),
  };
}

/** The price weighted by quantity; that of the moment when nothing was traded. */
export function averageOf({ baseVolume, quoteVolume, close }: Candle, baseScale: number): bigint {
  return baseVolume === 0n ? BigInt(close) : (quoteVolume * 10n ** BigInt(baseScale)) / baseVolume;
}

export interface BestPrices {
  readonly bidPrice: string;
  readonly bidQty: string;
  readonly askPrice: string;
  readonly askQty: string;
}

/** The best bid and ask; zeros for a side that is empty. */
export function bestOf({ base, quote }: Market, book: Book): BestPrices {
  const [bidPrice, bidQty] = book.bids(1)[0] ?? [0, 0];
  const [askPrice, askQty] = book.asks(1)[0] ?? [0, 0];
  return {
    bidPrice: formatDecimal(bidPrice, quote.scale),
    bidQty: formatDecimal(bidQty, base.scale),
    askPrice: formatDecimal(askPrice, quote.scale),
    askQty: formatDecimal(askQty, base.scale),
  };
}
