/** `GET /sapi/v1/asset/tradeFee`: what the account pays on a market, or on each. */
import { feesOf } from './commission.ts';
import { rateView } from './rate-view.ts';
import type { UseCase } from './use-case.ts';

export const listTradeFees: UseCase = async ({ engine, listings }, { parameters, caller }) => {
  const symbol = parameters.optionalSymbol();
  parameters.end();
  const markets = symbol === undefined ? listings.markets : [listings.marketOf(symbol)];
  const fees = await Promise.all(markets.map((market) => feesOf(engine, caller.account, market)));
  return {
    json: fees.map(({ makerFee, takerFee }, index) => ({
      symbol: markets[index]!.symbol,
      makerCommission: rateView(makerFee),
      takerCommission: rateView(takerFee),
    })),
  };
};
