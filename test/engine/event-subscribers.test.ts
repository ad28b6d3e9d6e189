import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type Frame, FrameWriter, openFrame, readFrame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { EventGapError, type EventStream, streamEvents } from '#platform/engine-events.ts';
import { migrate } from '#platform/postgres.ts';
import type { EventFrame } from '#services/engine/batch-outcome.ts';
import { CommittedEvents } from '#services/engine/committed-events.ts';
import { EventSubscribers } from '#services/engine/event-subscribers.ts';
import { EventTail } from '#services/engine/event-tail.ts';
import type { Batch, Head } from '#services/engine/journal.ts';
import { migrations } from '#services/engine/migrations.ts';
import { Replica } from '#services/engine/replica.ts';
import { deposit, listCoin, noSnapshots, serveEvents, startTestEngine } from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Follows the events until `lastSeq`; returns the frames. */
async function collect(url: string, after: number, lastSeq: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  let stream: EventStream | undefined;
  await new Promise<void>((resolve, reject) => {
    stream = streamEvents(url, after as Seq, async (frame) => {
      frames.push(frame);
      if (frame.lastSeq >= lastSeq) resolve();
    });
    stream.ended.catch(reject);
  });
  await stream?.close();
  return frames;
}

const seqsOf = (frames: Frame[]) => frames.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]);

describe('an engine', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.db, 'engine', migrations);
    closing.push(() => database.drop());
  });

  it('sends the committed events of every batch, refusals included, before and after the subscription', async () => {
    const engine = await startTestEngine(database.db);
    const client = connectEngine(engine.url);
    closing.push(engine.close, () => client.close());
    await client.execute(listCoin);
    await client.execute(listCoin);
    const following = collect(engine.url, 0, 5);
    await client.execute(deposit(1, 5, 'a'));
    await client.execute(deposit(1, 6, 'b'));
    const frames = await following;
    expect(seqsOf(frames)).toEqual([1, 2, 3, 4, 5].map((seq) => [seq, seq]));
    expect(frames.map(({ records }) => records.map(({ message }) => message.type))).toEqual([
      ['epochBegan'],
      ['assetListed'],
      [],
      ['deposited', 'balance'],
      ['deposited', 'balance'],
    ]);
  });

  it('cuts the first frame when asked for in the middle of a batch', async () => {
    const engine = await startTestEngine(database.db);
    const client = connectEngine(engine.url);
    closing.push(engine.close, () => client.close());
    await client.execute(listCoin);
    await Promise.all([1, 2, 3, 4].map((at) => client.execute(deposit(1, at, `${at}`))));
    const frames = await collect(engine.url, 4, 6);
    expect(seqsOf(frames)).toEqual([[5, 6]]);
    expect(frames[0]!.records.map(({ id }) => id)).toEqual([5, 5, 6, 6]);
  });

  it('gives the same events after a restart', async () => {
    const first = await startTestEngine(database.db);
    const client = connectEngine(first.url);
    await client.execute(listCoin);
    await Promise.all(Array.from({ length: 50 }, (_, at) => client.execute(deposit(1, 5, `${at}`))));
    const before = await collect(first.url, 0, 52);
    await client.close();
    await first.close();
    const second = await startTestEngine(database.db);
    closing.push(second.close);
    expect(await collect(second.url, 0, 52)).toEqual(before);
  });

  it('turns away a reader whose history is longer than the journal', async () => {
    const engine = await startTestEngine(database.db);
    closing.push(engine.close);
    const stream = streamEvents(engine.url, 7 as Seq, async () => {});
    await expect(stream.ended).rejects.toThrow(
      new EventGapError("sequence 7 is beyond the journal's end at 1"),
    );
  });
});

/** More batches than the tail keeps, a refused command each, and their events. */
function writeHistory(count: number): { batches: Batch[]; frames: EventFrame[] } {
  const replica = new Replica();
  const batches: Batch[] = [];
  const frames: EventFrame[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const writer = new FrameWriter();
    writer.write(seq, seq, listCoin);
    const commands = writer.finish(seq, seq);
    const frame = openFrame(commands);
    replica.outcome.apply(frame, frame.start);
    const { digest, events } = replica.outcome.seal(seq, commands, replica.position.digest);
    const batch = { firstSeq: seq, lastSeq: seq, epoch: 1, timeUs: seq, commands, digest };
    replica.advance(batch, events);
    batches.push(batch);
    frames.push(events);
  }
  return { batches, frames };
}

describe('a subscriber', () => {
  const { batches, frames: history } = writeHistory(9_000);

  /** What has left the tail is in the journal. */
  function subscribersOf(tail: EventTail): EventSubscribers {
    const journal = {
      head: async () => ({ lastSeq: tail.lastSeq }) as Head,
      async *read(after: number) {
        yield* batches.slice(after, tail.lastSeq);
      },
    };
    return new EventSubscribers(new CommittedEvents({ journal, snapshots: noSnapshots, replica: { tail } }));
  }

  async function start(frames: readonly EventFrame[]) {
    const tail = new EventTail(0);
    for (const frame of frames) tail.push(frame);
    const server = await serveEvents(subscribersOf(tail));
    closing.push(server.close);
    return { tail, url: server.url };
  }

  it('is served from the journal until it meets the tail', async () => {
    const { url, tail } = await start(history);
    expect(tail.after(0)).toBeUndefined();
    const frames = await collect(url, 10, 9_000);
    expect(frames).toHaveLength(8_990);
    expect(frames[0]!.firstSeq).toBe(11);
  });

  it('is not read ahead of while it handles a frame, and misses nothing for it', async () => {
    const { url, tail } = await start(history.slice(0, 1));
    let handled = 0;
    const stream = streamEvents(url, 0 as Seq, async () => {
      handled++;
      if (handled <= 20) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    closing.push(() => stream.close());
    for (const frame of history.slice(1, 5_000)) tail.push(frame);
    await until(() => handled === 5_000);
  });

  it('that stops reading holds up nobody, and goes on from the journal when the tail has moved on', async () => {
    const { url, tail } = await start(history.slice(0, 1));
    const socket = new WebSocket(`${url}/events?from=0`);
    closing.push(async () => socket.terminate());
    await new Promise((resolve) => socket.once('message', resolve));
    socket.pause();
    for (const frame of history.slice(1)) tail.push(frame);
    expect(tail.after(1)).toBeUndefined();
    let last = 1;
    socket.on('message', (data) => {
      const { firstSeq, lastSeq } = readFrame(data as Buffer);
      expect(firstSeq).toBe(last + 1);
      last = lastSeq;
    });
    socket.resume();
    await until(() => last === 9_000);
  });

  it('resumes where it was after its connection is lost', async () => {
    const { url, tail } = await start(history.slice(0, 5));
    const seen: number[] = [];
    const stream = streamEvents(url, 0 as Seq, async ({ lastSeq }) => void seen.push(lastSeq));
    closing.push(() => stream.close());
    await until(() => seen.length === 5);
    await closing.shift()!();
    const port = Number(new URL(url).port);
    for (const frame of history.slice(5, 9)) tail.push(frame);
    closing.unshift((await serveEvents(subscribersOf(tail), port)).close);
    await until(() => seen.length === 9);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('ends with what its handler throws', async () => {
    const { url } = await start(history.slice(0, 5));
    const stream = streamEvents(url, 0 as Seq, async ({ lastSeq }) => {
      if (lastSeq === 3) throw new Error('the database is gone');
    });
    await expect(stream.ended).rejects.toThrow('the database is gone');
  });
});
