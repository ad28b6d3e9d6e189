/** Which markets a request is about: one, several, or all. */
import type { MarketStatus } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

/** Those that can be asked for. */
const SYMBOL_STATUSES = ['TRADING', 'HALT', 'BREAK'] as const;

export interface Selection {
  readonly markets: readonly Market[];
  /** Asked for by `symbol`: the answer is one object, not a list. */
  readonly isOne: boolean;
  /** Neither `symbol` nor `symbols` was given. */
  readonly isAll: boolean;
}

/**
 * Reads `symbol`, `symbols` and `symbolStatus`.
 * @throws {ApiError} −1128 for both, −1121 for one that is not listed, −1220 for one that has another status.
 */
export function readSelection(parameters: Parameters, listings: Listings): Selection {
  const symbol = parameters.optionalSymbol();
  const symbols = parameters.symbols();
  if (symbol !== undefined && symbols !== undefined) throw apiErrors.badCombination();
  if (symbol !== undefined) {
    const markets = [ofWantedStatus(listings.marketOf(symbol), parameters)];
    return { markets, isOne: true, isAll: false };
  }
  const status = readStatus(parameters);
  const markets = symbols?.map((each) => listings.marketOf(each)) ?? listings.markets;
  return {
    markets: markets.filter((market) => status === undefined || market.status === status),
    isOne: false,
    isAll: symbols === undefined,
  };
}

/**
 * Reads `symbolStatus` for a single market.
 * @throws {ApiError} −1220 when the market has another status.
 */
export function ofWantedStatus(market: Market, parameters: Parameters): Market {
  const status = readStatus(parameters);
  if (status !== undefined && market.status !== status) throw apiErrors.statusMismatch();
  return market;
}

function readStatus(parameters: Parameters): MarketStatus | undefined {
  return parameters.oneOf('symbolStatus', SYMBOL_STATUSES, apiErrors.invalidSymbolStatus);
}

/** One object for a `symbol`, a list otherwise. */
export function present<T>({ markets, isOne }: Selection, view: (market: Market) => T): T | T[] {
  return isOne ? view(markets[0]!) : markets.map(view);
}
