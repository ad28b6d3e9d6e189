/**
 * What refuses an order whatever else is open or traded, for one that will not reach the engine, or must not in part.
 * For one that does the engine decides, by the same rules in the same order; it alone knows the last price, so that
 * the value of an order without a price passes here.
 */
import type { CommandOf } from '#domain/commands.ts';
import type { RejectionName } from '#domain/rejections.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import { throwUnavailable } from './engine-refusals.ts';

type Order = CommandOf<'place'>;

/** By the market's rules as they are now: those at hand may have changed a moment ago, which only a refusal asks. */
export async function currentFilterFailure(
  listings: Listings,
  market: Market,
  order: Order,
): Promise<RejectionName | null> {
  if (filterFailure(market, order) === null) return null;
  await listings.refresh().catch(throwUnavailable);
  return filterFailure(listings.market(market.id), order);
}

export function filterFailure(market: Market, order: Order): RejectionName | null {
  if (market.status !== 'TRADING') return 'marketClosed';
  if (!isPrice(market, order.price) || !isPrice(market, order.stopPrice)) return 'priceFilter';
  if (!isQuantity(market, order.quantity) || !isQuantity(market, order.icebergQuantity)) return 'lotSize';
  if (order.price === null && order.quantity !== null && order.quantity > market.marketQuantityMax)
    return 'marketLotSize';
  if (hasTooManyParts(market, order)) return 'icebergParts';
  if (!isTrailingDelta(market, order)) return 'trailingDelta';
  const value = notionalOf(market, order);
  const isNotional = value === null || (value >= market.notionalMin && value <= market.notionalMax);
  return isNotional ? null : 'notional';
}

function isPrice({ tick, priceMin, priceMax }: Market, price: number | null): boolean {
  return price === null || (price % tick === 0 && price >= priceMin && price <= priceMax);
}

function isQuantity({ lot, quantityMin, quantityMax }: Market, quantity: number | null): boolean {
  return quantity === null || (quantity % lot === 0 && quantity >= quantityMin && quantity <= quantityMax);
}

function hasTooManyParts({ icebergPartsMax }: Market, { quantity, icebergQuantity }: Order): boolean {
  if (quantity === null || icebergQuantity === null) return false;
  return Math.ceil(quantity / icebergQuantity) > icebergPartsMax;
}

function isTrailingDelta(market: Market, { side, orderType, trailingDelta }: Order): boolean {
  if (trailingDelta === null) return true;
  const isStopLoss = orderType === 'STOP_LOSS' || orderType === 'STOP_LOSS_LIMIT';
  const waitsAbove = isStopLoss === (side === 'BUY');
  const min = waitsAbove ? market.trailingAboveMin : market.trailingBelowMin;
  const max = waitsAbove ? market.trailingAboveMax : market.trailingBelowMax;
  return trailingDelta >= min && trailingDelta <= max;
}

/** Null when the last price decides. */
function notionalOf({ base }: Market, { price, quantity, quoteOrderQty }: Order): bigint | null {
  if (quoteOrderQty !== null) return BigInt(quoteOrderQty);
  if (price === null || quantity === null) return null;
  return (BigInt(price) * BigInt(quantity)) / 10n ** BigInt(base.scale);
}
