/** Stops the calendar, so that no test runs over the edge of a minute; timers go on as ever. */
import { jest } from '@jest/globals';

/** Until {@link thawClock}, `Date` says `nowMs`, and what `jest.setSystemTime` says later. */
export function freezeClock(nowMs: number): void {
  jest.useFakeTimers({
    now: nowMs,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
}

export function thawClock(): void {
  jest.useRealTimers();
}
