/** The batch with which a leader begins its epoch. */
import { FrameWriter } from '#domain/codec.ts';
import { digestOf } from './batch-outcome.ts';
import type { Batch } from './journal.ts';
import type { Position } from './replica.ts';

/**
 * One `beginEpoch` after `position`. Its outcome is foretold and not tried: a takeover that another engine wins must
 * leave the state as it was.
 */
export function firstBatch(
  { seq: lastSeq, epoch: lastEpoch, timeUs: lastTimeUs, digest }: Position,
  nowUs: number,
): Batch {
  const seq = lastSeq + 1;
  const epoch = lastEpoch + 1;
  const timeUs = Math.max(nowUs, lastTimeUs + 1);
  const writer = new FrameWriter();
  writer.write(seq, timeUs, { type: 'beginEpoch', epoch });
  const commands = writer.finish(seq, seq);
  writer.clear();
  writer.write(seq, timeUs, { type: 'epochBegan', epoch });
  const events = writer.finish(seq, seq);
  return {
    firstSeq: seq,
    lastSeq: seq,
    epoch,
    timeUs,
    commands,
    digest: digestOf(digest, commands, [0], events),
  };
}
