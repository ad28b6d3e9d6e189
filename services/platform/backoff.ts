/** How long to wait before trying again. */
const BACKOFF_MS_MIN = 50;
const BACKOFF_MS_MAX = 2_000;

/** Doubles with each failure in a row, less up to half at random, so that clients do not return all at once. */
export function backoffMs(failures: number): number {
  const limit = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** failures);
  return limit * (1 - Math.random() / 2);
}
