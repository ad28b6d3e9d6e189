/** What the trading screen shows of an amount, and makes of one that is typed: digit by digit. */
import { describe, expect, it } from '@jest/globals';
import { direction, isZero, shown, signedPercent, trimmed } from '#services/web/screen/amounts.ts';
import type { Market } from '#services/web/screen/exchange/markets.ts';
import {
  costOf,
  costText,
  readPrice,
  readQuantity,
  shareOf,
  worthFault,
} from '#services/web/screen/order-terms.ts';

const market: Market = {
  symbol: 'BTCUSDT',
  name: 'BTC/USDT',
  base: { name: 'BTC', scale: 8 },
  quote: { name: 'USDT', scale: 6 },
  isTrading: true,
  tick: '0.010000',
  priceMin: '0.010000',
  priceMax: '1000000.000000',
  lot: '0.00010000',
  quantityMin: '0.00010000',
  quantityMax: '9000.00000000',
  marketQuantityMax: '100.00000000',
  notionalMin: '5.000000',
  notionalMax: '9000000.000000',
  priceDecimals: 2,
  quantityDecimals: 4,
};

describe('an amount on the screen', () => {
  it.each([
    ['65000.129999', 2, '65,000.12'],
    ['0.5', 4, '0.5000'],
    ['999', 0, '999'],
    ['1234567.00000000', 0, '1,234,567'],
    // More digits than a float holds.
    ['9007199254740993.12345678', 8, '9,007,199,254,740,993.12345678'],
  ])('%s at %i decimals is %s, cut and never rounded', (text, decimals, expected) => {
    expect(shown(text, decimals)).toBe(expected);
  });

  it('loses only the zeros that say nothing', () => {
    expect(['0.50000000', '100', '10.000', '0.00000000'].map(trimmed)).toEqual(['0.5', '100', '10', '0']);
    expect(['0.000', '0', '-0.00', '0.001', '10'].map(isZero)).toEqual([true, true, true, false, false]);
  });

  it('tells where a change went, and nothing of one too small to see', () => {
    expect(['1.209', '-0.129', '0.001', '-0.009', '0.000'].map(signedPercent)).toEqual([
      '+1.20%',
      '−0.12%',
      '0.00%',
      '0.00%',
      '0.00%',
    ]);
    expect(['1.2', '-0.1', '0.000'].map(direction)).toEqual(['up', 'down', '']);
  });
});

describe('an order as it is typed', () => {
  it.each([
    ['65000.01', { units: 65_000_010_000n }],
    [' 1 ', { units: 1_000_000n }],
    ['65000.001', { fault: 'Put a multiple of 0.01 USDT.' }],
    ['0.0000001', { fault: 'Put a multiple of 0.01 USDT.' }],
    ['1000000.01', { fault: 'Put at most 1000000 USDT.' }],
    ['0', { fault: 'Put at least 0.01 USDT.' }],
    ['99999999999999999999', { fault: 'Put at most 1000000 USDT.' }],
    ['', { fault: 'Put a number such as 12.5.' }],
    ['1e5', { fault: 'Put a number such as 12.5.' }],
    ['1,5', { fault: 'Put a number such as 12.5.' }],
    ['-1', { fault: 'Put a number such as 12.5.' }],
  ])('has the price %j read as %j', (text, expected) => {
    expect(readPrice(text, market)).toEqual(expected);
  });

  it('may be larger at a limit than at the market', () => {
    expect(readQuantity('101', 'LIMIT', market)).toEqual({ units: 10_100_000_000n });
    expect(readQuantity('101', 'MARKET', market)).toEqual({ fault: 'Put at most 100 BTC.' });
  });

  it('costs what the exchange would hold, to the unit', () => {
    const cost = costOf(65_000_010_000n, 12_340_000n, market);
    expect(cost).toBe(8_021_001_234n);
    expect(costText(cost, market)).toBe('8,021.00 USDT');
    expect(worthFault(4_999_999n, market)).toBe('An order must be worth at least 5 USDT.');
    expect(worthFault(5_000_000n, market)).toBeUndefined();
    expect(worthFault(9_000_000_000_001n, market)).toBe('An order must be worth at most 9000000 USDT.');
  });

  it('takes a share of what is free in whole lots, and never more than there is', () => {
    const price = 65_000_000_000n;
    expect(shareOf(100n, '1000.000000', 'BUY', price, market)).toBe('0.0153');
    expect(shareOf(50n, '0.00030000', 'SELL', price, market)).toBe('0.0001');
    expect(shareOf(100n, '0.00009999', 'SELL', price, market)).toBe('0');
    expect(shareOf(100n, '1000.000000', 'BUY', 0n, market)).toBe('0');
  });
});
