/** Which markets a request is about: one, several, or all. */
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

/** All markets trade; other statuses come with the commands that set them. */
export const SYMBOL_STATUS = 'TRADING';
const SYMBOL_STATUSES = ['TRADING', 'HALT', 'BREAK'] as const;

export interface Selection {
  readonly markets: readonly Market[];
  /** Asked for by `symbol`: the answer is one object, not a list. */
  readonly isOne: boolean;
}

/**
 * Reads `symbol`, `symbols` and `symbolStatus`.
 * @throws {ApiError} −1128 for both, −1121 for one that is not listed, −1220 for one that has another status.
 */
export function readSelection(parameters: Parameters, listings: Listings): Selection {
  const symbol = parameters.optionalSymbol();
  const symbols = parameters.symbols();
  const status = parameters.oneOf('symbolStatus', SYMBOL_STATUSES, apiErrors.invalidSymbolStatus);
  if (symbol !== undefined && symbols !== undefined) throw apiErrors.badCombination();
  const isOther = status !== undefined && status !== SYMBOL_STATUS;
  if (symbol !== undefined) {
    const market = listings.marketOf(symbol);
    if (isOther) throw apiErrors.statusMismatch();
    return { markets: [market], isOne: true };
  }
  const markets = symbols?.map((each) => listings.marketOf(each)) ?? listings.markets;
  return { markets: isOther ? [] : markets, isOne: false };
}

/** One object for a `symbol`, a list otherwise. */
export function present<T>({ markets, isOne }: Selection, view: (market: Market) => T): T | T[] {
  return isOne ? view(markets[0]!) : markets.map(view);
}
