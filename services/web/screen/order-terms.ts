/** What is typed into the order form, held against the market's rules before it is sent; the exchange decides. */
import { formatDecimal, parseDecimal } from '#domain/money.ts';
import { shown, trimmed } from './amounts.ts';
import type { Market } from './exchange/markets.ts';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'LIMIT' | 'MARKET' | 'LIMIT_MAKER';

/** Whole units, or a sentence that says what is wrong and how to mend it. */
export type Reading = { readonly units: bigint } | { readonly fault: string };

interface Range {
  readonly scale: number;
  readonly step: string;
  readonly least: string;
  readonly most: string;
  readonly asset: string;
}

export function readPrice(text: string, { quote, tick, priceMin, priceMax }: Market): Reading {
  return read(text, {
    scale: quote.scale,
    step: tick,
    least: priceMin,
    most: priceMax,
    asset: quote.name,
  });
}

export function readQuantity(text: string, type: OrderType, market: Market): Reading {
  const most = type === 'MARKET' ? market.marketQuantityMax : market.quantityMax;
  const { base, lot, quantityMin } = market;
  return read(text, { scale: base.scale, step: lot, least: quantityMin, most, asset: base.name });
}

function read(text: string, { scale, step, least, most, asset }: Range): Reading {
  const of = (rule: string) => unitsOf(rule, scale);
  const units = parseDecimal(text.trim(), scale);
  if (units === 'malformed') return { fault: 'Put a number such as 12.5.' };
  if (units === 'precision' || (typeof units === 'number' && BigInt(units) % of(step) !== 0n))
    return { fault: `Put a multiple of ${trimmed(step)} ${asset}.` };
  if (units === 'overflow' || BigInt(units) > of(most))
    return { fault: `Put at most ${trimmed(most)} ${asset}.` };
  if (BigInt(units) < of(least)) return { fault: `Put at least ${trimmed(least)} ${asset}.` };
  return { units: BigInt(units) };
}

/** @throws when the exchange itself sent no amount. */
export function unitsOf(text: string, scale: number): bigint {
  const units = parseDecimal(text, scale);
  if (typeof units === 'string') throw new Error(`${text} at scale ${scale}: ${units}`);
  return BigInt(units);
}

/** What a quantity costs at a price, in whole units of the quote asset; rounded down. */
export function costOf(price: bigint, quantity: bigint, { base }: Market): bigint {
  return (price * quantity) / 10n ** BigInt(base.scale);
}

/** Why an order of this worth is not taken, or undefined. */
export function worthFault(cost: bigint, { quote, notionalMin, notionalMax }: Market): string | undefined {
  if (cost < unitsOf(notionalMin, quote.scale))
    return `An order must be worth at least ${trimmed(notionalMin)} ${quote.name}.`;
  if (cost > unitsOf(notionalMax, quote.scale))
    return `An order must be worth at most ${trimmed(notionalMax)} ${quote.name}.`;
  return undefined;
}

/** The largest quantity, in whole lots, that `percent` of what is free buys at a price, or sells. */
export function shareOf(percent: bigint, free: string, side: Side, price: bigint, market: Market): string {
  const { base, quote, lot } = market;
  const available = side === 'BUY' ? unitsOf(free, quote.scale) : unitsOf(free, base.scale);
  const share = (available * percent) / 100n;
  const units = side === 'SELL' ? share : price === 0n ? 0n : (share * 10n ** BigInt(base.scale)) / price;
  const step = unitsOf(lot, base.scale);
  return trimmed(formatDecimal(units - (units % step), base.scale));
}

export function costText(cost: bigint, { quote, priceDecimals }: Market): string {
  return `${shown(formatDecimal(cost, quote.scale), priceDecimals)} ${quote.name}`;
}
