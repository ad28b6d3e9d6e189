/** Starts the engine: takes over the journal, rebuilds the state from it, and opens for requests. */
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';
import type { ConfigOf } from '#platform/env.ts';
import { EVENTS_CHANNEL, type Feed } from '#platform/feed.ts';
import { createLog, type Log } from '#platform/log.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { createEngineApp } from './app.ts';
import type { EventFrame } from './batch-outcome.ts';
import type { config } from './config.ts';
import { EventSubscribers } from './event-subscribers.ts';
import { EventTail } from './event-tail.ts';
import { Journal } from './journal.ts';
import { listMissing } from './listings.ts';
import { MatchingEngine } from './matching/engine.ts';
import { migrations } from './migrations.ts';
import { checkEnd, NOTHING_REPLAYED, type Replayed, replay } from './replay.ts';
import { Sequencer } from './sequencer.ts';

/** Appends follow one another; a second connection could only reorder them. */
const WRITER_CONNECTIONS_MAX = 1;
/** Subscribers that replay the journal, and boot. */
const READER_CONNECTIONS_MAX = 4;
/** A commit that takes longer has an unknown outcome; by then its callers have given up. */
const COMMIT_TIMEOUT_MS = 10_000;

export interface EngineDeps {
  readonly feed: Feed;
  readonly log?: Log;
  /** Ends the process at once, since it may neither store nor answer anything more. */
  readonly exit?: () => void;
}

export interface EngineService {
  readonly app: Hono;
  /** Takes no more requests, answers those taken, and leaves the database. */
  close(): Promise<void>;
}

/**
 * @throws {JournalError} when the journal was damaged.
 * @throws {ListingError} when MARKETS cannot be listed.
 */
export async function startEngine(values: ConfigOf<typeof config>, deps: EngineDeps): Promise<EngineService> {
  const writer = openDatabase(values.DATABASE_URL, {
    connectionsMax: WRITER_CONNECTIONS_MAX,
    settings: { synchronous_commit: 'on' },
    queryTimeoutMs: COMMIT_TIMEOUT_MS,
  });
  const reader = openDatabase(values.DATABASE_URL, { connectionsMax: READER_CONNECTIONS_MAX });
  const leave = () => Promise.all([writer.destroy(), reader.destroy()]);
  try {
    await migrate(writer, 'engine', migrations);
    const journal = await Journal.takeOver(writer);
    const { app, sequencer } = await open(values, deps, journal, reader);
    return {
      app,
      close: async () => {
        await sequencer.close();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Rebuilds the state from the journal and lists what is missing; then all is ready to serve. */
async function open(
  values: ConfigOf<typeof config>,
  { feed, log = createLog('engine'), exit = () => process.exit(1) }: EngineDeps,
  journal: Journal,
  reader: Kysely<Database>,
): Promise<{ app: Hono; sequencer: Sequencer }> {
  const engine = new MatchingEngine();
  const tail = new EventTail();
  const { lastTimeUs } = await boot(reader, journal, engine, tail, log);
  const sequencer = new Sequencer({
    engine,
    journal,
    batchCommandsMax: values.BATCH_COMMANDS_MAX,
    lastTimeUs,
    nowUs: () => Date.now() * 1000,
    recentEvents: (seq) => tail.eventsOf(seq),
    onCommitted: (events) => {
      tail.push(events);
      feed.publish(EVENTS_CHANNEL, events.bytes);
    },
    onFailure: (error) => {
      log.fatal({ err: error }, 'the engine stops: what it holds may differ from the journal');
      exit();
    },
  });
  await listMissing(values.MARKETS, sequencer);
  const app = createEngineApp({
    sequencer,
    subscribers: new EventSubscribers(tail, () => journalEvents(reader)),
    onSubscriberFailure: (error) => log.error({ err: error }, 'could not replay the journal'),
  });
  return { app, sequencer };
}

/** Replays the journal into the engine and its events into the tail; returns what it came to. */
async function boot(
  db: Kysely<Database>,
  journal: Journal,
  engine: MatchingEngine,
  tail: EventTail,
  log: Log,
): Promise<Replayed> {
  const started = performance.now();
  let last = NOTHING_REPLAYED;
  for await (const replayed of replay(db, engine)) {
    tail.push(replayed.events);
    last = replayed;
  }
  checkEnd({ lastSeq: last.events.lastSeq, digest: last.digest }, journal.end);
  log.info(
    {
      epoch: journal.epoch,
      commands: last.events.lastSeq,
      tookMs: Math.round(performance.now() - started),
      state: engine.digest(),
    },
    'replayed the journal',
  );
  return last;
}

async function* journalEvents(db: Kysely<Database>): AsyncGenerator<EventFrame> {
  for await (const { events } of replay(db, new MatchingEngine())) yield events;
}
