import assert from 'node:assert/strict';

/**
 * A price in trillionths of a dollar. AWS prices requests and GB-seconds in billionths and finer, which no float and no
 * cent holds exactly.
 */
export type PicoDollars = bigint & { readonly picoDollars: never };

const decimals = 12;
const picoPerMicro = 10n ** 6n;

/** `picoDollars('0.0373')`, exactly. */
export function picoDollars(text: string): PicoDollars {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d{1,12}))?$/.exec(text) ?? [];
  assert(whole !== undefined, `${text} is not a price in dollars with at most ${decimals} decimals`);
  return BigInt(whole + fraction.padEnd(decimals, '0')) as PicoDollars;
}

/** `quantity / per` units at a price, in millionths of a dollar, half of one rounded up. */
export function charge(price: PicoDollars, quantity: number, per = 1): number {
  assert(Number.isSafeInteger(quantity) && quantity >= 0, `${quantity} is no whole quantity`);
  const divisor = picoPerMicro * BigInt(per);
  const microDollars = Number((price * BigInt(quantity) * 2n + divisor) / (divisor * 2n));
  assert(Number.isSafeInteger(microDollars), 'an amount beyond nine billion dollars');
  return microDollars;
}

/** The exact sum of millionths of a dollar. */
export function sum(amounts: readonly number[]): number {
  const total = amounts.reduce((one, other) => one + other, 0);
  assert(Number.isSafeInteger(total), 'a sum beyond nine billion dollars');
  return total;
}

/** `1,234.57`: dollars and cents, for people to read; rounded, so that a column of them may be a cent off its sum. */
export function formatDollars(microDollars: number): string {
  const cents = Math.round(microDollars / 10_000);
  const whole = Math.floor(cents / 100).toLocaleString('en-US');
  return `${whole}.${String(cents % 100).padStart(2, '0')}`;
}
