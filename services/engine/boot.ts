/** Brings a replica to the journal's end, from the newest snapshot that is sound. */
import type { Log } from '#platform/log.ts';
import type { Journal } from './journal.ts';
import { Replica } from './replica.ts';
import type { Snapshots } from './snapshots.ts';

/** Batches between two lines of progress. */
const PROGRESS_MS = 2_000;

/**
 * @throws {JournalError} when the journal was damaged.
 * @throws {DivergenceError} when this program decides otherwise than the one that wrote it.
 */
export async function bootReplica(
  journal: Pick<Journal, 'read' | 'head'>,
  snapshots: Pick<Snapshots, 'load'>,
  log: Log,
): Promise<Replica> {
  const began = performance.now();
  const { lastSeq: end } = await journal.head();
  // One beyond the journal's end is of another history: the database was restored, or is another.
  const saved = await snapshots.load(end);
  const replica = saved === undefined ? new Replica() : new Replica(saved.engine, saved.position);
  const loadedMs = performance.now() - began;
  const { seq: snapshot } = replica.position;
  let toldMs = performance.now();
  for await (const batch of end > snapshot ? journal.read(snapshot) : []) {
    replica.follow(batch);
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    log.info({ seq: batch.lastSeq, end }, 'replaying the journal');
  }
  const { seq, epoch } = replica.position;
  const tookMs = Math.round(performance.now() - began);
  log.info(
    { snapshot, loadedMs: Math.round(loadedMs), replayed: seq - snapshot, seq, epoch, tookMs },
    'the state is rebuilt',
  );
  return replica;
}
