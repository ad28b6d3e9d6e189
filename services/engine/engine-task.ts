/** One task of the engine: its replica, what it serves from it, and what it does while it leads. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Hono } from 'hono';
import type { Clock } from '#platform/clock.ts';
import { HANDOFF_PATH } from '#platform/engine-protocol.ts';
import type { ConfigOf } from '#platform/env.ts';
import { EVENTS_CHANNEL, type Feed } from '#platform/feed.ts';
import type { Log } from '#platform/log.ts';
import { countMetric } from '#platform/metrics.ts';
import { createEngineApp } from './app.ts';
import { CommandSockets } from './command-sockets.ts';
import { CommittedEvents } from './committed-events.ts';
import type { config } from './config.ts';
import { explainDivergence } from './divergence.ts';
import { EventSubscribers } from './event-subscribers.ts';
import { type Batch, type Journal, LeadershipLost } from './journal.ts';
import { Leadership, type View } from './leadership.ts';
import { dueListings, executeListings } from './listings.ts';
import { LiveTraffic } from './live-traffic.ts';
import { EngineMetrics, engineMetrics } from './metrics.ts';
import { Publisher } from './publisher.ts';
import type { DivergenceError, Replica } from './replica.ts';
import { Sequencer } from './sequencer.ts';
import type { Snapshots } from './snapshots.ts';
import { StreamPublisher } from './stream-publisher.ts';
import type { Term } from './term.ts';

/** A leader that drains answers within this, or is as good as gone. */
const HANDOFF_TIMEOUT_MS = 5_000;
const NOBODY: View = { leader: null, epoch: 0, deployment: '' };

export interface EngineTaskOptions {
  readonly values: ConfigOf<typeof config>;
  readonly journal: Journal;
  readonly snapshots: Pick<Snapshots, 'load'>;
  readonly replica: Replica;
  readonly feed: Pick<Feed, 'publish'>;
  /** Undefined where no stream is. */
  readonly kinesis: KinesisClient | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the process at once, since it may neither store nor answer anything more. */
  readonly exit: () => void;
}

export class EngineTask {
  readonly app: Hono;
  readonly #options: EngineTaskOptions;
  readonly #events: CommittedEvents;
  readonly #sockets = new CommandSockets();
  readonly #traffic: LiveTraffic;
  readonly #metrics: EngineMetrics;
  /** Of the term, while this task leads. */
  #published: (() => number) | undefined;
  #streamPublisher: StreamPublisher | undefined;
  #leadership: Leadership | undefined;
  #hasDiverged = false;

  constructor(options: EngineTaskOptions) {
    const { values, clock, log } = options;
    this.#options = options;
    this.#events = new CommittedEvents(options);
    this.#traffic = new LiveTraffic(values.LIVE_PORT);
    this.#metrics = new EngineMetrics(log);
    this.app = createEngineApp({
      sockets: this.#sockets,
      subscribers: new EventSubscribers(this.#events),
      view: () => this.#leadership?.view ?? NOBODY,
      greet: (port) => this.#traffic.greet(port, clock.monotonicMs()),
      handOff: async (successor, seq) => (await this.#leadership?.handOff(successor, seq)) ?? false,
      onSubscriberFailure: (error) => log.error({ err: error }, 'could not replay the journal'),
    });
  }

  /** False once this program was seen to decide otherwise than the one that leads. */
  get isHealthy(): boolean {
    return !this.#hasDiverged;
  }

  get isLeading(): boolean {
    return this.#leadership?.isLeading ?? false;
  }

  /** Follows the journal, and leads when it is its turn; others reach it at `address`. */
  begin(address: string): void {
    const { journal, replica, clock, log, values } = this.#options;
    this.#leadership = new Leadership({
      journal,
      replica,
      clock,
      log,
      me: { address, deployment: values.DEPLOYMENT },
      leaseMs: values.LEASE,
      lead: (term) => this.#lead(term),
      isLive: () => this.#traffic.isLive(clock.monotonicMs()),
      askForLead: (leader) => this.#askForLead(leader, address),
      onDivergence: (error) => this.#standAside(error),
      onFailure: (error) => this.#fail(error),
    });
    this.#leadership.begin();
  }

