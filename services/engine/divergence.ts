/** Says where this program decides otherwise than the leader's: at which command, and what each makes of it. */
import { isDeepStrictEqual } from 'node:util';
import { type Frame, type FrameRecord, readFrame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { streamEvents } from '#platform/engine-events.ts';
import type { DivergenceError } from './replica.ts';

/** The leader has the events in memory; without them only the batch can be named. */
const LEADER_TIMEOUT_MS = 3_000;

export interface Divergence {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The first command with other events; null when the leader could not be asked, or refuses it with another code. */
  readonly seq: number | null;
  readonly command: unknown;
  /** The first event that differs, as it is here and at the leader; null for none. */
  readonly here: unknown;
  readonly leader: unknown;
}

export async function explainDivergence(
  { batch, events }: DivergenceError,
  leaderUrl: string | null,
): Promise<Divergence> {
  const { firstSeq, lastSeq } = batch;
  const theirs = leaderUrl === null ? undefined : await fetchFrame(leaderUrl, firstSeq, lastSeq);
  if (theirs === undefined) return { firstSeq, lastSeq, seq: null, command: null, here: null, leader: null };
  const ours = readFrame(events.bytes).records;
  const at = firstDifference(ours, theirs);
  // With equal events it is the code of a refusal that differs, and those are in no event.
  if (at >= ours.length && at >= theirs.length)
    return { firstSeq, lastSeq, seq: null, command: null, here: null, leader: null };
  const seq = Math.min(ours[at]?.id ?? lastSeq, theirs[at]?.id ?? lastSeq);
  const command = readFrame(batch.commands).records.find(({ id }) => id === seq)?.message;
  const ofSeq = (record: FrameRecord | undefined) => (record?.id === seq ? record.message : null);
  return { firstSeq, lastSeq, seq, command, here: ofSeq(ours[at]), leader: ofSeq(theirs[at]) };
}

function firstDifference(ours: readonly FrameRecord[], theirs: readonly FrameRecord[]): number {
  const length = Math.max(ours.length, theirs.length);
  for (let at = 0; at < length; at++) if (!isDeepStrictEqual(ours[at], theirs[at])) return at;
  return length;
}

/** The leader's events of a batch. */
async function fetchFrame(
  url: string,
  firstSeq: number,
  lastSeq: number,
): Promise<Frame['records'] | undefined> {
  const found = Promise.withResolvers<Frame['records'] | undefined>();
  const records: FrameRecord[] = [];
  const stream = streamEvents(url, (firstSeq - 1) as Seq, async (frame) => {
    records.push(...frame.records);
    if (frame.lastSeq >= lastSeq) found.resolve(records.filter(({ id }) => id <= lastSeq));
  });
  stream.ended.catch(() => found.resolve(undefined));
  const timer = setTimeout(() => found.resolve(undefined), LEADER_TIMEOUT_MS);
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
    await stream.close();
  }
}
