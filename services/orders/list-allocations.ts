/** `GET /api/v3/myAllocations`: none, ever. One exchange routes no orders to others, so nothing is allocated. */
import { readTimeRange } from './time-range.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export const listAllocations: UseCase = ({ listings }, { parameters }) => {
  listings.marketOf(parameters.symbol());
  readTimeRange(parameters);
  parameters.integer('fromAllocationId');
  parameters.integer('orderId');
  parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();
  return { json: [] };
};
