/** `GET /api/v3/rateLimit/order`: how many unfilled orders the account has placed. */
import type { UseCase } from './use-case.ts';

export const showOrderCounts: UseCase = ({ orderCounts }, { parameters, caller }) => {
  parameters.end();
  return { json: orderCounts.rateLimits(caller.account) };
};
