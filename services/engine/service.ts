/** Starts an engine: rebuilds the state, then follows the journal, and leads when it is its turn. */
import type { Hono } from 'hono';
import { openBlobStore } from '#platform/blob-store.ts';
import { type Clock, systemClock } from '#platform/clock.ts';
import type { ConfigOf } from '#platform/env.ts';
import type { Feed } from '#platform/feed.ts';
import { openKinesis } from '#platform/kinesis.ts';
import { createLog, type Log } from '#platform/log.ts';
import { REPORT_MS } from '#platform/metrics.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { bootReplica } from './boot.ts';
import type { config } from './config.ts';
import { EngineTask } from './engine-task.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Journal } from './journal.ts';
import { dueListings } from './listings.ts';
import { migrations } from './migrations.ts';
import { PostgresJournal } from './postgres-journal.ts';
import { SnapshotSchedule } from './snapshot-schedule.ts';
import { Snapshots } from './snapshots.ts';

/** Writes follow one another; a second connection could only reorder them. */
const WRITER_CONNECTIONS_MAX = 1;
/** Following the journal, subscribers that replay it, and boot. */
const READER_CONNECTIONS_MAX = 4;
/** A commit that takes longer has an unknown outcome; by then its callers have given up. */
const COMMIT_TIMEOUT_MS = 10_000;

export interface EngineDeps {
  readonly feed: Feed;
  readonly log?: Log;
  readonly clock?: Clock;
  /** What stands between the engine and its journal: a test breaks it here. */
  readonly wrapJournal?: (journal: Journal) => Journal;
  /** Ends the process at once, since it may neither store nor answer anything more. */
  readonly exit?: () => void;
}

export interface EngineService {
  readonly app: Hono;
  /** False once this program was seen to decide otherwise than the one that leads. */
  healthy(): boolean;
  /** Follows the journal, and leads when it is its turn; others reach it at `address`, as `ws://host:port`. */
  begin(address: string): void;
  /** Lets go of the lead once what was taken is answered, and leaves the database. */
  close(): Promise<void>;
}

/**
 * @throws {JournalError} when the journal was damaged.
 * @throws {DivergenceError} when this program decides otherwise than the one that wrote it.
 * @throws {ListingError} when MARKETS cannot be listed.
 */
export async function startEngine(values: ConfigOf<typeof config>, deps: EngineDeps): Promise<EngineService> {
  const { feed, log = createLog('engine'), clock = systemClock, exit = () => process.exit(1) } = deps;
  const blobs = openBlobStore(values.BLOB_STORE_URL);
  const writer = openDatabase(values.DATABASE_URL, {
    connectionsMax: WRITER_CONNECTIONS_MAX,
    settings: { synchronous_commit: 'on' },
    queryTimeoutMs: COMMIT_TIMEOUT_MS,
    prepared: true,
  });
  const reader = openDatabase(values.DATABASE_URL, {
    connectionsMax: READER_CONNECTIONS_MAX,
    prepared: true,
  });
  const kinesis = values.STREAM_NAME === '' ? undefined : openKinesis(values.KINESIS_ENDPOINT);
  const leave = async () => {
    kinesis?.destroy();
    await Promise.all([writer.destroy(), reader.destroy()]);
  };
  try {
    await migrate(writer, 'engine', migrations);
    const inDatabase = new PostgresJournal(writer, reader, blobs);
    const journal = deps.wrapJournal?.(inDatabase) ?? inDatabase;
    const snapshots = new Snapshots(blobs, log);
    const replica = await bootReplica(journal, snapshots, log);
    // Before anyone depends on this task: what cannot be listed stops the release.
    dueListings(values.MARKETS, replica.engine);
    const task = new EngineTask({ values, journal, snapshots, replica, feed, kinesis, clock, log, exit });
    const isLeading = () => task.isLeading;
    const schedule = new SnapshotSchedule(await snapshots.newest(), {
      snapshots,
      replica,
      everyCommands: values.SNAPSHOT_COMMANDS,
      isLeading,
      log,
    });
    const reports = setInterval(() => task.report(schedule.newestSeq), REPORT_MS).unref();
    const housekeeping = new Housekeeping({
      db: reader,
      blobs,
      journalDays: values.JOURNAL_DAYS,
      coveredSeq: () => schedule.newestSeq,
      isLeading,
      clock,
      log,
    });
    return {
      app: task.app,
      healthy: () => task.isHealthy,
      begin: (address) => task.begin(address),
      close: async () => {
        clearInterval(reports);
        // What it did since the last one.
        task.report(schedule.newestSeq);
        await housekeeping.close();
        await task.close();
        await schedule.close();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
