/** A market's rules as the dialect's filters: https://developers.binance.com/docs/binance-spot-api-docs/filters */
import { formatDecimal } from '#domain/money.ts';
import type { Market } from './listings.ts';

type Filter = { readonly filterType: string } & Readonly<Record<string, string | number | boolean>>;

/** Decimals of a multiplier; a millionth has six. */
const MULTIPLIER_DECIMALS = 6;
/** Above any price that a market's rules allow, relative to any other: stands for no upper bound. */
const NO_MULTIPLIER_UP = '1000000000.000000';

export function filtersOf(market: Market): Filter[] {
  return [...amountFilters(market), ...percentPriceBySide(market), ...countFilters(market)];
}

function amountFilters({ base, quote, ...market }: Market): Filter[] {
  const price = (units: number) => formatDecimal(units, quote.scale);
  const quantity = (units: number) => formatDecimal(units, base.scale);
  const [minQty, stepSize] = [quantity(market.quantityMin), quantity(market.lot)];
  const filters: Filter[] = [
    {
      filterType: 'PRICE_FILTER',
      minPrice: price(market.priceMin),
      maxPrice: price(market.priceMax),
      tickSize: price(market.tick),
    },
    { filterType: 'LOT_SIZE', minQty, maxQty: quantity(market.quantityMax), stepSize },
    { filterType: 'MARKET_LOT_SIZE', minQty, maxQty: quantity(market.marketQuantityMax), stepSize },
    {
      filterType: 'NOTIONAL',
      minNotional: price(market.notionalMin),
      applyMinToMarket: true,
      maxNotional: price(market.notionalMax),
      applyMaxToMarket: true,
      avgPriceMins: 0,
    },
    { filterType: 'ICEBERG_PARTS', limit: market.icebergPartsMax },
    {
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: market.trailingAboveMin,
      maxTrailingAboveDelta: market.trailingAboveMax,
      minTrailingBelowDelta: market.trailingBelowMin,
      maxTrailingBelowDelta: market.trailingBelowMax,
    },
  ];
  if (market.positionMax !== null)
    filters.push({ filterType: 'MAX_POSITION', maxPosition: quantity(market.positionMax) });
  return filters;
}

/** None for a market that bounds neither side. */
function percentPriceBySide({ bidUp, bidDown, askUp, askDown, averageMinutes }: Market): Filter[] {
  if (bidUp + bidDown + askUp + askDown === 0) return [];
  const multiplier = (ppm: number) => formatDecimal(ppm, MULTIPLIER_DECIMALS);
  const up = (ppm: number) => (ppm === 0 ? NO_MULTIPLIER_UP : multiplier(ppm));
  return [
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: up(bidUp),
      bidMultiplierDown: multiplier(bidDown),
      askMultiplierUp: up(askUp),
      askMultiplierDown: multiplier(askDown),
      avgPriceMins: averageMinutes,
    },
  ];
}

function countFilters(market: Market): Filter[] {
  return [
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: market.ordersMax },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: market.algoOrdersMax },
    { filterType: 'MAX_NUM_ICEBERG_ORDERS', maxNumIcebergOrders: market.icebergOrdersMax },
    { filterType: 'MAX_NUM_ORDER_LISTS', maxNumOrderLists: market.orderListsMax },
    { filterType: 'MAX_NUM_ORDER_AMENDS', maxNumOrderAmends: market.amendsMax },
  ];
}
