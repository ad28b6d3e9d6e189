/** `GET /api/v3/myFilters`: a market's, since no account has filters of its own here. */
import { filtersOf } from '#platform/spot-api/market-filters.ts';
import type { UseCase } from './use-case.ts';

export const showFilters: UseCase = ({ listings }, { parameters }) => {
  const market = listings.marketOf(parameters.symbol());
  parameters.end();
  return { json: { exchangeFilters: [], symbolFilters: filtersOf(market), assetFilters: [] } };
};
