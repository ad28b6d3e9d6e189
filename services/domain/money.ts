/**
 * Exact money. An amount is a whole number of an asset's smallest units in a JavaScript number, below 2^53,
 * where every integer is exact. Text becomes an amount, and an amount text, without rounding; what does not
 * fit is a fault, never an approximation.
 */
import assert from 'node:assert/strict';
import type { Ppm, Units } from './ids.ts';

/** Most decimals an asset may have: 10^15 is the largest power of ten below 2^53. */
export const SCALE_MAX = 15;

/**
 * Why a text is not an amount.
 * - `malformed`: not a plain decimal such as `12`, `0.5` or `12.50` (no sign, exponent, or bare point).
 * - `precision`: more decimals than the asset has.
 * - `overflow`: 2^53 units or more.
 */
export type DecimalFault = 'malformed' | 'precision' | 'overflow';

const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/** The units in `text` at `scale` decimals, or why it has none. Zeros behind the last decimal are allowed. */
export function parseDecimal(text: string, scale: number): number | DecimalFault {
  const match = DECIMAL.exec(text);
  if (match === null) return 'malformed';
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > scale) return 'precision';
  // Number() of a digit string is exact up to 2^53 and never rounds a larger one below it.
  const units = Number(match[1] + fraction.padEnd(scale, '0'));
  return Number.isSafeInteger(units) ? units : 'overflow';
}

/**
 * `units` as a decimal with exactly `scale` decimals: `formatDecimal(150, 2)` is `1.50`. Sums over a market's
 * history outgrow 2^53 and come as a bigint.
 */
export function formatDecimal(units: number | bigint, scale: number): string {
  assert(typeof units === 'bigint' || Number.isSafeInteger(units), `not an exact amount: ${units}`);
  if (scale === 0) return String(units);
  const sign = units < 0 ? '-' : '';
  const digits = String(units)
    .slice(sign.length)
    .padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const MILLION = 1_000_000;

/**
 * The fee on an amount received, `amount × rate / 10^6`, rounded down to a whole unit: a trader never pays a
 * unit more than the rate says. `amount` is split so that no product reaches 2^53: the high part is at most
 * 2^53 / 10^6 ≈ 9.0 × 10^9 and is multiplied by at most 10^6, the low part is below 10^12.
 */
export function feeOf(amount: Units, rate: Ppm): Units {
  const product = amount * rate;
  // As almost always; a quotient of such numbers is never rounded up to the next whole one.
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / MILLION) as Units;
  const high = Math.floor(amount / MILLION);
  const low = amount - high * MILLION;
  return (high * rate + Math.floor((low * rate) / MILLION)) as Units;
}
