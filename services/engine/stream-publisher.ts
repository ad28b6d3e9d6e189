/**
 * Publishes committed events to Kinesis, where they outlive this process, in the lanes of `services/platform/lanes.ts`.
 *
 * At most one record of a lane is on its way at a time: Kinesis keeps no order among the records of a request, nor
 * between one that it refuses and the next. What fails is sent again until it is taken, however long that takes; orders
 * do not wait for it. What may have been taken is sent again too: who reads the stream knows it by its sequences.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { backoffMs } from '#platform/backoff.ts';
import { laneKeys } from '#platform/lanes.ts';
import type { Log } from '#platform/log.ts';
import type { CommittedEvents } from './committed-events.ts';
import { LaneFrames } from './lane-frames.ts';

/** A round has what waits, up to about this much: as much as a shard takes in a second. */
const ROUND_BYTES_MAX = 1_000_000;
/** After each round, so that batches share records: nothing that people wait for comes by the stream. */
const PAUSE_MS = 20;

export interface StreamPublisherOptions {
  readonly events: Pick<CommittedEvents, 'after' | 'lastSeq'>;
  /** The last sequence that was published when this begins. */
  readonly after: number;
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly log: Log;
}

export class StreamPublisher {
  readonly #options: StreamPublisherOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #published: number;
  /** When the oldest event that the stream lacks was committed, as far as is known; undefined while it has all. */
  #oldestUs: number | undefined;
  #failures = 0;

  constructor(options: StreamPublisherOptions) {
    this.#options = options;
    this.#published = options.after;
    // What a leader before has left is older, and known once it is read.
    if (options.after < options.events.lastSeq) this.#oldestUs = Date.now() * 1_000;
    this.#ended = this.#run();
  }

  /** The stream has all events up to here. */
  get published(): number {
    return this.#published;
  }

  /** How long ago the oldest event was committed that the stream lacks, in milliseconds; 0 when it has all. */
  get ageMs(): number {
    return this.#oldestUs === undefined ? 0 : Math.max(0, Math.round(Date.now() - this.#oldestUs / 1_000));
  }

  /** Gives up what is on its way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#options.log.error({ err: error }, 'committed events could not be read; trying again');
        await this.#pause(backoffMs(this.#failures++));
      }
    }
  }

  async #follow(): Promise<void> {
    const { events } = this.#options;
    const lanes = new LaneFrames(this.#published);
    for await (const frame of events.after(this.#published, this.#stop.signal)) {
      lanes.add(frame);
      this.#oldestUs = lanes.oldestUs ?? this.#oldestUs;
      if (lanes.bytes < ROUND_BYTES_MAX && frame.lastSeq < events.lastSeq) continue;
      await this.#send(lanes.take());
      if (this.#stop.signal.aborted) return;
      this.#published = frame.lastSeq;
      if (frame.lastSeq >= events.lastSeq) this.#oldestUs = undefined;
      await this.#pause(PAUSE_MS);
    }
  }

  /** Resolves when all of a round is taken, or when this is closed. */
  async #send(records: readonly (readonly Uint8Array[])[]): Promise<void> {
    const parts = Math.max(...records.map(({ length }) => length));
    for (let part = 0; part < parts; part++) {
      const entries = records.flatMap((ofLane, lane) => {
        const Data = ofLane[part];
        return Data === undefined ? [] : { ...laneKeys(lane), Data };
      });
      await this.#put(entries);
    }
  }

  async #put(entries: PutRecordsRequestEntry[]): Promise<void> {
    let waiting = entries;
    while (!this.#stop.signal.aborted) {
      waiting = await this.#try(waiting);
      if (waiting.length === 0) break;
      await this.#pause(backoffMs(this.#failures++));
    }
    if (this.#failures > 0)
      this.#options.log.info({ after: this.#published }, 'the stream takes events again');
    this.#failures = 0;
  }

  /** Those that were not taken, or not for certain. */
  async #try(entries: PutRecordsRequestEntry[]): Promise<PutRecordsRequestEntry[]> {
    const { kinesis, streamName, log } = this.#options;
    const command = new PutRecordsCommand({ StreamName: streamName, Records: entries });
    try {
      const { Records = [] } = await kinesis.send(command, { abortSignal: this.#stop.signal });
      const refused = entries.filter((_, at) => Records[at]?.SequenceNumber === undefined);
      if (refused.length > 0 && this.#failures === 0) {
        const reasons = [...new Set(Records.flatMap(({ ErrorCode }) => ErrorCode ?? []))];
        log.warn({ records: refused.length, reasons }, 'the stream refuses events; sending them again');
      }
      return refused;
    } catch (error) {
      if (this.#failures === 0 && !this.#stop.signal.aborted)
        log.warn({ err: error }, 'the stream cannot be reached; events wait');
      return entries;
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
