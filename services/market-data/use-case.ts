/** What every use case of this service works with. */
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import type { ApiReply, ApiRequest } from '#platform/spot-api/endpoint.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Books } from './books.ts';
import type { History } from './history.ts';

export interface MarketDataDeps {
  readonly db: Kysely<Database>;
  readonly listings: Listings;
  readonly books: Books;
  readonly history: History;
  readonly requestWeightPerMinute: number;
}

export type UseCase = (deps: MarketDataDeps, request: ApiRequest) => ApiReply | Promise<ApiReply>;
