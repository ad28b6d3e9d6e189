/** What a stranger may send: whatever it is, it is refused or executed, and the engine goes on. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import type { HostileReport } from './hostile-input.ts';

const INPUTS = 1_000_000;
const TIMEOUT_MS = 120_000;

it(
  'no input, however hostile, makes the engine throw, leaves a trace of a refusal, or breaks an invariant',
  async () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`hostile input: ${INPUTS} inputs with seed ${seed}\n`);
    const worker = new Worker(new URL('./hostile-input.ts', import.meta.url), {
      workerData: { seed, inputs: INPUTS },
    });
    // What it throws is thrown here.
    const [told] = (await once(worker, 'message')) as [HostileReport];
    process.stdout.write(`hostile input: ${JSON.stringify(told)}\n`);
    expect(told.frames).toBe(INPUTS);
    // It was not all in vain: there was a book, and there were trades.
    expect(told.accepted).toBeGreaterThan(INPUTS / 10);
    expect(told.rejected).toBeGreaterThan(INPUTS / 10);
    expect(told.refusedFrames).toBeGreaterThan(INPUTS / 10);
    expect(told.answered).toBeGreaterThan(INPUTS / 100);
    expect(told.compared).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);
