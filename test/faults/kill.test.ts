/** Whatever was acknowledged is there, once and with its outcome, at whichever moment the leader is killed. */
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { startBalancer } from './support/balancer.ts';
import { checkHistory } from './support/check-history.ts';
import { EngineGroup } from './support/engine-group.ts';
import type { EngineProcess } from './support/engine-process.ts';
import type { FaultPoint } from './support/engine-with-faults.ts';
import { beginFaultRun, type FaultRun, timeoutMs, times } from './support/fault-run.ts';
import { headOf, untilAllPublished } from './support/head.ts';
import { type HeldWrite, holdWrite, installHolds } from './support/held-writes.ts';
import { histogramOf } from './support/histogram.ts';
import { Traders } from './support/traders.ts';

const KILLS = times(200);
const LEASE_MS = 300;
/** Passes of the chosen point before the kill, at most. */
const COUNTDOWN_MAX = 20;

const POINTS = [
  'before-append',
  'after-insert',
  'before-commit',
  'after-append',
  'before-acknowledge',
  'after-acknowledge',
  'before-publish',
  'after-publish',
] as const satisfies readonly (FaultPoint | string)[];
type Point = (typeof POINTS)[number];

let run: FaultRun;
let database: TestDatabase;
afterEach(() => run.close());

/** Three tasks, so that one stands by while the one killed last is still starting. */
async function startGroup(): Promise<EngineGroup> {
  let starts = 0;
  const slot = () => {
    const name = `engine-${++starts}`;
    return {
      databaseUrl: database.url,
      blobsDirectory: run.blobsDirectory,
      publishedFile: join(run.publishedDirectory, name),
      applicationName: name,
      leaseMs: LEASE_MS,
    };
  };
  return EngineGroup.start([slot, slot, slot]);
}

/** Kills the leader when it is at `point`; resolves when it is gone. */
async function killAt(point: Point, leader: EngineProcess, traders: Traders): Promise<void> {
  const countdown = 1 + Math.floor(run.random() * COUNTDOWN_MAX);
  switch (point) {
    case 'after-insert':
      return holdWrite(database.db, leader.options.applicationName!, 'afterInsert', (held) =>
        killBefore(leader, () => held.terminate(), 0),
      );
    case 'before-commit':
      return holdWrite(database.db, leader.options.applicationName!, 'atCommit', (held: HeldWrite) =>
        killBefore(leader, () => held.release(), 1),
      );
    case 'after-acknowledge':
      await traders.history.moreAcknowledged(countdown);
      return leader.kill();
    default:
      leader.arm(point, countdown);
      await leader.exited;
  }
}

/** Kills, then ends the write that is held; `batches` more are in the journal then. */
async function killBefore(leader: EngineProcess, end: () => Promise<void>, batches: 0 | 1): Promise<void> {
  const before = await headOf(database.db);
  await leader.kill();
  await end();
  const after = await untilChanged(database.db, before.lastSeq, batches === 0 ? 0 : 1_000);
  // Unless another has taken over already.
  if (after.epoch === before.epoch) expect(after.lastSeq > before.lastSeq).toBe(batches === 1);
}

async function untilChanged(db: Kysely<Database>, lastSeq: number, patienceMs: number) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const head = await headOf(db);
    if (head.lastSeq !== lastSeq || performance.now() > deadline) return head;
  }
}

/** Every point equally often, in drawn order. */
function drawPoints(count: number): Point[] {
  const points = Array.from({ length: count }, (_, at) => POINTS[at % POINTS.length]!);
  for (let at = points.length - 1; at > 0; at--) {
    const other = Math.floor(run.random() * (at + 1));
    [points[at], points[other]] = [points[other]!, points[at]!];
  }
  return points;
}

/** Kills as many leaders as it shall; the times are those from a kill to the next leader. */
async function killAll(
  group: EngineGroup,
  traders: Traders,
): Promise<{ takeoversMs: readonly number[]; lostLeads: number }> {
  const takeoversMs: number[] = [];
  const points = drawPoints(KILLS);
  let lostLeads = 0;
  let leader = await group.leader();
  while (points.length > 0) {
    const epoch = leader.leadingEpoch ?? 0;
    await traders.history.moreAcknowledged(5);
    await killAt(points[0]!, leader, traders);
    const killedMs = performance.now();
    // On a machine that has too much to do, a lease may end before the kill.
    if (leader.ended === 'SIGKILL') points.shift();
    else lostLeads++;
    leader = await group.leader(epoch);
    takeoversMs.push(performance.now() - killedMs);
  }
  return { takeoversMs, lostLeads };
}

it(
  'kill -9 at eight points of a batch loses no acknowledged command, doubles none, and keeps its outcome',
  async () => {
    run = await beginFaultRun('kill -9');
    database = await testDatabase();
    run.closing(() => database.drop());
    const group = await startGroup();
    run.closing(() => group.close());
    await installHolds(database.db);
    const balancer = await startBalancer(
      () => group.running[Math.floor(run.random() * group.running.length)]?.port,
    );
    run.closing(() => balancer.close());
    const { url } = balancer;
    const traders = new Traders({ url, clients: 3, traders: 12, random: run.random, thinkMs: 6 });
    run.closing(() => traders.stop());

    const began = performance.now();
    const { takeoversMs, lostLeads } = await killAll(group, traders);
    const history = await traders.stop();
    await untilAllPublished(database.db);
    await group.close();
    const { faults, ...counts } = await checkHistory({
      db: database.db,
      blobsDirectory: run.blobsDirectory,
      history,
      publishedDirectory: run.publishedDirectory,
    });
    const seconds = Math.round((performance.now() - began) / 1_000);
    run.tell(
      `${KILLS} kills at ${POINTS.length} points in ${seconds} s, ${lostLeads} leads lost before; ${history.summary}`,
    );
    run.tell(JSON.stringify(counts));
    run.tell(histogramOf('from a kill to the next leader', takeoversMs));
    run.tell(histogramOf('from a command to its answer', history.latenciesMs));
    expect(faults).toEqual([]);
    expect(group.ended.filter(({ how }) => how === 'SIGKILL')).toHaveLength(KILLS);
    expect(lostLeads).toBeLessThan(Math.max(3, KILLS / 10));
    expect(history.acknowledged.size).toBeGreaterThan(KILLS * 5);
    expect(counts.epochs).toBeGreaterThan(KILLS);
    expect(counts.published).toBeGreaterThan(0);
  },
  timeoutMs(240_000),
);
