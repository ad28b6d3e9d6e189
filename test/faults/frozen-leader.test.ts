/** A leader that was stopped for longer than its lease wakes up, finds itself replaced, and can do no harm. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';
import { startBalancer } from './support/balancer.ts';
import { checkHistory } from './support/check-history.ts';
import { EngineGroup } from './support/engine-group.ts';
import type { EngineProcess } from './support/engine-process.ts';
import { beginFaultRun, type FaultRun, timeoutMs, times } from './support/fault-run.ts';
import { holdWrite, installHolds, type Moment } from './support/held-writes.ts';
import { histogramOf } from './support/histogram.ts';
import { openRawConnection, type RawConnection } from './support/raw-connection.ts';
import { Traders } from './support/traders.ts';

const RUNS = times(50);
const LEASE_MS = 400;
const LANES = 2;

/** Where the leader is stopped, and what becomes of the write that it has under way. */
const CASES = [
  'idle',
  'before its update',
  'inserted, committed',
  'inserted, rolled back',
  'committing',
] as const;
type Case = (typeof CASES)[number];

let run: FaultRun;
afterEach(() => run.close());

/** An exchange of its own; several wait at the same time. */
interface Lane {
  readonly database: TestDatabase;
  readonly group: EngineGroup;
  readonly traders: Traders;
}

async function openLane(): Promise<Lane> {
  const database = await testDatabase();
  run.closing(() => database.drop());
  const blobsDirectory = await mkdtemp(join(run.blobsDirectory, 'lane-'));
  let starts = 0;
  const slot = () => ({
    databaseUrl: database.url,
    blobsDirectory,
    applicationName: `engine-${++starts}`,
    leaseMs: LEASE_MS,
  });
  const group = await EngineGroup.start([slot, slot, slot]);
  run.closing(() => group.close());
  await installHolds(database.db);
  // A stopped process still takes connections: clients must get over that, too.
  const balancer = await startBalancer(
    () => group.running[Math.floor(run.random() * group.running.length)]?.port,
  );
  run.closing(() => balancer.close());
  const traders = new Traders({ url: balancer.url, clients: 3, traders: 9, random: run.random, thinkMs: 6 });
  run.closing(() => traders.stop());
  return { database, group, traders };
}

/**
 * Nothing is under way when the leader stops, and nobody but us sends it anything: what it says when it wakes up hangs
 * on nothing else.
 */
async function freezeIdle({ group, traders }: Lane, leader: EngineProcess, epoch: number): Promise<void> {
  await traders.pause();
  leader.signal('SIGSTOP');
  await group.leader(epoch);
}

/** Its write is held when it stops; resolves when another leads and the write has ended, refused or not. */
async function freezeWriting(
  { database, group }: Lane,
  which: Case,
  leader: EngineProcess,
  epoch: number,
): Promise<void> {
  const moments: Partial<Record<Case, Moment>> = {
    'before its update': 'beforeUpdate',
    committing: 'atCommit',
  };
  const moment = moments[which] ?? 'afterInsert';
  await holdWrite(database.db, leader.options.applicationName!, moment, async (held) => {
    leader.signal('SIGSTOP');
    // Past this point nobody can lead before the write has ended: it has locked the head.
    if (moment !== 'beforeUpdate')
      await (which === 'inserted, rolled back' ? held.terminate() : held.release());
    await group.leader(epoch);
    // Only now it comes to the head, which has moved on since the statement began.
    await held.release();
  });
}

/** Sends a deposit, or a question. */
function ask(connection: RawConnection, which: 'query' | 'deposit', reference: string): void {
  const [account, asset, amount] = [999 as AccountId, 0 as AssetId, 1 as Units];
  if (which === 'query') connection.send(1, { type: 'balances', account });
  else connection.send(1, { type: 'deposit', account, asset, amount, reference });
}

/** Has the engine that leads now execute something, and resolves with its sequence. */
async function depositAt(leader: EngineProcess, reference: string): Promise<number> {
  const connection = await openRawConnection(leader.url);
  ask(connection, 'deposit', reference);
  await until(() => connection.records.length > 0);
  connection.end();
  return connection.records[0]!.id;
}

/** Resolves with the time from the stop to the next leader. */
async function freezeOnce(lane: Lane, which: Case, leader: EngineProcess): Promise<number> {
  const { group, traders } = lane;
  const epoch = leader.leadingEpoch!;
  await traders.history.moreAcknowledged(10);
  const stale = await openRawConnection(leader.url);
  const began = performance.now();
  if (which === 'idle') await freezeIdle(lane, leader, epoch);
  else await freezeWriting(lane, which, leader, epoch);
  const tookMs = performance.now() - began;
  const knownSeq = await depositAt(await group.leader(epoch), `after ${epoch}`);
  ask(stale, run.random() < 0.5 ? 'query' : 'deposit', `stale ${epoch}`);
  leader.signal('SIGCONT');
  await leader.exited;
  await stale.closed;
  traders.resume();
  checkWoken(which, leader, stale, knownSeq);
  await traders.history.moreAcknowledged(10);
  return tookMs;
}

/** It has ended, and has told nobody anything that was not so. */
function checkWoken(which: Case, leader: EngineProcess, stale: RawConnection, knownSeq: number): void {
  expect(leader.ended).toBe(1);
  const replies = stale.records.filter(({ message }) => 'requestId' in message);
  // An answer must take into account what anyone knew before the question; the deposit cannot have been accepted.
  expect(replies.filter(({ id, message }) => message.type !== 'answered' || id < knownSeq)).toEqual([]);
  const lines = leader.lines.map((line) => JSON.stringify(line));
  // A connection that was ended fails before anything is refused.
  if (which !== 'inserted, rolled back') expect(lines.join('\n')).toContain('"FencedWrites":1');
}

async function runLane(lane: Lane, cases: readonly Case[], takeoversMs: number[]): Promise<void> {
  let epoch = 0;
  for (const which of cases) {
    const leader = await lane.group.leader(epoch);
    epoch = leader.leadingEpoch!;
    takeoversMs.push(await freezeOnce(lane, which, leader));
  }
}

async function checkLane({ database, group, traders }: Lane, runs: number): Promise<void> {
  const history = await traders.stop();
  const blobsDirectory = group.running[0]!.options.blobsDirectory;
  await group.close();
  const { faults, ...counts } = await checkHistory({ db: database.db, blobsDirectory, history });
  run.tell(history.summary);
  run.tell(JSON.stringify(counts));
  expect(faults).toEqual([]);
  expect(counts.epochs).toBeGreaterThan(runs);
}

it(
  'SIGSTOP past the lease, idle and at each step of a write: what it holds is refused, and it ends',
  async () => {
    run = await beginFaultRun('SIGSTOP');
    const began = performance.now();
    const takeoversMs: number[] = [];
    const lanes = await Promise.all(Array.from({ length: LANES }, openLane));
    const cases = Array.from({ length: Math.ceil(RUNS / LANES) }, (_, at) => CASES[at % CASES.length]!);
    await Promise.all(lanes.map((lane) => runLane(lane, cases, takeoversMs)));
    for (const lane of lanes) await checkLane(lane, cases.length);
    const seconds = Math.round((performance.now() - began) / 1_000);
    run.tell(`${takeoversMs.length} times in ${seconds} s`);
    run.tell(histogramOf('from the stop to the next leader', takeoversMs));
  },
  timeoutMs(150_000),
);
