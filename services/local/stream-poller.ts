/**
 * Hands the records of a stream to whoever takes them, as Lambda does on AWS: each shard in order, a shard after those
 * that it was split or merged from, and what was not taken again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
  type ShardIteratorType,
} from '@aws-sdk/client-kinesis';
import { backoffMs } from '#platform/backoff.ts';
import type { Log } from '#platform/log.ts';
import type { StreamRecord } from '#services/projector/tables/table-projector.ts';

/** While nothing comes. */
const IDLE_MS = 100;
const RECORDS_MAX = 500;

export interface StreamPollerOptions {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  /** Resolves to the numbers of records that have to come again, with what follows them. */
  readonly take: (records: readonly StreamRecord[]) => Promise<readonly string[]>;
  /** Called between rounds, with the bytes read so far; true when the stream was replaced by an empty one. */
  readonly betweenRounds?: (bytesRead: number) => Promise<boolean>;
  readonly log: Log;
}

export class StreamPoller {
  readonly #options: StreamPollerOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** By shard: where to read on; undefined when all of it has been taken. */
  #iterators = new Map<string, string | undefined>();
  #bytesRead = 0;
  #failures = 0;

  constructor(options: StreamPollerOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Waits for what is being taken. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { log, betweenRounds } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        const count = await this.#round();
        this.#failures = 0;
        if (await betweenRounds?.(this.#bytesRead)) this.#startOver();
        else if (count === 0) await this.#pause(IDLE_MS);
      } catch (error) {
        if (this.#failures === 0) log.error({ err: error }, 'could not read the stream; trying again');
        // An iterator may have expired; what was taken is passed over when it comes again.
        this.#startOver();
        await this.#pause(backoffMs(this.#failures++));
      }
    }
  }

  #startOver(): void {
    this.#iterators = new Map();
    this.#bytesRead = 0;
  }

  /** One page of each shard that may be read; returns how many records were taken. */
  async #round(): Promise<number> {
    await this.#openShards();
    let taken = 0;
    for (const [shardId, iterator] of this.#iterators)
      if (iterator !== undefined) taken += await this.#readShard(shardId, iterator);
    return taken;
  }

  async #openShards(): Promise<void> {
    const { kinesis, streamName } = this.#options;
    const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: streamName }));
    const present = new Set(Shards.map(({ ShardId }) => ShardId));
    const isTaken = (shardId: string | undefined) =>
      shardId === undefined ||
      !present.has(shardId) ||
      (this.#iterators.has(shardId) && this.#iterators.get(shardId) === undefined);
    for (const { ShardId, ParentShardId, AdjacentParentShardId } of Shards as (Shard & { ShardId: string })[])
      if (!this.#iterators.has(ShardId) && isTaken(ParentShardId) && isTaken(AdjacentParentShardId))
        this.#iterators.set(ShardId, await this.#iterator(ShardId, 'TRIM_HORIZON'));
  }

  async #readShard(shardId: string, iterator: string): Promise<number> {
    const { kinesis, take } = this.#options;
    const { Records = [], NextShardIterator } = await kinesis.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_MAX }),
    );
    this.#iterators.set(shardId, NextShardIterator ?? undefined);
    if (Records.length === 0) return 0;
    const records = Records.map(({ PartitionKey, SequenceNumber, Data }) => ({
      partitionKey: PartitionKey!,
      sequenceNumber: SequenceNumber!,
      data: Data!,
    }));
    const failed = new Set(await take(records));
    const first = records.find(({ sequenceNumber }) => failed.has(sequenceNumber));
    if (first === undefined) {
      this.#bytesRead += records.reduce((sum, { data }) => sum + data.length, 0);
      return records.length;
    }
    this.#iterators.set(shardId, await this.#iterator(shardId, 'AT_SEQUENCE_NUMBER', first.sequenceNumber));
    return 0;
  }

  async #iterator(shardId: string, type: ShardIteratorType, sequenceNumber?: string) {
    const { ShardIterator } = await this.#options.kinesis.send(
      new GetShardIteratorCommand({
        StreamName: this.#options.streamName,
        ShardId: shardId,
        ShardIteratorType: type,
        StartingSequenceNumber: sequenceNumber,
      }),
    );
    return ShardIterator;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
