/** What every use case of this service works with. */
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import type { ApiReply, ApiRequest } from '#platform/spot-api/endpoint.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Books } from './books.ts';
import type { History } from './history.ts';
import type { KlineHistory } from './kline-history.ts';
import type { RecentTrading } from './recent-trading.ts';

/** What clients may ask for, as they are told. */
export interface ToldLimits {
  readonly requestWeightPerMinute: number;
  readonly ordersPer10Seconds: number;
  readonly ordersPerDay: number;
}

export interface MarketDataDeps {
  readonly db: Kysely<Database>;
  readonly listings: Listings;
  readonly books: Books;
  readonly history: History;
  readonly recent: RecentTrading;
  readonly klines: KlineHistory;
  readonly limits: ToldLimits;
}

export type UseCase = (deps: MarketDataDeps, request: ApiRequest) => ApiReply | Promise<ApiReply>;
