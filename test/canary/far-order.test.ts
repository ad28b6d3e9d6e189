import { expect, it } from '@jest/globals';
import { farOrder, type MarketRules } from '#services/canary/far-order.ts';

const rules: MarketRules = {
  baseAssetPrecision: 8,
  quotePrecision: 6,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.010000', maxPrice: '1000000.000000', tickSize: '0.010000' },
    { filterType: 'LOT_SIZE', minQty: '0.00010000', maxQty: '9000.00000000', stepSize: '0.00010000' },
    { filterType: 'NOTIONAL', minNotional: '5.000000', maxNotional: '9000000.000000' },
  ],
};

it('asks for half of the best bid, on a tick, and for the smallest quantity whose notional is allowed', () => {
  // 65,000.03 / 2 = 32,500.015, down to the tick; 5 / 32,500.01 = 0.000153…, up to the lot.
  expect(farOrder(rules, '65000.030000')).toEqual({ price: '32500.010000', quantity: '0.00020000' });
});

it('asks for the least quantity where a price is high', () => {
  expect(farOrder(rules, '900000.000000')).toEqual({ price: '450000.000000', quantity: '0.00010000' });
});

it('asks for the lowest price in an empty book, and never for less', () => {
  const lowest = { price: '0.010000', quantity: '500.00000000' };
  expect(farOrder(rules, undefined)).toEqual(lowest);
  expect(farOrder(rules, '0.010000')).toEqual(lowest);
});

it('names a filter that the market does not tell', () => {
  expect(() => farOrder({ ...rules, filters: [] }, undefined)).toThrow(
    'no filter PRICE_FILTER with tickSize',
  );
});
