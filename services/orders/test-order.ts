/** `POST /api/v3/order/test`: all the checks of a new order that need no engine. Nothing is placed or counted. */
import type { Ppm } from '#domain/ids.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { refusalOf } from './engine-refusals.ts';
import { filterFailure } from './filters.ts';
import { readNewOrder } from './new-order.ts';
import { rateView } from './rate-view.ts';
import type { UseCase } from './use-case.ts';

export function testOrderWeight(parameters: Parameters): number {
  return parameters.boolean('computeCommissionRates') ? 20 : 1;
}

export const testOrder: UseCase = ({ listings }, { parameters, caller }) => {
  const withRates = parameters.boolean('computeCommissionRates');
  const { market, command } = readNewOrder(parameters, listings, caller.account);
  const failure = filterFailure(market, command);
  if (failure !== null) throw refusalOf(failure);
  if (!withRates) return { json: {} };
  const none = { maker: rateView(0 as Ppm), taker: rateView(0 as Ppm) };
  return {
    json: {
      standardCommissionForOrder: { maker: rateView(market.makerFee), taker: rateView(market.takerFee) },
      specialCommissionForOrder: none,
      taxCommissionForOrder: none,
      discount: {
        enabledForAccount: false,
        enabledForSymbol: false,
        discountAsset: '',
        discount: rateView(0 as Ppm),
      },
    },
  };
};
