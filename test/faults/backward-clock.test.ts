/** A clock that is set back: the journal's times rise all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { startBalancer } from './support/balancer.ts';
import { checkHistory } from './support/check-history.ts';
import { EngineGroup } from './support/engine-group.ts';
import { beginFaultRun, type FaultRun, timeoutMs, times } from './support/fault-run.ts';
import { Traders } from './support/traders.ts';

const ROUNDS = times(3);
const LEASE_MS = 300;
const TRADING_MS = 500;
const SHIFTED_CLOCK = fileURLToPath(new URL('./support/shifted-clock.ts', import.meta.url));

let run: FaultRun;
afterEach(() => run.close());

async function lastOf(db: Kysely<Database>): Promise<{ seq: number; timeUs: number }> {
  const { last_seq: seq, time_us: timeUs } = await db
    .selectFrom('engine.journal')
    .select(['last_seq', 'time_us'])
    .orderBy('first_seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return { seq, timeUs };
}

it(
  'an hour back in the middle of trading, and then a leader whose clock is right: times never decrease',
  async () => {
    run = await beginFaultRun('clock set back');
    const database = await testDatabase();
    run.closing(() => database.drop());
    const { blobsDirectory } = run;
    const slot = () => ({
      databaseUrl: database.url,
      blobsDirectory,
      leaseMs: LEASE_MS,
      imports: [SHIFTED_CLOCK],
    });
    const group = await EngineGroup.start([slot, slot]);
    run.closing(() => group.close());
    const balancer = await startBalancer(
      () => group.running[Math.floor(run.random() * group.running.length)]?.port,
    );
    run.closing(() => balancer.close());
    const traders = new Traders({
      url: balancer.url,
      clients: 2,
      traders: 8,
      random: run.random,
      thinkMs: 6,
    });
    run.closing(() => traders.stop());
    for (let round = 0; round < ROUNDS; round++) {
      const leader = await group.leader();
      const epoch = leader.leadingEpoch;
      await traders.history.moreAcknowledged(50);
      leader.signal('SIGUSR2');
      await sleep(100);
      const before = await lastOf(database.db);
      await sleep(TRADING_MS);
      const after = await lastOf(database.db);
      run.tell(
        `${after.seq - before.seq} commands in ${TRADING_MS} ms were stamped ${after.timeUs - before.timeUs} µs apart`,
      );
      // Until the clock is where it was, each command is a microsecond later than the one before.
      expect(after.timeUs - before.timeUs).toBe(after.seq - before.seq);
      expect(after.seq).toBeGreaterThan(before.seq);
      await leader.kill();
      await group.leader(epoch);
    }
    await traders.history.moreAcknowledged(50);
    const history = await traders.stop();
    await group.close();
    const { faults, ...counts } = await checkHistory({ db: database.db, blobsDirectory, history });
    run.tell(history.summary);
    run.tell(JSON.stringify(counts));
    expect(faults).toEqual([]);
    const { timeUs } = await lastOf(database.db);
    expect(Math.abs(timeUs - Date.now() * 1_000)).toBeLessThan(60_000_000);
  },
  timeoutMs(60_000),
);
