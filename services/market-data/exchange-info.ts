/** `GET /api/v3/exchangeInfo`: what is traded here, by which rules. */
import type { TimeUs } from '#domain/ids.ts';
import { ORDER_TYPES, SELF_TRADE_PREVENTIONS } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import { filtersOf } from '#platform/spot-api/market-filters.ts';
import { readSelection } from './symbol-selection.ts';
import type { ToldLimits, UseCase } from './use-case.ts';

const PERMISSIONS = ['SPOT'] as const;

export const exchangeInfo: UseCase = ({ listings, limits }, { parameters, time }) => {
  const permissions = parameters.text('permissions');
  const hasStatus = parameters.has('symbolStatus');
  const selection = readSelection(parameters, listings);
  const hidesPermissionSets =
    parameters.has('showPermissionSets') && !parameters.boolean('showPermissionSets');
  parameters.end();
  if (!selection.isAll && (permissions !== undefined || hasStatus)) throw apiErrors.badCombination();
  const markets = readPermissions(permissions).includes('SPOT') ? selection.markets : [];
  return {
    json: {
      timezone: 'UTC',
      serverTime: time((Date.now() * 1_000) as TimeUs),
      rateLimits: rateLimits(limits),
      exchangeFilters: [],
      symbols: markets.map((market) => symbolInfo(market, hidesPermissionSets ? [] : [PERMISSIONS])),
    },
  };
};

function rateLimits({ requestWeightPerMinute, ordersPer10Seconds, ordersPerDay }: ToldLimits) {
  return [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: requestWeightPerMinute },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10Seconds },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: ordersPerDay },
  ];
}

/** `SPOT`, or a list such as `["SPOT","MARGIN"]`. */
function readPermissions(text: string | undefined): readonly string[] {
  return text === undefined ? PERMISSIONS : [...text.matchAll(/[A-Z_0-9]+/g)].map(([name]) => name);
}

function symbolInfo(market: Market, permissionSets: readonly (readonly string[])[]) {
  const { base, quote, symbol } = market;
  return {
    symbol,
    status: market.status,
    baseAsset: base.name,
    baseAssetPrecision: base.scale,
    quoteAsset: quote.name,
    quotePrecision: quote.scale,
    quoteAssetPrecision: quote.scale,
    baseCommissionPrecision: base.scale,
    quoteCommissionPrecision: quote.scale,
    orderTypes: ORDER_TYPES,
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(market),
    permissions: [],
    permissionSets,
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: SELF_TRADE_PREVENTIONS,
  };
}
