/**
 * The filters of a market, for an order that will not reach the engine. For one that does the engine decides, by
 * the same rules in the same order; it alone knows the last price, so that a MARKET quantity's value passes here.
 */
import type { CommandOf } from '#domain/commands.ts';
import type { RejectionName } from '#domain/rejections.ts';
import type { Market } from '#platform/spot-api/listings.ts';

export function filterFailure(market: Market, order: CommandOf<'place'>): RejectionName | null {
  const { price, quantity, quoteOrderQty } = order;
  if (price !== null && (price % market.tick !== 0 || price < market.priceMin || price > market.priceMax))
    return 'priceFilter';
  if (quantity === null) return isNotional(market, BigInt(quoteOrderQty!)) ? null : 'notional';
  if (quantity % market.lot !== 0 || quantity < market.quantityMin || quantity > market.quantityMax)
    return 'lotSize';
  if (price === null) return quantity > market.marketQuantityMax ? 'marketLotSize' : null;
  const notional = (BigInt(price) * BigInt(quantity)) / 10n ** BigInt(market.base.scale);
  return isNotional(market, notional) ? null : 'notional';
}

function isNotional({ notionalMin, notionalMax }: Market, value: bigint): boolean {
  return value >= notionalMin && value <= notionalMax;
}
