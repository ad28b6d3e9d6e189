/**
 * `POST /api/v3/order/test` and `POST /api/v3/sor/order/test`: all the checks of a new order that need no engine.
 * Nothing is placed or counted.
 */
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { commissionView, feesOf, NO_COMMISSION, NO_DISCOUNT } from './commission.ts';
import { refusalOf } from './engine-refusals.ts';
import { currentFilterFailure } from './filters.ts';
import { type ReadOrder, readNewOrder } from './new-order.ts';
import { readSorOrder } from './place-sor-order.ts';
import type { UseCase } from './use-case.ts';

export function testOrderWeight(parameters: Parameters): number {
  return parameters.boolean('computeCommissionRates') ? 20 : 1;
}

const testing =
  (read: ReadOrder): UseCase =>
  async ({ engine, listings }, { parameters, caller }) => {
    const withRates = parameters.boolean('computeCommissionRates');
    const { market, command } = read(parameters, listings, caller.account);
    parameters.end();
    const failure = await currentFilterFailure(listings, market, command);
    if (failure !== null) throw refusalOf(failure);
    if (!withRates) return { json: {} };
    return {
      json: {
        standardCommissionForOrder: commissionView(await feesOf(engine, caller.account, market)),
        specialCommissionForOrder: NO_COMMISSION,
        taxCommissionForOrder: NO_COMMISSION,
        discount: NO_DISCOUNT,
      },
    };
  };

export const testOrder = testing(readNewOrder);
export const testSorOrder = testing(readSorOrder);
