/** From the engine by way of the stream to the tables, while the stream is cut into other shards. */

import {
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  type Shard,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Frame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { streamEvents } from '#platform/engine-events.ts';
import { createLog } from '#platform/log.ts';
import { replaceStream } from '#services/local/kinesis.ts';
import { StreamPoller, type StreamPollerOptions } from '#services/local/stream-poller.ts';
import { completeTables } from '#services/projector/rebuild/rebuild.ts';
import type { DeadLetter } from '#services/projector/tables/dead-letters.ts';
import { TableProjector } from '#services/projector/tables/table-projector.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { randomSteps, type Step } from '#test/engine/matching/random-commands.ts';
import {
  expectedTables,
  storedTables,
  TABLES,
  type TestTables,
  testTables,
} from '#test/projector/tables/tables.ts';
import { type RunningEngine, startEngineService } from '#test/support/engine-service.ts';
import { STREAM, type TestStream, testStream } from '#test/support/kinesis.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const POLL_MS = 20;
const log = createLog('test', 'silent');
let database: TestDatabase;
let stream: TestStream;
let tables: TestTables;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  database = await testDatabase();
  stream = await testStream();
  tables = await testTables();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await tables.close();
  await stream.close();
  await database.drop();
});

async function startEngine(): Promise<RunningEngine> {
  const values = { STREAM_NAME: STREAM, KINESIS_ENDPOINT: stream.endpoint, MARKETS: noListings };
  const engine = await startEngineService(database.url, values);
  closing.push(engine.close);
  return engine;
}

/** The random run lists its own. */
const noListings = { assets: [], markets: [] };

/** Everything that the journal has, up to `seq`. */
async function journalled(engineUrl: string, seq: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  const whole = Promise.withResolvers<void>();
  const events = streamEvents(engineUrl, 0 as Seq, async (frame) => {
    frames.push(frame);
    if (frame.lastSeq === seq) whole.resolve();
  });
  await whole.promise;
  await events.close();
  return frames;
}

const steps = randomSteps(seededRandom(11), 600);

/** Listings, deposits and sessions, one after another. */
async function begin(client: EngineClient): Promise<void> {
  for (const { command } of steps.slice(0, 60)) await client.execute(command);
}

async function execute(client: EngineClient, some: readonly Step[]): Promise<void> {
  for (let at = 0; at < some.length; at += 10)
    // Some ask on purpose for what the engine has forgotten.
    await Promise.allSettled(some.slice(at, at + 10).map(({ command }) => client.execute(command)));
}

function poll(betweenRounds?: StreamPollerOptions['betweenRounds']): StreamPoller {
  const deadLetters = {
    send: async (letter: DeadLetter) => {
      throw new Error(`a dead letter: ${JSON.stringify(letter)}`);
    },
  };
  const projector = new TableProjector(new Tables(tables.documents, TABLES), { deadLetters, log });
  const take = projector.take.bind(projector);
  return new StreamPoller({ kinesis: stream.kinesis, streamName: STREAM, take, betweenRounds, log });
}

/** Resolves to the last sequence, once every lane is there. */
async function tablesCaughtUp(client: EngineClient): Promise<number> {
  const { seq } = await client.ask({ type: 'listings' });
  const { positions } = new Tables(tables.documents, TABLES);
  while ((await positions.all()).some(({ through }) => through < seq))
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  return seq;
}

it('tables are a fold of the journal, across splits and merges of shards and a change of the leader', async () => {
  const first = await startEngine();
  let poller = poll();
  closing.push(() => poller.close());
  let client = connectEngine(first.url);
  const trade = (from: number, to: number) => execute(client, steps.slice(from, to));
  await begin(client);
  const [shard] = await openShards(stream.kinesis);
  await Promise.all([trade(60, 200), split(stream.kinesis, shard!)]);
  await Promise.all([trade(200, 300), mergeFirstTwo(stream.kinesis)]);
  // Somebody else reads on, from the beginning.
  await poller.close();
  poller = poll();

  await client.close();
  await closing.splice(closing.indexOf(first.close), 1)[0]!();
  const second = await startEngine();
  client = connectEngine(second.url);
  closing.push(() => client.close());
  await Promise.all([trade(300, 600), split(stream.kinesis, (await openShards(stream.kinesis)).at(-1)!)]);

  const seq = await tablesCaughtUp(client);
  expect((await allShards(stream.kinesis)).length).toBeGreaterThan(6);
  const expected = expectedTables(await journalled(second.url, seq));
  expect(expected.klines.length).toBeGreaterThan(20);
  expect(await storedTables(tables.documents)).toEqual(expected);
}, 240_000);

it('tables miss nothing when an empty stream takes the place of the one that has grown too large', async () => {
  const engine = await startEngine();
  const client = connectEngine(engine.url);
  closing.push(() => client.close());
  let replaced = 0;
  const poller = poll(async (bytesRead) => {
    if (bytesRead < 20_000) return false;
    await replaceStream(stream.kinesis, STREAM);
    await completeTables(new Tables(tables.documents, TABLES), engine.url);
    replaced++;
    return true;
  });
  closing.push(() => poller.close());
  await begin(client);
  await execute(client, steps.slice(60, 400));
  const seq = await tablesCaughtUp(client);
  expect(replaced).toBeGreaterThan(0);
  expect(await storedTables(tables.documents)).toEqual(expectedTables(await journalled(engine.url, seq)));
}, 240_000);

type NamedShard = Shard & { readonly ShardId: string };

async function allShards(kinesis: KinesisClient): Promise<NamedShard[]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: STREAM }));
  return Shards as NamedShard[];
}

async function openShards(kinesis: KinesisClient): Promise<NamedShard[]> {
  const shards = await allShards(kinesis);
  return shards.filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined);
}

async function split(kinesis: KinesisClient, { ShardId, HashKeyRange }: NamedShard): Promise<void> {
  const { StartingHashKey, EndingHashKey } = HashKeyRange!;
  const middle = (BigInt(StartingHashKey!) + BigInt(EndingHashKey!) + 1n) / 2n;
  const before = (await openShards(kinesis)).length;
  await kinesis.send(
    new SplitShardCommand({ StreamName: STREAM, ShardToSplit: ShardId, NewStartingHashKey: String(middle) }),
  );
  while ((await openShards(kinesis)).length === before) await new Promise((resume) => setTimeout(resume, 5));
}

async function mergeFirstTwo(kinesis: KinesisClient): Promise<void> {
  const open = await openShards(kinesis);
  const byPlace = open.toSorted((a, b) =>
    BigInt(a.HashKeyRange!.StartingHashKey!) < BigInt(b.HashKeyRange!.StartingHashKey!) ? -1 : 1,
  );
  const [first, second] = byPlace;
  await kinesis.send(
    new MergeShardsCommand({
      StreamName: STREAM,
      ShardToMerge: first!.ShardId,
      AdjacentShardToMerge: second!.ShardId,
    }),
  );
  while ((await openShards(kinesis)).length === open.length)
    await new Promise((resume) => setTimeout(resume, 5));
}
