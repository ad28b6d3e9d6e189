/**
 * How committed events lie in the Kinesis stream: in lanes, each of which keeps the order of everything in it.
 *
 * What the market sees (trades, levels, status) is in the lane of its market, what happens to an account (orders,
 * balances) in the lane of the account, a transfer in that of the account it leaves. A record of the stream is a frame of
 * the codec with the events of one lane from its first to its last sequence; lanes without any get an empty one, so that
 * each lane's sequences have no gap.
 */
import { offsetsOf, type Records, typeOfRecord } from '#domain/codec.ts';
import { events } from '#domain/events.ts';
import type { Shapes } from '#domain/schema.ts';

/** How many there are. Those who read the stream keep a position in each: the number is for good. */
export const LANES = 16;

/** Where a lane's records go: a partition key that names the lane, and a place in the stream's range of hashes. */
export interface LaneKeys {
  readonly PartitionKey: string;
  readonly ExplicitHashKey: string;
}

const PARTITION_KEY = /^lane-(\d{2})$/;

/** Lanes beside each other lie a third of the range apart: the first markets, which are busy, share no shard. */
const STRIDE = 5;
const LANE_WIDTH = 2n ** 128n / BigInt(LANES);

export function laneKeys(lane: number): LaneKeys {
  return {
    PartitionKey: `lane-${String(lane).padStart(2, '0')}`,
    ExplicitHashKey: String(BigInt((lane * STRIDE) % LANES) * LANE_WIDTH),
  };
}

/** Undefined for a partition key that is no lane's. */
export function laneOf(partitionKey: string): number | undefined {
  const match = PARTITION_KEY.exec(partitionKey);
  const lane = Number(match?.[1]);
  return lane < LANES ? lane : undefined;
}

/**
 * Word, from the beginning of a record, with the account or market whose lane an event belongs to. A transfer names two
 * accounts, and travels once; the balances that it leaves to each are in the lane of each.
 */
const ownerOffsets = new Map(
  Object.entries(events as Shapes).flatMap(([type, shape]) => {
    const { account, market, from } = offsetsOf(shape);
    const offset = account ?? market ?? from;
    return offset === undefined ? [] : [[type, offset] as const];
  }),
);

/** The lane of the event whose record begins at `at`; the first one has what belongs to no market or account. */
export function laneOfRecord(records: Records, at: number): number {
  const offset = ownerOffsets.get(typeOfRecord(records, at));
  return offset === undefined ? 0 : records.words[at + offset]! % LANES;
}
