/** The parameter `timeZone`, in which intervals and trading days begin. */

import { MINUTE_US } from '#domain/intervals.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

const ZONE = /^([+-]?)(\d{1,2})(?::(\d{2}))?$/;
const ZONE_MINUTES = { min: -12 * 60, max: 14 * 60 };

/**
 * Its offset in microseconds: `0`, `8`, `-1:00` or `05:45`, from −12:00 to +14:00; 0 when not sent.
 * @throws {ApiError} −1130 for any other.
 */
export function readZoneUs(parameters: Parameters): number {
  const text = parameters.text('timeZone');
  if (text === undefined) return 0;
  const match = ZONE.exec(text);
  if (match === null) throw apiErrors.invalidValue('timeZone');
  const [, sign, hours, minutes = '0'] = match;
  const total = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  if (Number(minutes) > 59 || total < ZONE_MINUTES.min || total > ZONE_MINUTES.max) {
    throw apiErrors.invalidValue('timeZone');
  }
  return total * MINUTE_US;
}
