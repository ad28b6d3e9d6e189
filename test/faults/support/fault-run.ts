/** What every test of faults needs: a database, a place for blobs, a seed, and how much of everything. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '#test/support/seeded-random.ts';

const FACTOR = Number(process.env.CROSSBOOK_FAULTS ?? 0.25);

/** `count` in CI, where CROSSBOOK_FAULTS is 1, and a quarter of it elsewhere; CROSSBOOK_FAULTS=5 makes five times as much. */
export function times(count: number): number {
  return Math.max(1, Math.round(count * FACTOR));
}

/** Against what hangs, and no measure: other files of tests share the machine. */
const PATIENCE = 3;

/** For a test that takes `ms` in CI by itself. As `times` lengthens it, so does this the time that it may take. */
export function timeoutMs(ms: number): number {
  return Math.max(1, FACTOR) * PATIENCE * ms;
}

export interface FaultRun {
  /** From 0 up to 1; CROSSBOOK_SEED chooses it. */
  readonly random: () => number;
  readonly blobsDirectory: string;
  readonly publishedDirectory: string;
  /** Prints a line that begins with the run's name. */
  tell(text: string): void;
  /** Closes it with the rest, the last opened first. */
  closing(close: () => Promise<unknown> | unknown): void;
  close(): Promise<void>;
}

/** Prints the seed. */
export async function beginFaultRun(name: string): Promise<FaultRun> {
  const seed = Number(process.env.CROSSBOOK_SEED ?? randomInt(2 ** 31));
  const tell = (text: string) => void process.stdout.write(`${name}: ${text}\n`);
  tell(`seed ${seed}`);
  const directories = await Promise.all(
    ['blobs', 'published'].map((kind) => mkdtemp(join(tmpdir(), `crossbook-${kind}-`))),
  );
  const closes: (() => Promise<unknown> | unknown)[] = [];
  return {
    random: seededRandom(seed),
    blobsDirectory: directories[0]!,
    publishedDirectory: directories[1]!,
    tell,
    closing: (close) => closes.push(close),
    close: async () => {
      for (const close of closes.reverse()) await close();
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    },
  };
}
