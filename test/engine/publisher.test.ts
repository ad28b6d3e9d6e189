import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFrame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { CommittedEvents } from '#services/engine/committed-events.ts';
import { EventTail } from '#services/engine/event-tail.ts';
import type { Head } from '#services/engine/journal.ts';
import { Publisher } from '#services/engine/publisher.ts';
import { deposit, noSnapshots } from '#test/support/engine.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('a publisher', () => {
  const frame = (seq: number) => ({ firstSeq: seq, lastSeq: seq, bytes: Uint8Array.of(seq % 256) });

  function start(after: number, publish: (frame: Uint8Array) => Promise<void> | void) {
    const tail = new EventTail(0);
    for (let seq = 1; seq <= 5; seq++) tail.push(frame(seq));
    const journal = { head: async () => ({ lastSeq: tail.lastSeq }) as Head, async *read() {} };
    const events = new CommittedEvents({ journal, snapshots: noSnapshots, replica: { tail } });
    const failures: unknown[] = [];
    const publisher = new Publisher({ events, after, publish, onFailure: (error) => failures.push(error) });
    closing.push(() => publisher.close());
    return { tail, publisher, failures };
  }

  it('goes on after what was published, in order, and knows how far it has come', async () => {
    const seen: number[] = [];
    const { tail, publisher } = start(2, ([byte]) => void seen.push(byte!));
    await until(() => publisher.published === 5);
    tail.push(frame(6));
    await until(() => publisher.published === 6);
    expect(seen).toEqual([3, 4, 5, 6]);
  });

  it('waits for a slow stream, holds up nobody, and counts nothing before it is there', async () => {
    const waiting: (() => void)[] = [];
    const { tail, publisher } = start(0, () => new Promise((resolve) => waiting.push(resolve)));
    await until(() => waiting.length === 1);
    for (let seq = 6; seq <= 100; seq++) tail.push(frame(seq));
    expect(publisher.published).toBe(0);
    waiting[0]!();
    await until(() => waiting.length === 2);
    expect(publisher.published).toBe(1);
    const closed = publisher.close();
    waiting[1]!();
    await closed;
    expect(publisher.published).toBe(2);
  });

  it('tells of a stream that fails', async () => {
    const { failures } = start(0, async () => {
      throw new Error('the stream is gone');
    });
    await until(() => failures.length === 1);
    expect(String(failures[0])).toContain('the stream is gone');
  });
});

describe('what a leader had not published', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
    closing.push(() => database.drop());
  });

  it('is published by the next', async () => {
    const stuck = { publish: () => {}, subscribe: async () => async () => {}, close: async () => {} };
    const first = await startEngineService(database.url, {}, { feed: stuck });
    const client = connectEngine(first.url);
    await client.execute(deposit(1, 5, 'a'));
    await client.execute(deposit(1, 5, 'b'));
    await client.close();
    await first.close();
    // As if it had been killed before the last two: what it noted with its last write is what counts.
    await database.db
      .updateTable('engine.head')
      .set((row) => ({ published: row('last_seq', '-', 2 as Seq) }))
      .execute();
    const published: Uint8Array[] = [];
    const feed = { ...stuck, publish: (_: string, bytes: Uint8Array) => void published.push(bytes) };
    const second = await startEngineService(database.url, {}, { feed });
    closing.push(second.close);
    await until(() => published.length === 3);
    const types = published.map((bytes) => readFrame(bytes).records[0]!.message.type);
    expect(types).toEqual(['deposited', 'deposited', 'epochBegan']);
  });
});
