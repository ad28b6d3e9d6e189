/** An order that costs little and that nobody will take: the smallest that the market allows, at half its price. */
import { formatDecimal, parseDecimal } from '#domain/money.ts';

/** A market of `GET /api/v3/exchangeInfo`, as far as the canary reads it. */
export interface MarketRules {
  readonly baseAssetPrecision: number;
  readonly quotePrecision: number;
  readonly filters: readonly Readonly<Record<string, unknown>>[];
}

export interface FarOrder {
  readonly price: string;
  readonly quantity: string;
}

/** `bestBid` is undefined while nobody buys: then the lowest price is far enough. */
export function farOrder(market: MarketRules, bestBid: string | undefined): FarOrder {
  const { baseAssetPrecision: baseScale, quotePrecision: quoteScale } = market;
  const filter = (type: string, field: string, scale: number) => units(valueIn(market, type, field), scale);
  const tick = filter('PRICE_FILTER', 'tickSize', quoteScale);
  const priceMin = filter('PRICE_FILTER', 'minPrice', quoteScale);
  const half = bestBid === undefined ? priceMin : units(bestBid, quoteScale) / 2n;
  const price = larger(half - (half % tick), priceMin);
  const step = filter('LOT_SIZE', 'stepSize', baseScale);
  const notionalMin = filter('NOTIONAL', 'minNotional', quoteScale);
  const enough = upTo(notionalMin * 10n ** BigInt(baseScale), price);
  const quantity = larger(upTo(enough, step) * step, filter('LOT_SIZE', 'minQty', baseScale));
  return { price: formatDecimal(price, quoteScale), quantity: formatDecimal(quantity, baseScale) };
}

function valueIn({ filters }: MarketRules, type: string, field: string): string {
  const value = filters.find(({ filterType }) => filterType === type)?.[field];
  if (typeof value !== 'string') throw new Error(`the market has no filter ${type} with ${field}`);
  return value;
}

function units(text: string, scale: number): bigint {
  const amount = parseDecimal(text, scale);
  if (typeof amount === 'string') throw new Error(`${text} is no amount with ${scale} decimals: ${amount}`);
  return BigInt(amount);
}

/** `dividend / divisor`, rounded up. */
function upTo(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
