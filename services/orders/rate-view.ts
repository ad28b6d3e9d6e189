import type { Ppm } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';

/** Decimals of a rate; a millionth has six. */
const RATE_DECIMALS = 8;
const PPM_DECIMALS = 6;

/** A fee rate as a client sees it: 1,000 millionths are `0.00100000`. */
export function rateView(ppm: Ppm): string {
  return formatDecimal(ppm * 10 ** (RATE_DECIMALS - PPM_DECIMALS), RATE_DECIMALS);
}
