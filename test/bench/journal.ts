/**
 * `npm run bench:journal`: durable commands a second through the sequencer and the real journal, at several limits of a
 * batch, each beside a bare INSERT of as many bytes in the same run; then how long a start takes: replaying a million
 * commands, and loading a snapshot with a million resting orders. Medians of the rounds; ratios are what counts.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { FrameWriter, recordWords } from '#domain/codec.ts';
import { openBlobStore } from '#platform/blob-store.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createLog } from '#platform/log.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { firstBatch } from '#services/engine/first-batch.ts';
import type { Batch } from '#services/engine/journal.ts';
import { migrations } from '#services/engine/migrations.ts';
import { PostgresJournal, readBatches } from '#services/engine/postgres-journal.ts';
import { Replica } from '#services/engine/replica.ts';
import { ReplyBuffer } from '#services/engine/reply-buffer.ts';
import { Sequencer } from '#services/engine/sequencer.ts';
import { Snapshots } from '#services/engine/snapshots.ts';
import { noBlobs } from '#test/support/engine.ts';
import { startTestServer } from '#test/support/postgres-server.ts';
import { setUp, toCommand } from './engine/commands.ts';
import { generate, type Plan } from './engine/workloads.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    /** A tenth of the commands. */
    quick: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const scale = options.quick ? 0.1 : 1;
const print = (line = '') => process.stdout.write(`${line}\n`);
const progress = (line: string) => process.stderr.write(`  … ${line}\n`);

/** Most commands in a batch, and how many are executed in a round. */
const LIMITS = [
  { limit: 1, commands: 5_000 },
  { limit: 16, commands: 60_000 },
  { limit: 256, commands: 200_000 },
  { limit: 1_024, commands: 200_000 },
];
const PLAN: Plan = {
  workload: 'W2',
  operations: 200_000,
  resting: 10_000,
  accounts: 1_000,
  markets: 1,
  seed: Number(options.seed),
  hasIds: true,
};

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const perSecond = (rate: number) => `${(rate / 1_000).toFixed(1).padStart(8)} k/s`;

interface Requests {
  readonly frame: FrameWriter;
  readonly starts: readonly number[];
  /** Where what comes before the clock starts ends. */
  readonly first: number;
}

function encode(): Requests {
  const { prefill, measured } = generate(PLAN);
  const frame = new FrameWriter();
  const starts: number[] = [];
  const put = (command: Parameters<FrameWriter['write']>[2]) => {
    starts.push(frame.length);
    frame.write(starts.length, 0, command);
  };
  for (const command of setUp(PLAN.accounts, PLAN.markets)) put(command);
  for (const operation of prefill) put(toCommand(operation));
  const first = starts.length;
  for (const operation of measured) put(toCommand(operation));
  return { frame, starts, first };
}

interface Measured {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly batches: readonly Batch[];
}

/** Keeps two batches' worth of requests waiting until all are answered. */
async function runJournal(
  db: Kysely<Database>,
  requests: Requests,
  limit: number,
  commands: number,
): Promise<Measured> {
  const journal = new PostgresJournal(db, db, noBlobs);
  const replica = new Replica();
  const head = await journal.head();
  const first = firstBatch(replica.position, systemClock.nowUs());
  await journal.takeOver(head, { address: 'ws://bench:1', deployment: 'bench' }, first);
  replica.follow(first);
  const batches: Batch[] = [];
  const failed = Promise.withResolvers<never>();
  const sequencerOf = (batchCommandsMax: number) =>
    new Sequencer({
      replica,
      epoch: first.epoch,
      append: (batch) => {
        batches.push(batch);
        return journal.append(batch, 0);
      },
      confirm: async () => {},
      batchCommandsMax,
      clock: systemClock,
      onFailure: failed.reject,
    });
  const fill = new Submitter(sequencerOf(1_024), requests);
  await Promise.race([fill.run(0, requests.first, 2_048), failed.promise]);
  batches.length = 0;
  const measured = new Submitter(sequencerOf(limit), requests);
  const began = performance.now();
  await Promise.race([measured.run(requests.first, requests.first + commands, 2 * limit), failed.promise]);
  const seconds = (performance.now() - began) / 1_000;
  const tookMs = measured.tookMs.toSorted();
  return {
    rate: commands / seconds,
    p50Ms: tookMs[commands >> 1]!,
    p99Ms: tookMs[Math.floor(commands * 0.99)]!,
    batches,
  };
}

