import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Ppm, Units } from '#domain/ids.ts';
import { feeOf, formatDecimal, parseDecimal, SCALE_MAX } from '#domain/money.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const scale = fc.integer({ min: 0, max: SCALE_MAX });
/** Half of them small, half anywhere below 2^53. */
const amount = fc.oneof(fc.nat(), fc.maxSafeNat());

describe('reading a decimal', () => {
  it.each([
    ['0', 8, 0],
    ['1', 0, 1],
    ['1.5', 8, 150_000_000],
    ['0.00000001', 8, 1],
    ['12.50', 2, 1_250],
    ['12.500000', 2, 1_250],
    ['007', 0, 7],
    ['90071992.54740991', 8, MAX],
    ['9007199254740991', 0, MAX],
  ])('takes %s at %i decimals as %i units', (text, decimals, units) => {
    expect(parseDecimal(text, decimals)).toBe(units);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '-1',
    '.5',
    '5.',
    '1e3',
    '1,5',
    '0x10',
    'NaN',
    'Infinity',
    '1.2.3',
    '١',
    '1\n',
  ])('calls %j malformed', (text) => {
    expect(parseDecimal(text, 8)).toBe('malformed');
  });

  it('refuses a decimal finer than the asset instead of rounding it', () => {
    expect(parseDecimal('0.001', 2)).toBe('precision');
    expect(parseDecimal('1.5', 0)).toBe('precision');
    expect(parseDecimal('1.0000000000000000001', 8)).toBe('precision');
  });

  it('refuses 2^53 units and more', () => {
    expect(parseDecimal('9007199254740992', 0)).toBe('overflow');
    expect(parseDecimal('9007199254740993', 0)).toBe('overflow');
    expect(parseDecimal('90071992.54740992', 8)).toBe('overflow');
    expect(parseDecimal('9'.repeat(400), 0)).toBe('overflow');
  });

  it('agrees with bigints on any digits: exact, or refused', () => {
    const digits = fc.stringMatching(/^\d{1,20}$/);
    fc.assert(
      fc.property(digits, fc.stringMatching(/^\d{0,18}$/), scale, (whole, fraction, decimals) => {
        const exact = fraction.replace(/0+$/, '');
        const units = BigInt(whole + exact.padEnd(decimals, '0'));
        const expected =
          exact.length > decimals ? 'precision' : units > BigInt(MAX) ? 'overflow' : Number(units);
        expect(parseDecimal(fraction === '' ? whole : `${whole}.${fraction}`, decimals)).toBe(expected);
      }),
    );
  });
});

describe('writing an amount', () => {
  it.each([
    [0, 0, '0'],
    [0, 2, '0.00'],
    [150, 2, '1.50'],
    [1, 8, '0.00000001'],
    [-1, 8, '-0.00000001'],
    [-150, 2, '-1.50'],
    [MAX, 8, '90071992.54740991'],
    [123_456_789_012_345_678_901n, 6, '123456789012345.678901'],
  ])('writes %s units at %i decimals as %s', (units, decimals, text) => {
    expect(formatDecimal(units, decimals)).toBe(text);
  });

  it('is undone by reading it', () => {
    fc.assert(
      fc.property(amount, scale, (units, decimals) => {
        expect(parseDecimal(formatDecimal(units, decimals), decimals)).toBe(units);
      }),
    );
  });

  it.each([0.5, 2 ** 53, Number.NaN, Infinity])('throws on %d, which is no exact amount', (units) => {
    expect(() => formatDecimal(units, 2)).toThrow('not an exact amount');
  });
});

describe('a fee', () => {
  it('is rounded down to a whole unit', () => {
    expect(feeOf(999 as Units, 1_000 as Ppm)).toBe(0);
    expect(feeOf(1_000 as Units, 1_000 as Ppm)).toBe(1);
    expect(feeOf(1_999 as Units, 1_000 as Ppm)).toBe(1);
    expect(feeOf(5 as Units, 0 as Ppm)).toBe(0);
  });

  it('is exact for every amount and rate, as bigints have it', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 999_999 }), (received, rate) => {
        const exact = (BigInt(received) * BigInt(rate)) / 1_000_000n;
        expect(feeOf(received as Units, rate as Ppm)).toBe(Number(exact));
      }),
      { examples: [[MAX, 999_999]], numRuns: 2_000 },
    );
  });

  it('is exact on both sides of where its product outgrows 2^53', () => {
    const near = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), near, (rate, offset) => {
        const received = Math.floor(MAX / rate) + offset;
        const exact = (BigInt(received) * BigInt(rate)) / 1_000_000n;
        expect(feeOf(received as Units, rate as Ppm)).toBe(Number(exact));
      }),
      { examples: [[1, 0]], numRuns: 2_000 },
    );
  });

  it('is exact where the product is a unit short of a whole fee, which a quotient could round up', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_007_199_254 }),
        fc.integer({ min: 1, max: 999_999 }),
        (fee, rate) => {
          // The largest amount whose fee is below `fee`, and the next.
          const enough = (BigInt(fee) * 1_000_000n + BigInt(rate) - 1n) / BigInt(rate);
          fc.pre(enough <= BigInt(MAX));
          expect(feeOf(Number(enough) as Units, rate as Ppm)).toBeGreaterThanOrEqual(fee);
          expect(feeOf(Number(enough - 1n) as Units, rate as Ppm)).toBeLessThan(fee);
        },
      ),
      { examples: [[9_007_199_254, 999_999]], numRuns: 2_000 },
    );
  });
});