  /** Tells how it is, for whoever watches. */
  report(newestSnapshotSeq: number): void {
    const { seq } = this.#options.replica.position;
    const { epoch } = this.#leadership?.view ?? NOBODY;
    this.#metrics.report({
      isLeading: this.isLeading,
      epoch,
      seq,
      published: this.#published?.(),
      publisherAgeMs: this.#streamPublisher?.ageMs,
      newestSnapshotSeq,
    });
  }

  async close(): Promise<void> {
    await this.#leadership?.stop();
  }

  async #lead(term: Term) {
    const { replica, clock, values } = this.#options;
    const onFailure = (error: unknown) => this.#fail(error);
    const publishers = this.#publish(term);
    const sequencer = new Sequencer({
      replica,
      epoch: term.epoch,
      append: (batch) => this.#append(term, batch),
      confirm: () => term.confirm(),
      batchCommandsMax: values.BATCH_COMMANDS_MAX,
      clock,
      onFailure,
    });
    await executeListings(dueListings(values.MARKETS, replica.engine), sequencer);
    this.#sockets.open(sequencer);
    return {
      close: async () => {
        this.#sockets.shut();
        await sequencer.close();
        this.#sockets.leave();
        await Promise.all(publishers.map((publisher) => publisher.close()));
        this.#published = undefined;
        this.#streamPublisher = undefined;
      },
    };
  }

  /**
   * To the feed, and to the stream where there is one. How far the stream has come goes into the head row with the
   * leader's next write, so that the next leader goes on from there and nothing is left out.
   */
  #publish(term: Term) {
    const { replica, values, feed, kinesis, log } = this.#options;
    const events = this.#events;
    const after = term.published();
    const feedPublisher = new Publisher({
      events,
      // Who follows the feed learns what is no longer in memory sooner from a snapshot.
      after: replica.tail.after(after) === undefined ? replica.position.seq : after,
      publish: (frame) => feed.publish(EVENTS_CHANNEL, frame),
      onFailure: (error) => this.#fail(error),
    });
    const streamPublisher =
      kinesis && new StreamPublisher({ events, after, kinesis, streamName: values.STREAM_NAME, log });
    const last = streamPublisher ?? feedPublisher;
    term.published = () => last.published;
    this.#published = term.published;
    this.#streamPublisher = streamPublisher;
    return streamPublisher ? [feedPublisher, streamPublisher] : [feedPublisher];
  }

  async #append(term: Term, batch: Batch): Promise<void> {
    const { clock } = this.#options;
    const begunMs = clock.monotonicMs();
    await term.append(batch);
    this.#metrics.committed(batch.lastSeq - batch.firstSeq + 1, clock.monotonicMs() - begunMs);
  }

  /** False as well when the leader does not answer: then its lease will end. */
  async #askForLead(leader: string, successor: string): Promise<boolean> {
    try {
      const response = await fetch(new URL(HANDOFF_PATH, leader.replace(/^ws/, 'http')), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ successor, seq: this.#options.replica.position.seq }),
        signal: AbortSignal.timeout(HANDOFF_TIMEOUT_MS),
      });
      const answer = (await response.json()) as { granted?: unknown };
      return answer.granted === true;
    } catch (error) {
      this.#options.log.warn({ err: error, leader }, 'the leader does not answer');
      return false;
    }
  }

  /** The gate: a release that decides otherwise is seen while it only follows, and rolled back for being unhealthy. */
  async #standAside(error: DivergenceError): Promise<void> {
    const { log } = this.#options;
    this.#hasDiverged = true;
    countMetric(log, engineMetrics.divergence);
    const view = await this.#options.journal.head().catch(() => undefined);
    const divergence = await explainDivergence(error, view?.leader || null);
    log.error(
      divergence,
      'this program decides otherwise than the leader: it is unhealthy and will never lead',
    );
  }

  #fail(error: unknown): void {
    const { log, exit } = this.#options;
    if (error instanceof LeadershipLost) countMetric(log, engineMetrics.fencedWrites);
    log.fatal({ err: error }, 'the engine stops: what it holds may differ from the journal');
    exit();
  }
}
