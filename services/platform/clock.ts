/** Time, as far as decisions hang on it: a simulator has one of its own. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** The wall clock in microseconds since the epoch; it may be set back. */
  nowUs(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  sleep(ms: number): Promise<void>;
  /** Resolves once all that has arrived by now was seen. */
  turn(): Promise<void>;
}

export const systemClock: Clock = {
  nowUs: () => Date.now() * 1_000,
  monotonicMs: () => performance.now(),
  sleep: (ms) => sleep(ms),
  turn: () => nextTurn(),
};
