/** `GET /api/v3/depth`: the book, with the sequence from which the depth streams continue it. */
import { formatDecimal } from '#domain/money.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import type { PriceLevel } from './book.ts';
import { ofWantedStatus } from './symbol-selection.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 5_000;

export function depthWeight(parameters: Parameters): number {
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

export const depth: UseCase = ({ books, listings }, { parameters }) => {
  const market = ofWantedStatus(listings.marketOf(parameters.symbol()), parameters);
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();
  const book = books.of(market.id);
  return {
    json: {
      lastUpdateId: books.seqOf(market.id),
      bids: book.bids(limit).map((level) => levelView(market, level)),
      asks: book.asks(limit).map((level) => levelView(market, level)),
    },
  };
};

export function levelView({ base, quote }: Market, [price, quantity]: PriceLevel): [string, string] {
  return [formatDecimal(price, quote.scale), formatDecimal(quantity, base.scale)];
}
