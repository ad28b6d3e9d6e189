/** What the use cases of this service work with. */
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { ReadBarrier } from '#platform/read-barrier.ts';
import type { ApiReply } from '#platform/spot-api/endpoint.ts';
import type { OrderCounts } from '#platform/spot-api/limits.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';

export interface OrdersDeps {
  readonly engine: EngineClient;
  readonly listings: Listings;
  /** Read only. */
  readonly db: Kysely<Database>;
  readonly barrier: ReadBarrier;
  readonly orderCounts: OrderCounts;
}

/** @throws {ApiError} */
export type UseCase = (deps: OrdersDeps, request: SignedRequest) => ApiReply | Promise<ApiReply>;
