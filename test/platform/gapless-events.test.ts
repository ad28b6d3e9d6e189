/** The events of an engine over a feed that loses, repeats and falls silent. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Frame, FrameWriter, readFrame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { type Answer, EngineUnavailable } from '#platform/engine-client.ts';
import type { EventStream } from '#platform/engine-events.ts';
import { EVENTS_CHANNEL, type Feed, openFeed } from '#platform/feed.ts';
import { GaplessEvents } from '#platform/gapless-events.ts';
import { createLog } from '#platform/log.ts';
import { until } from '#test/support/until.ts';

let feed: Feed;
let events: GaplessEvents;
/** What the follower was given, as `[first, last]`. */
let taken: [number, number][];
let resyncs: number;
/** The last sequence that is committed: what the engine streams and answers goes up to it. */
let committed: number;
/** Streams of the engine that are open. */
let open: number;
let isEngineAway: boolean;

beforeEach(async () => {
  [taken, resyncs, committed, open, isEngineAway] = [[], 0, 0, 0, false];
  feed = await openFeed('');
  events = await GaplessEvents.open({
    engine: { ask },
    feed,
    stream,
    wanted: new Set(),
    log: createLog('test', 'silent'),
    take: ({ firstSeq, lastSeq }) => void taken.push([firstSeq, lastSeq]),
    resync: async () => {
      if (isEngineAway) throw new EngineUnavailable('away', false);
      resyncs++;
      return committed;
    },
  });
});

afterEach(async () => {
  await events.close();
  await feed.close();
});

async function ask(_: Query): Promise<Answer> {
  if (isEngineAway) throw new EngineUnavailable('away', false);
  return { seq: committed as Seq, records: [] };
}

function stream(after: number, onFrame: (frame: Frame) => Promise<void>): EventStream {
  open++;
  let closed = false;
  const ended = (async () => {
    for (let next = after + 1; !closed; ) {
      await new Promise(setImmediate);
      if (isEngineAway || next > committed) continue;
      await onFrame(readFrame(frameOf(next, next)));
      next++;
    }
  })();
  return {
    ended,
    close: async () => {
      if (!closed) open--;
      closed = true;
    },
  };
}

const frameOf = (firstSeq: number, lastSeq: number) => new FrameWriter().finish(firstSeq, lastSeq);

/** Commits up to `lastSeq`, and publishes it unless it is lost. */
function commit(lastSeq: number, isLost = false): void {
  const bytes = frameOf(committed + 1, lastSeq);
  committed = lastSeq;
  if (!isLost) feed.publish(EVENTS_CHANNEL, bytes);
}

const isWhole = () => taken.every(([first], index) => first === (taken[index - 1]?.[1] ?? 0) + 1);
const upToDate = () => until(() => events.seq === committed);

it('takes what the feed brings, and what it repeats only once', async () => {
  commit(3);
  feed.publish(EVENTS_CHANNEL, frameOf(1, 3));
  commit(4);
  await upToDate();
  expect(taken).toEqual([
    [1, 3],
    [4, 4],
  ]);
});

it('gets from the engine what the feed lost, and goes back to the feed', async () => {
  commit(1);
  commit(2, true);
  commit(3, true);
  commit(4);
  await upToDate();
  expect(isWhole()).toBe(true);
  await until(() => open === 0);
  commit(5);
  await upToDate();
  expect(open).toBe(0);
});

it('follows the engine for as long as the feed is silent', async () => {
  commit(1);
  await upToDate();
  for (let seq = 2; seq <= 20; seq++) commit(seq, true);
  await upToDate();
  expect(open).toBe(1);
  commit(21, true);
  await upToDate();
  commit(22);
  await until(() => open === 0);
  expect(isWhole()).toBe(true);
  expect(resyncs).toBe(1);
});

it('waits for an engine that is away, and misses nothing of what the feed brings meanwhile', async () => {
  commit(1);
  await upToDate();
  isEngineAway = true;
  commit(2, true);
  commit(3);
  commit(4);
  await new Promise((resume) => setTimeout(resume, 50));
  expect(events.seq).toBe(1);
  isEngineAway = false;
  await upToDate();
  expect(isWhole()).toBe(true);
});

it('begins anew, instead of going through what was missed, when that is too much', async () => {
  commit(1);
  await upToDate();
  commit(200_000, true);
  commit(200_001);
  await upToDate();
  expect(resyncs).toBe(2);
  expect(open).toBe(0);
  commit(200_002);
  await upToDate();
  expect(taken.at(-1)).toEqual([200_002, 200_002]);
});

it('begins in the middle of a batch that it has a part of', async () => {
  commit(5);
  await upToDate();
  feed.publish(EVENTS_CHANNEL, frameOf(4, 8));
  committed = 8;
  await upToDate();
  expect(taken.at(-1)).toEqual([6, 8]);
});
