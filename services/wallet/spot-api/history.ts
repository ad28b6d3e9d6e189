/** The part of a history that a request asks for: the 90 days before now unless it says otherwise. */
import type { TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';

interface History {
  /** From the one on, and before the other. */
  readonly since: TimeUs;
  readonly until: TimeUs;
  readonly offset: number | undefined;
  readonly limit: number;
}

const ROWS_MAX = 1_000;
const RANGE_US_MAX = 90 * 24 * 60 * 60 * 1_000_000;
/** `endTime` lasts to the end of its millisecond. */
const SLACK_US = 999;

/** @throws {ApiError} −4047 for more than 90 days, or an end before the start. */
export function readHistory(parameters: Parameters): History {
  const end = parameters.endTimeUs('endTime') ?? systemClock.nowUs();
  const start = parameters.timeUs('startTime') ?? end - RANGE_US_MAX;
  if (end < start || end - start > RANGE_US_MAX + SLACK_US) throw apiErrors.historyTooLong();
  return {
    since: start as TimeUs,
    until: (end + 1) as TimeUs,
    offset: parameters.integer('offset'),
    limit: parameters.limit(ROWS_MAX, ROWS_MAX),
  };
}

/**
 * Those of our statuses that the dialect tells by the number that is asked for; all of them when none is.
 * @throws {ApiError} −1130 for a number that it does not know.
 */
export function readStatuses<S extends string>(
  parameters: Parameters,
  numbers: Readonly<Record<S, number>>,
  known: readonly number[],
): readonly S[] | undefined {
  const wanted = parameters.integer('status');
  if (wanted === undefined) return undefined;
  if (!known.includes(wanted)) throw apiErrors.invalidValue('status');
  return (Object.keys(numbers) as S[]).filter((status) => numbers[status] === wanted);
}
