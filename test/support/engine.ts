/** An engine on a journal of its own, put together from its parts so that a test can hold a commit back. */
import type { Kysely } from 'kysely';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import type { BlobStore } from '#platform/blob-store.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { createEngineApp } from '#services/engine/app.ts';
import type { EventFrame } from '#services/engine/batch-outcome.ts';
import { bootReplica } from '#services/engine/boot.ts';
import { CommandSockets } from '#services/engine/command-sockets.ts';
import { CommittedEvents } from '#services/engine/committed-events.ts';
import { EventSubscribers } from '#services/engine/event-subscribers.ts';
import type { Batch, Journal } from '#services/engine/journal.ts';
import { Leadership } from '#services/engine/leadership.ts';
import type { MatchingEngine } from '#services/engine/matching/engine.ts';
import { PostgresJournal } from '#services/engine/postgres-journal.ts';
import type { Replica } from '#services/engine/replica.ts';
import { Sequencer } from '#services/engine/sequencer.ts';

const LEASE_MS = 300;
const log = createLog('engine', 'silent');

export interface TestEngine {
  readonly url: string;
  readonly engine: MatchingEngine;
  readonly sequencer: Sequencer;
  /** Every batch as it was about to be committed, but the one that begins an epoch. */
  readonly batches: Batch[];
  /** Every frame of events as it was committed. */
  readonly published: EventFrame[];
  readonly failures: unknown[];
  close(): Promise<void>;
}

export interface TestEngineOptions {
  readonly batchCommandsMax?: number;
  /** Runs before each commit, which waits for it. */
  readonly beforeCommit?: (batch: Batch) => Promise<void>;
  /** Whether committed events are let go at once. */
  readonly forgetsEvents?: boolean;
}

/** Nothing is kept, and nothing was. */
export const noBlobs: BlobStore = {
  put: async () => {},
  get: async () => undefined,
  list: async () => [],
  delete: async () => {},
};
export const noSnapshots = { load: async () => undefined };

/** Rebuilds the state from the journal in `db`, and serves on a free port once it leads. */
export async function startTestEngine(
  db: Kysely<Database>,
  { batchCommandsMax = 1024, beforeCommit, forgetsEvents = false }: TestEngineOptions = {},
): Promise<TestEngine> {
  const batches: Batch[] = [];
  const failures: unknown[] = [];
  const journal = watched(new PostgresJournal(db, db, noBlobs), async (batch) => {
    batches.push(batch);
    await beforeCommit?.(batch);
  });
  const replica = await bootReplica(journal, noSnapshots, log);
  if (forgetsEvents) Object.assign(replica.tail, { eventsOf: () => undefined });
  const published = recordEvents(replica);
  const sockets = new CommandSockets();
  const leading = Promise.withResolvers<Sequencer>();
  const onFailure = (error: unknown) => {
    failures.push(error);
    leading.reject(error);
  };
  const events = new CommittedEvents({ journal, snapshots: noSnapshots, replica });
  const leadership: Leadership = new Leadership({
    journal,
    replica,
    clock: systemClock,
    me: { address: 'ws://127.0.0.1:1', deployment: 'test' },
    leaseMs: LEASE_MS,
    lead: async (term) => {
      const sequencer = new Sequencer({
        replica,
        epoch: term.epoch,
        append: (batch) => term.append(batch),
        confirm: () => term.confirm(),
        batchCommandsMax,
        clock: systemClock,
        onFailure,
      });
      sockets.open(sequencer);
      leading.resolve(sequencer);
      return { close: () => sequencer.close() };
    },
    isLive: () => false,
    askForLead: async () => false,
    onDivergence: onFailure,
    onFailure,
    log,
  });
  const address = { leader: '' };
  const app = createEngineApp({
    sockets,
    subscribers: new EventSubscribers(events),
    view: () => ({ ...leadership.view, leader: address.leader }),
    greet: () => {},
    handOff: async () => false,
    onSubscriberFailure: onFailure,
  });
  leadership.begin();
  const sequencer = await leading.promise;
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  address.leader = `ws://127.0.0.1:${server.port}`;
  return {
    url: address.leader,
    engine: replica.engine,
    sequencer,
    batches,
    published,
    failures,
    close: async () => {
      await leadership.stop();
      await server.close();
    },
  };
}

/** The journal, with something that each append waits for. */
function watched(journal: PostgresJournal, before: (batch: Batch) => Promise<void>): Journal {
  return {
    head: () => journal.head(),
    read: (after) => journal.read(after),
    append: async (batch, published) => {
      await before(batch);
      await journal.append(batch, published);
    },
    takeOver: (...given) => journal.takeOver(...given),
    beat: (...given) => journal.beat(...given),
    release: (...given) => journal.release(...given),
  };
}

function recordEvents(replica: Replica): EventFrame[] {
  const frames: EventFrame[] = [];
  replica.onAdvance(() => {
    const frame = replica.tail.after(frames.at(-1)?.lastSeq ?? replica.position.seq - 1);
    if (frame !== undefined) frames.push(frame);
  });
  return frames;
}

/** Serves events alone. */
export async function serveEvents(
  subscribers: EventSubscribers,
  port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = createEngineApp({
    sockets: new CommandSockets(),
    subscribers,
    view: () => ({ leader: null, epoch: 0, deployment: '' }),
    greet: () => {},
    handOff: async () => false,
    onSubscriberFailure: (error) => {
      throw error;
    },
  });
  const server = await listen(app, { port, host: '127.0.0.1' });
  return { url: `ws://127.0.0.1:${server.port}`, close: server.close };
}

export const listCoin: CommandOf<'listAsset'> = {
  type: 'listAsset',
  asset: 0 as AssetId,
  scale: 2,
  name: 'COIN',
};

export function deposit(account: number, amount: number, reference: string): CommandOf<'deposit'> {
  return {
    type: 'deposit',
    account: account as AccountId,
    asset: 0 as AssetId,
    amount: amount as Units,
    reference,
  };
}