/** One client that keeps so many requests under way, a frame of replies at a time. */
class Submitter {
  tookMs = new Float64Array(0);
  readonly #sequencer: Sequencer;
  readonly #requests: Requests;

  constructor(sequencer: Sequencer, requests: Requests) {
    this.#sequencer = sequencer;
    this.#requests = requests;
  }

  async run(from: number, to: number, underWay: number): Promise<void> {
    const { frame, starts } = this.#requests;
    this.tookMs = new Float64Array(to - from);
    const sentMs = new Float64Array(to - from);
    const done = Promise.withResolvers<void>();
    let next = from;
    let answered = 0;
    const submit = () => {
      for (; next < to && next - from - answered < underWay; next++) {
        sentMs[next - from] = performance.now();
        if (!this.#sequencer.submit(frame, starts[next]!, replies)) throw new Error('not taken');
      }
    };
    const replies = new ReplyBuffer((bytes) => {
      const nowMs = performance.now();
      for (const count = answered + repliesIn(bytes); answered < count; answered++)
        this.tookMs[answered] = nowMs - sentMs[answered]!;
      if (answered === to - from) done.resolve();
      else submit();
    });
    submit();
    await done.promise;
  }
}

/** Replies in the order of the requests: heads, each with the number of records that follow it. */
function repliesIn(bytes: Uint8Array): number {
  const words = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const records = { words, ints: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), bytes };
  let count = 0;
  for (let at = 4; at < words.length; ) {
    const code = records.ints[at * 2]!;
    // 161 is a refusal, without records; the others say how many follow.
    let following = code === 161 ? 0 : words[at + 4]!;
    for (at += recordWords(records, at); following > 0; following--) at += recordWords(records, at);
    count++;
  }
  return count;
}

/** The same rows, one after another, into a table without anything else. */
async function runBare(db: Kysely<Database>, batches: readonly Batch[], commands: number): Promise<number> {
  await sql`create table if not exists bare (shard int, first_seq int8, commands bytea, primary key (shard, first_seq))`.execute(
    db,
  );
  await sql`alter table bare alter column commands set storage external`.execute(db);
  const began = performance.now();
  for (const { firstSeq, commands: bytes } of batches)
    await sql`insert into bare values (0, ${firstSeq}::int8, ${bytes}::bytea)`.execute(db);
  const seconds = (performance.now() - began) / 1_000;
  await sql`drop table bare`.execute(db);
  return commands / seconds;
}

async function withDatabase<T>(serverUrl: string, work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  const admin = openDatabase(serverUrl, { connectionsMax: 1 });
  const name = `bench_${process.pid}`;
  await sql.raw(`create database ${name}`).execute(admin);
  const url = new URL(serverUrl);
  url.pathname = name;
  const db = openDatabase(url.href, {
    connectionsMax: 2,
    settings: { synchronous_commit: 'on' },
    prepared: true,
  });
  try {
    await migrate(db, 'engine', migrations);
    return await work(db);
  } finally {
    await db.destroy();
    await sql.raw(`drop database ${name} with (force)`).execute(admin);
    await admin.destroy();
  }
}

