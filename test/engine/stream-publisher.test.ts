/** Committed events on their way to Kinesis: a real server of its protocol, behind a proxy that refuses. */
import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Frame, readFrame } from '#domain/codec.ts';
import { openKinesis } from '#platform/kinesis.ts';
import { LANES, laneKeys, laneOf } from '#platform/lanes.ts';
import { createLog } from '#platform/log.ts';
import { CommittedEvents } from '#services/engine/committed-events.ts';
import { EventTail } from '#services/engine/event-tail.ts';
import type { Head } from '#services/engine/journal.ts';
import { LaneFrames, RECORD_BYTES_MAX } from '#services/engine/lane-frames.ts';
import { StreamPublisher } from '#services/engine/stream-publisher.ts';
import { engineRun } from '#test/projector/engine-run.ts';
import { frame, record, trade } from '#test/projector/events.ts';
import { noSnapshots } from '#test/support/engine.ts';
import {
  encoded,
  eventsByLane,
  expectedByLane,
  type Fate,
  reaches,
  readStream,
  STREAM,
  startKinesisProxy,
  type TestStream,
  testStream,
} from '#test/support/kinesis.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { until } from '#test/support/until.ts';

let stream: TestStream;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  stream = await testStream();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await stream.close();
});

function tailOf(frames: readonly Frame[]): EventTail {
  const tail = new EventTail(frames[0]!.firstSeq - 1);
  for (const one of frames) tail.push(encoded(one));
  return tail;
}

function publish(tail: EventTail, after: number, endpoint = stream.endpoint): StreamPublisher {
  const journal = { head: async () => ({ lastSeq: tail.lastSeq }) as Head, async *read() {} };
  const events = new CommittedEvents({ journal, snapshots: noSnapshots, replica: { tail } });
  const kinesis = openKinesis(endpoint);
  const log = createLog('engine', 'silent');
  const publisher = new StreamPublisher({ events, after, kinesis, streamName: STREAM, log });
  closing.push(async () => {
    await publisher.close();
    kinesis.destroy();
  });
  return publisher;
}

/** Behind a proxy that takes every third request as it is, and treats the others as chance has it. */
async function unreliable(random: () => number) {
  const fates: Fate[] = ['throttled', 'partly', 'unanswered'];
  let requests = 0;
  const proxy = await startKinesisProxy(stream.endpoint, () =>
    requests++ % 3 === 2 ? 'taken' : fates[Math.floor(random() * fates.length)]!,
  );
  closing.push(proxy.close);
  return proxy;
}

