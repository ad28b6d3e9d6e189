/** `GET /api/v3/exchangeInfo`: what is traded here, by which rules. */
import { formatDecimal } from '#domain/money.ts';
import { ORDER_TYPES } from '#domain/orders.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import { readSelection, SYMBOL_STATUS } from './symbol-selection.ts';
import type { UseCase } from './use-case.ts';

const PERMISSIONS = ['SPOT'] as const;

export const exchangeInfo: UseCase = ({ listings, requestWeightPerMinute }, { parameters }) => {
  const permissions = readPermissions(parameters.text('permissions'));
  const { markets } = readSelection(parameters, listings);
  parameters.boolean('showPermissionSets');
  parameters.end();
  return {
    json: {
      timezone: 'UTC',
      serverTime: Date.now(),
      rateLimits: [
        {
          rateLimitType: 'REQUEST_WEIGHT',
          interval: 'MINUTE',
          intervalNum: 1,
          limit: requestWeightPerMinute,
        },
      ],
      exchangeFilters: [],
      symbols: permissions.includes('SPOT') ? markets.map(symbolInfo) : [],
    },
  };
};

/** `SPOT`, or a list such as `["SPOT","MARGIN"]`. */
function readPermissions(text: string | undefined): readonly string[] {
  return text === undefined ? PERMISSIONS : [...text.matchAll(/[A-Z_0-9]+/g)].map(([name]) => name);
}

function symbolInfo(market: Market) {
  const { base, quote, symbol } = market;
  return {
    symbol,
    status: SYMBOL_STATUS,
    baseAsset: base.name,
    baseAssetPrecision: base.scale,
    quoteAsset: quote.name,
    quotePrecision: quote.scale,
    quoteAssetPrecision: quote.scale,
    baseCommissionPrecision: base.scale,
    quoteCommissionPrecision: quote.scale,
    orderTypes: ORDER_TYPES,
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(market),
    permissions: [],
    permissionSets: [PERMISSIONS],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}

function filtersOf({ base, quote, ...market }: Market) {
  const price = (units: number) => formatDecimal(units, quote.scale);
  const quantity = (units: number) => formatDecimal(units, base.scale);
  const { priceMin, priceMax, tick, quantityMin, quantityMax, marketQuantityMax, lot } = market;
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: price(priceMin),
      maxPrice: price(priceMax),
      tickSize: price(tick),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: quantity(quantityMin),
      maxQty: quantity(quantityMax),
      stepSize: quantity(lot),
    },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: quantity(quantityMin),
      maxQty: quantity(marketQuantityMax),
      stepSize: quantity(lot),
    },
    {
      filterType: 'NOTIONAL',
      minNotional: price(market.notionalMin),
      applyMinToMarket: true,
      maxNotional: price(market.notionalMax),
      applyMaxToMarket: true,
      avgPriceMins: 0,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: market.ordersMax },
  ];
}
