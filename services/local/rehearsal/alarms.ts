/** The alarms that roll a deployment back, over the same figures as on AWS, in a window that fits a rehearsal. */
import type { Answer } from './http-balancer.ts';
import type { Side } from './side.ts';

/** On AWS the window is a minute. */
export const WINDOW_MS = 5_000;
/** Of the answers of one side, in the window. */
const FAILED_PERCENT_MAX = 1;
const LATENCY_MS_MAX = 1_000;
/** A percentile of fewer says nothing. */
export const ANSWERS_MIN = 10;

/** The alarm that a side's answers ring, in words; undefined while all is well. */
export function alarmOf(side: Side, answers: readonly Answer[]): string | undefined {
  const own = answers.filter((answer) => answer.side === side);
  if (own.length < ANSWERS_MIN) return undefined;
  const failed = (100 * own.filter(({ status }) => status >= 500).length) / own.length;
  if (failed > FAILED_PERCENT_MAX)
    return `${failed.toFixed(0)} % of ${own.length} requests to ${side} failed with 5xx (at most ${FAILED_PERCENT_MAX} %)`;
  const latencyMs = percentile(
    own.map((answer) => answer.latencyMs),
    99,
  );
  if (latencyMs <= LATENCY_MS_MAX) return undefined;
  return `p99 of ${side} is ${latencyMs.toFixed(0)} ms (at most ${LATENCY_MS_MAX} ms)`;
}

/** The value that `percent` of all do not exceed; `values` is not empty. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!;
}
