/** The intervals of candles, and where each begins. */
import type { TimeUs } from './ids.ts';

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;
/** 1970-01-05, the first Monday: weeks begin there. */
const MONDAY_US = 4 * DAY_US;

const LENGTHS_US: ReadonlyMap<string, number> = new Map(
  Object.entries({
    '1s': SECOND_US,
    '1m': MINUTE_US,
    '3m': 3 * MINUTE_US,
    '5m': 5 * MINUTE_US,
    '15m': 15 * MINUTE_US,
    '30m': 30 * MINUTE_US,
    '1h': HOUR_US,
    '2h': 2 * HOUR_US,
    '4h': 4 * HOUR_US,
    '6h': 6 * HOUR_US,
    '8h': 8 * HOUR_US,
    '12h': 12 * HOUR_US,
    '1d': DAY_US,
    '3d': 3 * DAY_US,
    '1w': 7 * DAY_US,
  }),
);

/** What longer intervals of a time zone are made of: a zone's offset is a whole number of minutes. */
const SHIFTABLE = ['1h', '30m', '15m', '5m', '1m'];

/** All that there are, the shortest first. */
export const INTERVAL_NAMES: readonly string[] = [...LENGTHS_US.keys(), '1M'];

/** Where intervals begin, in UTC shifted by a time zone. All but months have one length. */
export interface Interval {
  /** When the interval begins that `time` lies in. */
  openOf(time: number): TimeUs;
  /** When the `count`-th interval after the one that begins at `open` begins. */
  after(open: TimeUs, count: number): TimeUs;
}

/**
 * The longest interval of UTC that intervals of a time zone are made of without a rest: one of the same length where
 * the zone's offset does not move it, else one that divides both.
 */
export function intervalWithin(name: string, zoneUs: number): string {
  const lengthUs = LENGTHS_US.get(name) ?? DAY_US;
  const divides = (shorter: string) => {
    const shorterUs = LENGTHS_US.get(shorter)!;
    return lengthUs % shorterUs === 0 && zoneUs % shorterUs === 0;
  };
  return zoneUs % lengthUs === 0 ? name : SHIFTABLE.find(divides)!;
}

/** Undefined for a name that is no interval. `zoneUs` is the time zone's offset. */
export function intervalOf(name: string, zoneUs: number): Interval | undefined {
  if (name === '1M') return monthly(zoneUs);
  const lengthUs = LENGTHS_US.get(name);
  if (lengthUs === undefined) return undefined;
  const anchorUs = (name === '1w' ? MONDAY_US : 0) - zoneUs;
  return {
    openOf: (time) => (time - ((time - anchorUs) % lengthUs)) as TimeUs,
    after: (open, count) => (open + count * lengthUs) as TimeUs,
  };
}

function monthly(zoneUs: number): Interval {
  const monthAt = (time: number, offset: number) => {
    const local = new Date(Math.floor((time + zoneUs) / 1_000));
    return (Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + offset) * 1_000 - zoneUs) as TimeUs;
  };
  return {
    openOf: (time) => monthAt(time, 0),
    after: (open, count) => monthAt(open, count),
  };
}
