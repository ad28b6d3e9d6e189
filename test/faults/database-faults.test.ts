/** PostgreSQL fails under the engines: nothing that was acknowledged is lost, and afterwards all goes on. */
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import { removeHome } from '#platform/embedded-postgres/cluster.ts';
import { openDatabase } from '#platform/postgres.ts';
import { testDatabase } from '#test/support/postgres.ts';
import { startBalancer } from './support/balancer.ts';
import { type CheckedHistory, checkHistory } from './support/check-history.ts';
import { type DatabaseProxy, startDatabaseProxy } from './support/database-proxy.ts';
import { EngineGroup } from './support/engine-group.ts';
import { beginFaultRun, type FaultRun, timeoutMs, times } from './support/fault-run.ts';
import { holdWrite, installHolds } from './support/held-writes.ts';
import { OwnServer } from './support/own-server.ts';
import { mountSmallDisk } from './support/small-disk.ts';
import { Traders } from './support/traders.ts';

const CRASHES = times(5);
const LOST_ANSWERS = times(10);
const TERMINATIONS = times(10);
const LEASE_MS = 300;
/** As long as the database is away, commands shall fail soon. */
const SHORT_PATIENCE = { waitTimeoutMs: 1_000, requestTimeoutMs: 2_000 };
const FULL_MS = 3_000;
/** So much is left on the disk: a second of trading. */
const NEARLY_FULL_BYTES = 512 * 1024;

let run: FaultRun;
afterEach(() => run.close());

/** Two engines, and traders that find them. */
async function startTrading(
  databaseUrl: string,
  client: object = {},
): Promise<{ group: EngineGroup; traders: Traders }> {
  let starts = 0;
  const slot = () => ({
    databaseUrl,
    blobsDirectory: run.blobsDirectory,
    applicationName: `engine-${++starts}`,
    leaseMs: LEASE_MS,
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
    client,
  });
  run.closing(() => traders.stop());
  await traders.history.moreAcknowledged(50);
  return { group, traders };
}

/** Ends the trading and checks the journal. */
async function endTrading(
  db: Kysely<Database>,
  group: EngineGroup,
  traders: Traders,
): Promise<CheckedHistory> {
  await group.leader();
  await traders.history.moreAcknowledged(50);
  const history = await traders.stop();
  await group.close();
  const checked = await checkHistory({ db, blobsDirectory: run.blobsDirectory, history });
  const { faults, ...counts } = checked;
  run.tell(history.summary);
  run.tell(JSON.stringify({ ...counts, engineEnds: group.ended.length, failedStarts: group.failedStarts }));
  expect(faults).toEqual([]);
  return checked;
}

/** A server of this test's own, behind a proxy whose address stays. */
async function startOwn(
  directory: string,
): Promise<{ server: OwnServer; proxy: DatabaseProxy; db: Kysely<Database> }> {
  const server = await OwnServer.start(directory);
  run.closing(() => server.stop());
  const proxy = await startDatabaseProxy(server.url);
  run.closing(() => proxy.close());
  const db = openDatabase(proxy.url, { connectionsMax: 4 });
  run.closing(() => db.destroy());
  return { server, proxy, db };
}

it(
  'stopped at once and started again, it has all that was acknowledged',
  async () => {
    run = await beginFaultRun('PostgreSQL stopped');
    const directory = await mkdtemp(join(tmpdir(), 'crossbook-faults-'));
    await chmod(directory, 0o711);
    run.closing(() => removeHome(directory));
    const { server, proxy, db } = await startOwn(directory);
    const { group, traders } = await startTrading(proxy.url);
    for (let crash = 0; crash < CRASHES; crash++) {
      await traders.history.moreAcknowledged(50 + Math.floor(run.random() * 100));
      await server.crash();
      await server.restart();
      proxy.moveTo(server.url);
      await traders.history.moreAcknowledged(20);
    }
    await endTrading(db, group, traders);
  },
  timeoutMs(90_000),
);

it(
  'a connection lost in the middle of COMMIT, on either side of it, loses and doubles nothing',
  async () => {
    run = await beginFaultRun('COMMIT interrupted');
    const database = await testDatabase();
    run.closing(() => database.drop());
    const proxy = await startDatabaseProxy(database.url);
    run.closing(() => proxy.close());
    const { group, traders } = await startTrading(proxy.url);
    await installHolds(database.db);
    for (let lost = 0; lost < LOST_ANSWERS; lost++) {
      const leader = await group.leader();
      await traders.history.moreAcknowledged(10);
      await proxy.swallowAnswer('INSERT 0 1');
      await leader.exited;
      await traders.history.moreAcknowledged(10);
    }
    for (let ended = 0; ended < TERMINATIONS; ended++) {
      const leader = await group.leader();
      await traders.history.moreAcknowledged(10);
      await holdWrite(database.db, leader.options.applicationName!, 'atCommit', (held) => held.terminate());
      await leader.exited;
      await traders.history.moreAcknowledged(10);
    }
    const { repeats } = await endTrading(database.db, group, traders);
    run.tell(`${LOST_ANSWERS} answers lost, ${TERMINATIONS} connections ended`);
    // What was committed without its sender's knowledge was asked for again, and not executed again.
    expect(repeats).toBeGreaterThan(0);
  },
  timeoutMs(90_000),
);

it(
  'a full disk: commands fail, none that was acknowledged is lost, and with room again all goes on',
  async () => {
    run = await beginFaultRun('disk full');
    const disk = await mountSmallDisk();
    if (typeof disk === 'string') {
      run.tell(`skipped: ${disk}`);
      return;
    }
    run.closing(() => disk.remove());
    const { server, proxy, db } = await startOwn(disk.directory);
    const { group, traders } = await startTrading(proxy.url, SHORT_PATIENCE);
    await disk.fill(NEARLY_FULL_BYTES);
    const { history } = traders;
    while (history.failed.size === 0) await sleep(10);
    const before = history.acknowledged.size;
    await sleep(FULL_MS);
    run.tell(
      `${history.acknowledged.size - before} acknowledged, ${history.failed.size} failed while it was full`,
    );
    const isRunning = await server.isRunning();
    await disk.free();
    run.tell(isRunning ? 'PostgreSQL went on' : 'PostgreSQL had stopped');
    if (!isRunning) {
      await server.restart();
      proxy.moveTo(server.url);
    }
    await endTrading(db, group, traders);
    expect(history.failed.size).toBeGreaterThan(0);
  },
  timeoutMs(90_000),
);