describe('committed events in the stream', () => {
  it('are all there, each account’s and each market’s in order, and every lane tells how far it is', async () => {
    const frames = engineRun(seededRandom(3), 400);
    const tail = tailOf(frames);
    const publisher = publish(tail, 0);
    const seq = frames.at(-1)!.lastSeq;
    await until(() => publisher.published === seq);
    const records = await readStream(stream.kinesis, reaches(seq));
    expect(eventsByLane(records)).toEqual(expectedByLane(frames));
  });

  it('share records: what waits goes together', async () => {
    const frames = engineRun(seededRandom(4), 400);
    const publisher = publish(tailOf(frames), 0);
    const seq = frames.at(-1)!.lastSeq;
    await until(() => publisher.published === seq);
    const records = await readStream(stream.kinesis, reaches(seq));
    expect(frames.length).toBeGreaterThan(50);
    expect(records).toHaveLength(LANES);
  });

  it('are not lost, and keep their order, while Kinesis throttles, takes a part, and leaves requests unanswered', async () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`unreliable Kinesis: seed ${seed}\n`);
    const random = seededRandom(seed);
    const frames = engineRun(random, 600);
    const proxy = await unreliable(random);
    const tail = new EventTail(0);
    const publisher = publish(tail, 0, proxy.endpoint);
    for (const one of frames) {
      tail.push(encoded(one));
      // Now and then, so that there are many rounds.
      if (random() < 0.1) await until(() => publisher.published === one.lastSeq);
    }
    const seq = frames.at(-1)!.lastSeq;
    await until(() => publisher.published === seq);
    expect(new Set(proxy.fates).size).toBe(4);
    const records = await readStream(stream.kinesis, reaches(seq));
    expect(eventsByLane(records)).toEqual(expectedByLane(frames));
  }, 60_000);

  it('are as old as the oldest that the stream lacks, though no more of them come, and not at all once it has all', async () => {
    const agoMs = 60_000;
    const committedAt = (seq: number) =>
      encoded(frame(seq, seq, record(seq, (Date.now() - agoMs) * 1_000, trade({ tradeId: seq }))));
    let fate: Fate = 'throttled';
    const proxy = await startKinesisProxy(stream.endpoint, () => fate);
    closing.push(proxy.close);
    const tail = new EventTail(0);
    const publisher = publish(tail, 0, proxy.endpoint);
    expect(publisher.ageMs).toBe(0);
    tail.push(committedAt(1));
    await until(() => proxy.fates.length > 1);
    const before = publisher.ageMs;
    expect(before).toBeGreaterThanOrEqual(agoMs);
    expect(before).toBeLessThan(2 * agoMs);
    tail.push(encoded(frame(2, 2, record(2, Date.now() * 1_000, trade({ tradeId: 2 })))));
    await until(() => publisher.ageMs > before);
    fate = 'taken';
    await until(() => publisher.published === 2);
    expect(publisher.ageMs).toBe(0);
  });

  it('that a leader before has left are old from the beginning', async () => {
    const proxy = await startKinesisProxy(stream.endpoint, () => 'throttled');
    closing.push(proxy.close);
    const publisher = publish(tailOf(engineRun(seededRandom(6), 30)), 0, proxy.endpoint);
    await until(() => publisher.ageMs > 0);
  });

  it('count as published when all lanes have them, not before', async () => {
    const frames = engineRun(seededRandom(5), 50);
    let fate: Fate = 'partly';
    const proxy = await startKinesisProxy(stream.endpoint, () => fate);
    closing.push(proxy.close);
    const publisher = publish(tailOf(frames), 0, proxy.endpoint);
    // Each time half of what is left is taken; the last record never.
    await until(() => proxy.fates.length > 3);
    fate = 'throttled';
    expect(publisher.published).toBe(0);
    fate = 'taken';
    await until(() => publisher.published === frames.at(-1)!.lastSeq);
  });

  it('go on where the last leader stopped, and what it had sent beyond comes again, cut otherwise', async () => {
    const frames = engineRun(seededRandom(6), 300);
    const middle = frames[Math.floor(frames.length / 2)]!.lastSeq;
    const first = publish(tailOf(frames.filter(({ lastSeq }) => lastSeq <= middle)), 0);
    await until(() => first.published === middle);
    await first.close();
    const before = frames[Math.floor(frames.length / 3)]!.lastSeq;
    const second = publish(tailOf(frames), before);
    const seq = frames.at(-1)!.lastSeq;
    await until(() => second.published === seq);
    const records = await readStream(stream.kinesis, reaches(seq));
    expect(eventsByLane(records)).toEqual(expectedByLane(frames));
  });

  it('wait while there is no Kinesis, and closing does not', async () => {
    const publisher = publish(tailOf(engineRun(seededRandom(7), 20)), 0, 'http://127.0.0.1:1');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(publisher.published).toBe(0);
    const began = performance.now();
    await publisher.close();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('a lane', () => {
  it('is cut into records of ten payload units, within a sequence too, each of which says what it completes', () => {
    // One command that trades ten thousand times: 1.4 MB in one lane.
    const records = Array.from({ length: 10_000 }, (_, at) =>
      record(2, 20, trade({ market: 3, tradeId: at + 1 })),
    );
    const lanes = new LaneFrames(0);
    lanes.add(encoded(frame(1, 1, record(1, 10, trade({ market: 3, tradeId: 0 })))));
    lanes.add(encoded(frame(2, 2, ...records)));
    const [, , , third] = lanes.take();
    const parts = third!.map((bytes) => readFrame(bytes));
    expect(parts.length).toBeGreaterThan(5);
    for (const bytes of third!) expect(bytes.length).toBeLessThanOrEqual(RECORD_BYTES_MAX);
    expect(parts.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 1],
      ...parts.slice(2).map(() => [2, 1]),
      [2, 2],
    ]);
    const ids = parts.flatMap((part) =>
      part.records.map(({ message }) => 'tradeId' in message && message.tradeId),
    );
    expect(ids).toEqual(Array.from({ length: 10_001 }, (_, at) => at));
  });

  it('has a partition key and a place of its own among the hashes, spread over any number of shards up to theirs', () => {
    const lanes = Array.from({ length: LANES }, (_, lane) => laneKeys(lane));
    expect(lanes.map(({ PartitionKey }) => laneOf(PartitionKey))).toEqual(lanes.map((_, lane) => lane));
    expect(laneOf('lane-16')).toBeUndefined();
    expect(laneOf('BTCUSDT')).toBeUndefined();
    for (const shards of [2, 4, 8, 16]) {
      const width = 2n ** 128n / BigInt(shards);
      const inShard = lanes.map(({ ExplicitHashKey }) => Number(BigInt(ExplicitHashKey) / width));
      const counts = Map.groupBy(inShard, (shard) => shard);
      expect([...counts.values()].map(({ length }) => length)).toEqual(
        Array.from({ length: shards }, () => LANES / shards),
      );
      // The first markets, which are busy.
      if (shards >= 4) expect(new Set(inShard.slice(0, 4)).size).toBe(4);
    }
  });
});
