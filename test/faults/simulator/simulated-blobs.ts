/** A store of blobs that all tasks see; it takes its time, and fails now and then. */
import type { BlobStore } from '#platform/blob-store.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const LATENCY_US_MIN = 2_000;
const LATENCY_US_MAX = 200_000;
const FAILURES = 0.05;

export type Blobs = Map<string, Uint8Array>;

/** The store as `process` sees it. Only writes fail, as nothing but a snapshot hangs on those. */
export function simulatedBlobs(world: World, process: SimulatedProcess, blobs: Blobs): BlobStore {
  const done = <T>(execute: () => T): Promise<T> =>
    new Promise((resolve) => {
      process.after(world.spread(LATENCY_US_MIN, LATENCY_US_MAX), () => resolve(execute()));
    });
  return {
    put: async (key, bytes) => {
      const fails = !world.isQuiet && world.chance(FAILURES);
      await done(() => void (fails || blobs.set(key, bytes)));
      if (fails) throw new Error(`${key}: the store does not answer`);
    },
    get: (key) => done(() => blobs.get(key)),
    list: (prefix) => done(() => [...blobs.keys()].filter((key) => key.startsWith(prefix)).sort()),
    delete: (key) => done(() => void blobs.delete(key)),
  };
}
