/** `GET /api/v3/account/commission` */
import { commissionView, feesOf, NO_COMMISSION, NO_DISCOUNT, NO_SIDE_COMMISSION } from './commission.ts';
import type { UseCase } from './use-case.ts';

export const showCommission: UseCase = async ({ engine, listings }, { parameters, caller }) => {
  const market = listings.marketOf(parameters.symbol());
  parameters.end();
  const fees = await feesOf(engine, caller.account, market);
  const none = { ...NO_COMMISSION, ...NO_SIDE_COMMISSION };
  return {
    json: {
      symbol: market.symbol,
      standardCommission: { ...commissionView(fees), ...NO_SIDE_COMMISSION },
      specialCommission: none,
      taxCommission: none,
      discount: NO_DISCOUNT,
    },
  };
};
