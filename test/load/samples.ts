/** How requests went, and whether that is good enough. */

const kinds = ['depth', 'place', 'cancel'] as const;
type Kind = (typeof kinds)[number];

export interface Bounds {
  /** Per cent of all requests. */
  readonly errorPercentMax: number;
  readonly p99MsMax: number;
}

/** Requests of one kind, or of all. */
interface Row {
  readonly requests: number;
  readonly errors: number;
  /** Of those that were answered as they should be, in ascending order. */
  readonly latenciesMs: readonly number[];
}

export class Samples {
  readonly #latenciesMs: Readonly<Record<Kind, number[]>> = { depth: [], place: [], cancel: [] };
  readonly #errors: Readonly<Record<Kind, string[]>> = { depth: [], place: [], cancel: [] };

  /** Times a request; an error is noted, and not thrown. Tells whether the answer was as it should be. */
  async time(kind: Kind, startMs: number, request: () => Promise<unknown>): Promise<boolean> {
    try {
      await request();
      this.#latenciesMs[kind].push(performance.now() - startMs);
      return true;
    } catch (error) {
      this.#errors[kind].push(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** Each message once, with how often it came. */
  errors(): string[] {
    const counts = new Map<string, number>();
    for (const message of kinds.flatMap((kind) => this.#errors[kind]))
      counts.set(message, (counts.get(message) ?? 0) + 1);
    return [...counts].map(([message, count]) => `${count} × ${message}`);
  }

  table(): string {
    const columns = ['requests', 'errors', 'p50 ms', 'p99 ms', 'max ms'];
    const line = (name: string, cells: readonly string[]) =>
      `${name.padEnd(8)}${cells.map((cell) => cell.padStart(10)).join('')}`;
    const lineOf = (name: string, { requests, errors, latenciesMs }: Row) =>
      line(name, [
        String(requests),
        String(errors),
        ...[0.5, 0.99, 1].map((share) => quantile(latenciesMs, share).toFixed(1)),
      ]);
    return [
      line('', columns),
      ...kinds.map((kind) => lineOf(kind, this.#row(kind))),
      lineOf('all', this.#all()),
    ].join('\n');
  }

  /** What is not good enough; empty when all is. */
  faults({ errorPercentMax, p99MsMax }: Bounds): string[] {
    const { requests, errors, latenciesMs } = this.#all();
    if (requests === 0) return ['nothing was asked'];
    const errorPercent = (100 * errors) / requests;
    const p99Ms = quantile(latenciesMs, 0.99);
    const faults: string[] = [];
    if (errorPercent > errorPercentMax)
      faults.push(`${errorPercent.toFixed(2)} % of the requests failed, and ${errorPercentMax} % may`);
    if (p99Ms > p99MsMax) faults.push(`p99 is ${p99Ms.toFixed(1)} ms, and ${p99MsMax} ms are allowed`);
    return faults;
  }

  #row(kind: Kind): Row {
    const latenciesMs = this.#latenciesMs[kind].toSorted((one, other) => one - other);
    const errors = this.#errors[kind].length;
    return { requests: latenciesMs.length + errors, errors, latenciesMs };
  }

  #all(): Row {
    const rows = kinds.map((kind) => this.#row(kind));
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    return {
      requests: sum(rows.map(({ requests }) => requests)),
      errors: sum(rows.map(({ errors }) => errors)),
      latenciesMs: rows.flatMap(({ latenciesMs }) => latenciesMs).sort((one, other) => one - other),
    };
  }
}

/** The value below which this share lies; 0 of nothing. */
function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? 0;
}
