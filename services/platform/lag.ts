/** How far behind the engine a consumer of its events is. */
import type { Frame } from '#domain/codec.ts';
import type { Log } from './log.ts';
import { REPORT_MS, writeMetrics } from './metrics.ts';

/** What both consumers call it; the service is the metric's dimension. */
export const lagMetrics = { lagMs: 'LagMs' } as const;

export class Lag {
  readonly #timer: NodeJS.Timeout;
  /** Time of the oldest event that has come and is not yet taken in, in milliseconds. */
  #behindSinceMs: number | undefined;
  #worstMs = 0;

  constructor(log: Log) {
    this.#timer = setInterval(() => {
      writeMetrics(log, { [lagMetrics.lagMs]: { unit: 'Milliseconds', value: this.take() } });
    }, REPORT_MS).unref();
  }

  /** Events have come; of several calls before {@link caughtUp} the oldest counts. */
  began(frames: readonly Frame[]): void {
    const first = frames.find(({ records }) => records.length > 0)?.records[0];
    if (first !== undefined) this.#behindSinceMs ??= first.timeUs / 1_000;
  }

  /** All that has come is taken in. */
  caughtUp(): void {
    this.#worstMs = Math.max(this.#worstMs, this.#nowMs());
    this.#behindSinceMs = undefined;
  }

  /** The worst since it was last asked, in milliseconds; 0 when there was nothing to take in. */
  take(): number {
    const worstMs = Math.max(this.#worstMs, this.#nowMs());
    this.#worstMs = 0;
    return Math.round(worstMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #nowMs(): number {
    return this.#behindSinceMs === undefined ? 0 : Math.max(0, Date.now() - this.#behindSinceMs);
  }
}
