/** The part of a history that a request asks for. */
import type { TimeUs } from '#domain/ids.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

export interface TimeRange {
  /** Both inclusive. */
  readonly start: TimeUs | undefined;
  readonly end: TimeUs | undefined;
}

const HOURS_MAX = 24;
const HOUR_US = 3_600_000_000;
/** `endTime` lasts to the end of its millisecond. */
const SLACK_US = 999;

/** @throws {ApiError} −1127 for more than a day, −1128 for an end before the start. */
export function readTimeRange(parameters: Parameters): TimeRange {
  const start = parameters.timeUs('startTime');
  const end = parameters.endTimeUs('endTime');
  if (start !== undefined && end !== undefined) {
    if (end < start) throw apiErrors.badCombination();
    if (end - start > HOURS_MAX * HOUR_US + SLACK_US) throw apiErrors.intervalTooLong(HOURS_MAX);
  }
  return { start, end };
}
