/**
 * Brings records of the stream to the tables of DynamoDB: the one handler, which a function runs on AWS and a poller on
 * a laptop. Each lane has a position of its own, which moves after the effects; those have their effect once, so that
 * records may come again, and cut differently.
 */
import assert, { AssertionError } from 'node:assert/strict';
import { FrameError, type FrameRecord, readFrame } from '#domain/codec.ts';
import { laneOf } from '#platform/lanes.ts';
import type { Log } from '#platform/log.ts';
import { SAMPLES_MAX, writeMetrics } from '#platform/metrics.ts';
import type { DeadLetters } from './dead-letters.ts';
import { TABLE_TYPES, type Tables } from './tables.ts';

export interface StreamRecord {
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
}

/** Some of a lane's records, read up to the first that cannot be taken. */
interface ReadRecords {
  readonly fresh: readonly FrameRecord[];
  readonly through: number;
  readonly refused?: { readonly record: StreamRecord; readonly reason: string; readonly isGap: boolean };
}

export const tableMetrics = {
  /** From the commit of the newest event of a lane to the tables that show it, in milliseconds. */
  tablesLagMs: 'TablesLagMs',
} as const;

export class TableProjector {
  readonly #tables: Tables;
  readonly #deadLetters: DeadLetters;
  readonly #log: Log;

  constructor(
    tables: Tables,
    { deadLetters, log }: { readonly deadLetters: DeadLetters; readonly log: Log },
  ) {
    this.#tables = tables;
    this.#deadLetters = deadLetters;
    this.#log = log;
  }

  /**
   * Takes records of one shard, in order. What cannot be read goes to the dead letters and stops its lane; a gap stops
   * the lane until what is missing comes.
   * @returns the stream's numbers of records that have to come again, with what follows them: one of a lane at most.
   */
  async take(records: readonly StreamRecord[]): Promise<string[]> {
    const lanes = Map.groupBy(records, ({ partitionKey }) => laneOf(partitionKey));
    const lagsMs: number[] = [];
    const failed = await Promise.all(
      [...lanes].map(async ([lane, ofLane]) => {
        try {
          return lane === undefined
            ? await this.#refuseForeign(ofLane)
            : await this.#takeLane(lane, ofLane, lagsMs);
        } catch (error) {
          this.#log.error({ err: error, lane }, 'could not write the tables; the records come again');
          return ofLane[0]!.sequenceNumber;
        }
      }),
    );
    if (lagsMs.length > 0)
      writeMetrics(this.#log, {
        [tableMetrics.tablesLagMs]: { unit: 'Milliseconds', value: lagsMs.slice(-SAMPLES_MAX) },
      });
    return failed.filter((sequenceNumber) => sequenceNumber !== undefined);
  }

  async #refuseForeign(records: readonly StreamRecord[]): Promise<undefined> {
    for (const record of records) await this.#bury(record, 'its partition key names no lane');
  }

  /** Adds to `lagsMs` how old the newest event is, once the tables show it. */
  async #takeLane(
    lane: number,
    records: readonly StreamRecord[],
    lagsMs: number[],
  ): Promise<string | undefined> {
    const { through: from, stopped } = await this.#tables.positions.read(lane);
    if (stopped !== undefined) return undefined;
    const { fresh, through, refused } = readRecords(records, from);
    try {
      await this.#tables.fold(fresh);
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      if (records.length > 1) return this.#takeOneByOne(lane, records, lagsMs);
      return this.#stop(lane, records[0]!, error.message);
    }
    if (through > from) await this.#tables.positions.advance(lane, through);
    const newest = fresh.at(-1);
    if (newest !== undefined) lagsMs.push(Math.max(0, Math.round(Date.now() - newest.timeUs / 1_000)));
    if (refused === undefined) return undefined;
    const { record, reason, isGap } = refused;
    if (!isGap) return this.#stop(lane, record, reason);
    this.#log.error({ lane, sequenceNumber: record.sequenceNumber }, reason);
    return record.sequenceNumber;
  }

  /** To find the one that does not fit. */
  async #takeOneByOne(
    lane: number,
    records: readonly StreamRecord[],
    lagsMs: number[],
  ): Promise<string | undefined> {
    for (const record of records) {
      const failed = await this.#takeLane(lane, [record], lagsMs);
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  async #stop(lane: number, record: StreamRecord, reason: string): Promise<undefined> {
    await this.#bury(record, reason);
    await this.#tables.positions.stop(lane, reason);
    this.#log.fatal({ lane, reason }, 'the tables stop at a record of this lane; the others go on');
  }

  async #bury({ partitionKey, sequenceNumber }: StreamRecord, reason: string): Promise<void> {
    await this.#deadLetters.send({ partitionKey, sequenceNumber, reason });
  }
}

function readRecords(records: readonly StreamRecord[], from: number): ReadRecords {
  const fresh: FrameRecord[] = [];
  let through = from;
  for (const record of records) {
    try {
      const frame = readFrame(record.data, TABLE_TYPES);
      const { firstSeq, lastSeq } = frame;
      assert(firstSeq >= 1 && lastSeq >= firstSeq - 1, `not a frame of events: ${firstSeq} to ${lastSeq}`);
      if (firstSeq > through + 1) {
        const reason = `the lane is at sequence ${through} and the next record begins at ${firstSeq}: those between are missing`;
        return { fresh, through, refused: { record, reason, isGap: true } };
      }
      fresh.push(...frame.records.filter(({ id }) => id > through));
      through = Math.max(through, lastSeq);
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof AssertionError)) throw error;
      return { fresh, through, refused: { record, reason: error.message, isGap: false } };
    }
  }
  return { fresh, through };
}
