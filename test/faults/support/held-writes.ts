/**
 * Holds an engine's writes to PostgreSQL at a chosen moment, by triggers that wait for an advisory lock which names the
 * moment and the connection: other engines' writes go on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from '#platform/database.ts';

const MOMENTS = {
  /** The statement has begun and has locked nothing yet. */
  beforeUpdate: 1,
  /** The head has moved and the batch is inserted; nobody else sees it, or can write. */
  afterInsert: 2,
  /** All is done but the commit itself. */
  atCommit: 3,
} as const;

export type Moment = keyof typeof MOMENTS;

const POLL_MS = 2;
const TIMEOUT_MS = 10_000;

export interface HeldWrite {
  /** Lets it go on. */
  release(): Promise<void>;
  /** Ends its connection, which rolls it back. */
  terminate(): Promise<void>;
}

/** Engines' migrations must have run. */
export async function installHolds(db: Kysely<Database>): Promise<void> {
  await sql`
    create function hold_write() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(tg_argv[0]::int, pg_backend_pid());
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger hold_before_update before update on engine.head
    for each statement execute function hold_write(1)
  `.execute(db);
  await sql`
    create trigger hold_after_insert after insert on engine.journal
    for each row execute function hold_write(2)
  `.execute(db);
  await sql`
    create constraint trigger hold_at_commit after insert on engine.journal
    deferrable initially deferred for each row execute function hold_write(3)
  `.execute(db);
}

/**
 * Holds the next write of the engine whose connections are named `applicationName` at `moment`, runs `work` once it is
 * held, and lets go at the end whatever `work` did.
 */
export async function holdWrite(
  db: Kysely<Database>,
  applicationName: string,
  moment: Moment,
  work: (held: HeldWrite) => Promise<void>,
): Promise<void> {
  const key = MOMENTS[moment];
  await db.connection().execute(async (connection) => {
    try {
      await sql`
        select pg_advisory_lock(${key}::int, pid) from pg_stat_activity
        where datname = current_database() and application_name = ${applicationName}
      `.execute(connection);
      const pid = await untilHeld(db, key);
      await work({
        release: async () => void (await sql`select pg_advisory_unlock_all()`.execute(connection)),
        terminate: async () => void (await sql`select pg_terminate_backend(${pid}, 5000)`.execute(db)),
      });
    } finally {
      await sql`select pg_advisory_unlock_all()`.execute(connection);
    }
  });
}

/** The connection that waits. */
async function untilHeld(db: Kysely<Database>, key: number): Promise<number> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_locks
      where locktype = 'advisory' and not granted and classid = ${key}::int
        and database = (select oid from pg_database where datname = current_database())
    `.execute(db);
    if (rows.length > 0) return rows[0]!.pid;
    if (performance.now() > deadline) throw new Error(`no write came to be held at moment ${key}`);
    await sleep(POLL_MS);
  }
}
