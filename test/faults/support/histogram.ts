/** Durations in a few lines of text. */

const BAR_CHARS = 40;

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** All in milliseconds; zeros for none. */
export function spreadOf(durationsMs: readonly number[]): Spread {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** The spread, and how many durations lie in each power of two of milliseconds. */
export function histogramOf(title: string, durationsMs: readonly number[]): string {
  const { count, p50, p90, p99, max } = spreadOf(durationsMs);
  const numbers = [p50, p90, p99, max].map((ms) => ms.toFixed(ms < 10 ? 1 : 0));
  const [first, ...others] = numbers;
  const head = `${title}: ${count}; p50 ${first} ms, p90 ${others[0]}, p99 ${others[1]}, max ${others[2]}`;
  const counts = new Map<number, number>();
  for (const ms of durationsMs) {
    const bucket = Math.max(0, Math.ceil(Math.log2(ms)));
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const lines = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bucket, each]) => {
      const bar = '#'.repeat(Math.max(1, Math.round((each / most) * BAR_CHARS)));
      return `  up to ${String(2 ** bucket).padStart(6)} ms ${String(each).padStart(7)} ${bar}`;
    });
  return [head, ...lines, ''].join('\n');
}
