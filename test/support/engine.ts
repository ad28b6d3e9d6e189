/** An engine on a journal of its own, put together from its parts so that a test can hold a commit back. */

import type { Kysely } from 'kysely';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createEngineApp } from '#services/engine/app.ts';
import type { EventFrame } from '#services/engine/batch-outcome.ts';
import { EventSubscribers } from '#services/engine/event-subscribers.ts';
import { EventTail } from '#services/engine/event-tail.ts';
import { type Batch, Journal } from '#services/engine/journal.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { NOTHING_REPLAYED, replay } from '#services/engine/replay.ts';
import { Sequencer } from '#services/engine/sequencer.ts';

export interface TestEngine {
  readonly url: string;
  readonly engine: MatchingEngine;
  readonly sequencer: Sequencer;
  /** Every batch as it was about to be committed. */
  readonly batches: Batch[];
  /** Every frame of events as it was published. */
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

/** Takes over the journal in `db`, replays it and serves on a free port. */
export async function startTestEngine(
  db: Kysely<Database>,
  { batchCommandsMax = 1024, beforeCommit, forgetsEvents = false }: TestEngineOptions = {},
): Promise<TestEngine> {
  const journal = await Journal.takeOver(db);
  const engine = new MatchingEngine();
  const tail = new EventTail();
  let last = NOTHING_REPLAYED;
  for await (const replayed of replay(db, engine)) {
    tail.push(replayed.events);
    last = replayed;
  }
  const batches: Batch[] = [];
  const published: EventFrame[] = [];
  const failures: unknown[] = [];
  const sequencer = new Sequencer({
    engine,
    journal: {
      get end() {
        return journal.end;
      },
      append: async (batch) => {
        batches.push(batch);
        await beforeCommit?.(batch);
        await journal.append(batch);
      },
    },
    batchCommandsMax,
    lastTimeUs: last.lastTimeUs,
    nowUs: () => Date.now() * 1000,
    recentEvents: (seq) => (forgetsEvents ? undefined : tail.eventsOf(seq)),
    onCommitted: (events) => {
      tail.push(events);
      published.push(events);
    },
    onFailure: (error) => failures.push(error),
  });
  const subscribers = new EventSubscribers(tail, () => journalEvents(db));
  const app = createEngineApp({
    sequencer,
    subscribers,
    onSubscriberFailure: (error) => failures.push(error),
  });
  const server: HttpServer = await listen(app, { port: 0, host: '127.0.0.1' });
  return {
    url: `ws://127.0.0.1:${server.port}`,
    engine,
    sequencer,
    batches,
    published,
    failures,
    close: () => server.close(),
  };
}

/** Serves events alone. */
export async function serveEvents(
  subscribers: EventSubscribers,
  port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = createEngineApp({
    sequencer: undefined as unknown as Sequencer,
    subscribers,
    onSubscriberFailure: (error) => {
      throw error;
    },
  });
  const server = await listen(app, { port, host: '127.0.0.1' });
  return { url: `ws://127.0.0.1:${server.port}`, close: server.close };
}

async function* journalEvents(db: Kysely<Database>): AsyncGenerator<EventFrame> {
  for await (const { events } of replay(db, new MatchingEngine())) yield events;
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