interface Entry {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

async function benchLimit(
  serverUrl: string,
  requests: Requests,
  limit: number,
  commands: number,
): Promise<Entry> {
  const results: (Measured & { ratio: number; bare: number })[] = [];
  for (let round = 0; round <= rounds; round++) {
    progress(`batches of at most ${limit}: round ${round} of ${rounds}`);
    await withDatabase(serverUrl, async (db) => {
      const measured = await runJournal(db, requests, limit, commands);
      const bare = await runBare(db, measured.batches, commands);
      // The first round warms up.
      if (round > 0) results.push({ ...measured, bare, ratio: measured.rate / bare });
    });
  }
  const of = (pick: (result: (typeof results)[number]) => number) => median(results.map(pick));
  const [rate, bare, ratio] = [of(({ rate }) => rate), of(({ bare }) => bare), of(({ ratio }) => ratio)];
  const [p50Ms, p99Ms] = [of(({ p50Ms }) => p50Ms), of(({ p99Ms }) => p99Ms)];
  print(
    `${String(limit).padStart(6)} ${perSecond(rate)}   bare INSERT ${perSecond(bare)}   ratio ${ratio.toFixed(2)}` +
      `   p50 ${p50Ms.toFixed(2)} ms   p99 ${p99Ms.toFixed(2)} ms`,
  );
  const ratios = { 'bare-insert': Number(ratio.toFixed(3)) };
  return { name: `journal/${limit}`, value: Math.round(rate), unit: 'commands/s', ratios, p50Ms, p99Ms };
}

/** A journal of so many commands, replayed into a new replica; seconds for a million of them. */
async function benchReplay(serverUrl: string, requests: Requests): Promise<Entry> {
  return withDatabase(serverUrl, async (db) => {
    const commands = Math.round(200_000 * scale);
    progress('writing a journal to replay');
    await runJournal(db, requests, 1_024, commands);
    const took: number[] = [];
    const { starts, first } = requests;
    const total = first + commands;
    for (let round = 0; round <= rounds; round++) {
      progress(`replaying ${total} of ${starts.length} commands: round ${round} of ${rounds}`);
      const replica = new Replica();
      const began = performance.now();
      for await (const batch of readBatches(db, 0)) replica.follow(batch);
      if (round > 0) took.push((performance.now() - began) / 1_000 / (total / 1e6));
    }
    const value = Number(median(took).toFixed(3));
    print(`replay: ${value} s per million commands, read from PostgreSQL, applied and verified`);
    return { name: 'journal/replay', value, unit: 's per million', ratios: {} };
  });
}

async function benchSnapshot(): Promise<Entry> {
  const orders = 1e6 * scale;
  progress(`building an engine with ${orders} resting orders`);
  const replica = new Replica();
  const frame = new FrameWriter();
  let seq = 0;
  const apply = (command: Parameters<FrameWriter['write']>[2]) => {
    frame.clear();
    const at = frame.length;
    frame.write(++seq, seq, command);
    replica.outcome.events.clear();
    replica.engine.apply(frame, at, replica.outcome.events);
  };
  for (const command of setUp(1_000, 1)) apply(command);
  for (let order = 0; order < orders; order++) {
    const side = order % 2;
    const ticks = 5_000_000 + (side === 0 ? -1 : 1) * (1 + (order % 1_000));
    const account = 1 + (order % 1_000);
    apply(
      toCommand({
        kind: 'insert',
        id: order,
        side,
        ticks,
        lots: 10,
        account,
        market: 0,
        target: 0,
        clientId: '',
      }),
    );
  }
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-bench-'));
  try {
    const snapshots = new Snapshots(openBlobStore(pathToFileURL(directory).href), createLog('bench', 'warn'));
    const began = performance.now();
    const bytes = replica.engine.snapshot();
    const pausedMs = performance.now() - began;
    await snapshots.save({ seq, epoch: 1, timeUs: seq, digest: new Uint8Array(32) }, bytes);
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      await snapshots.load();
      took.push((performance.now() - started) / 1_000);
    }
    const value = Number(median(took).toFixed(3));
    print(
      `snapshot of ${orders} resting orders: ${(bytes.length / 1e6).toFixed(0)} MB, trading waits ` +
        `${pausedMs.toFixed(0)} ms for the copy, loaded in ${value} s`,
    );
    return { name: 'journal/snapshot-load', value, unit: 's', ratios: {} };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const server = await startTestServer();
try {
  const requests = encode();
  print(
    `seed ${PLAN.seed}; medians of ${rounds} rounds; commands of the mixed workload W2 with 10,000 resting orders`,
  );
  const entries: Entry[] = [];
  for (const { limit, commands } of LIMITS)
    entries.push(await benchLimit(server.url, requests, limit, Math.round(commands * scale)));
  entries.push(await benchReplay(server.url, requests), await benchSnapshot());
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(entries, null, 2)}\n`);
} finally {
  await server.stop();
}
