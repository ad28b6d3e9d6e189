/** What several rounds of load came to, and a round as a line. */
import type { LoadResult } from './http-load.ts';

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

export const mediansOf = (results: readonly LoadResult[]): LoadResult => ({
  requestsPerSecond: median(results.map((result) => result.requestsPerSecond)),
  p50Ms: median(results.map((result) => result.p50Ms)),
  p99Ms: median(results.map((result) => result.p99Ms)),
});

export function printLoad(name: string, { requestsPerSecond, p50Ms, p99Ms }: LoadResult): void {
  const rate = requestsPerSecond.toFixed(0).padStart(8);
  process.stdout.write(
    `${name.padEnd(28)} ${rate} requests/s   p50 ${p50Ms.toFixed(2)} ms   p99 ${p99Ms.toFixed(2)} ms\n`,
  );
}
