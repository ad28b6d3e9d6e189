/** Seeds one after another, in a thread of their own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Guard } from './guards.ts';
import { simulate } from './simulate.ts';
import type { Violation } from './world.ts';

export interface SeedRange {
  readonly first: number;
  readonly count: number;
  /** From one seed to the next: other threads have those between. */
  readonly step: number;
  readonly broken?: Guard | undefined;
}

export interface RangeReport {
  readonly seeds: number;
  /** Of all seeds together. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first; no seed after it was tried. */
  readonly violation?: Violation & { readonly seed: number };
}

async function runSeeds({ first, count, step, broken }: SeedRange): Promise<RangeReport> {
  const counts: Record<string, number> = {};
  const add = (name: string, value: number) => {
    counts[name] = (counts[name] ?? 0) + value;
  };
  for (let at = 0; at < count; at++) {
    seed = first + at * step;
    const report = await simulate(seed, broken === undefined ? {} : { broken });
    add('steps', report.steps);
    add('simulatedMs', report.simulatedMs);
    for (const [name, value] of Object.entries(report.counts)) add(name, value);
    if (report.violation !== undefined)
      return { seeds: at + 1, counts, violation: { ...report.violation, seed } };
  }
  return { seeds: count, counts };
}

let seed = 0;
// What nobody waits for fails in some seed, too.
process.on('unhandledRejection', (cause) => {
  throw new Error(`seed ${seed}: a promise was rejected that nobody waits for: ${cause}`, { cause });
});
parentPort!.postMessage(await runSeeds(workerData as SeedRange));
