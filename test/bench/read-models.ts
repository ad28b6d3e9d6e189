/**
 * `npm run bench:read-models`: from the answer to a command, which is committed then, to where a read of history may
 * see it: in PostgreSQL, by the engine's own line, and beside it in DynamoDB, by way of the stream. One process, one
 * command at a time.
 */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AccountId, AssetId, Seq, Units } from '#domain/ids.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { createLog } from '#platform/log.ts';
import { ReadBarrier } from '#platform/read-barrier.ts';
import { StreamPoller } from '#services/local/stream-poller.ts';
import { startProjector } from '#services/projector/service.ts';
import { TableProjector } from '#services/projector/tables/table-projector.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { TABLES, testTables } from '#test/projector/tables/tables.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { STREAM, testStream } from '#test/support/kinesis.ts';
import { testDatabase } from '#test/support/postgres.ts';

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, commands: { type: 'string', default: '200' } },
});
const commands = Number(options.commands);
const log = createLog('bench', 'silent');
const PAUSE_MS_MAX = 50;
const POLL_MS = 2;

const database = await testDatabase();
const stream = await testStream();
const dynamo = await testTables();
const engine = await startEngineService(database.url, {
  STREAM_NAME: STREAM,
  KINESIS_ENDPOINT: stream.endpoint,
});
const projector = await startProjector(
  { PORT: 0, DATABASE_URL: database.url, ENGINE_URL: engine.url },
  { log },
);
const tables = new Tables(dynamo.documents, TABLES);
const deadLetters = { send: async () => {} };
const tableProjector = new TableProjector(tables, { deadLetters, log });
const take = tableProjector.take.bind(tableProjector);
const poller = new StreamPoller({ kinesis: stream.kinesis, streamName: STREAM, take, log });
const client = connectEngine(engine.url);
const barrier = new ReadBarrier(database.db);

async function tablesReach(seq: Seq, lane: number): Promise<void> {
  while ((await tables.positions.read(lane)).through < seq) await sleep(POLL_MS);
}

async function msUntil(done: Promise<void>, beganMs: number): Promise<number> {
  await done;
  return performance.now() - beganMs;
}

const times: { line: number; stream: number }[] = [];
try {
  // The first tenth warms up and is not counted.
  for (let at = -commands / 10; at < commands; at++) {
    const account = (1 + (Math.abs(at) % 16)) as AccountId;
    const { seq } = await client.execute({
      type: 'deposit',
      account,
      asset: 0 as AssetId,
      amount: 1 as Units,
      reference: `bench-${at}`,
    });
    const beganMs = performance.now();
    const [line, byStream] = await Promise.all([
      msUntil(barrier.reach(seq), beganMs),
      msUntil(tablesReach(seq, account % 16), beganMs),
    ]);
    if (at >= 0) times.push({ line, stream: byStream });
    await sleep(Math.random() * PAUSE_MS_MAX);
  }
  const percentile = (way: 'line' | 'stream', part: number) =>
    times.map((time) => time[way]).toSorted((a, b) => a - b)[Math.floor((times.length - 1) * part)]!;
  const names = { line: 'PostgreSQL, by the engine’s line', stream: 'DynamoDB, by the stream' };
  for (const way of ['line', 'stream'] as const)
    process.stdout.write(
      `${names[way].padEnd(34)} p50 ${percentile(way, 0.5).toFixed(1)} ms   p99 ${percentile(way, 0.99).toFixed(1)} ms\n`,
    );
  const ratio = percentile('stream', 0.5) / percentile('line', 0.5);
  process.stdout.write(`stream / line: ${ratio.toFixed(1)}\n`);
  if (options.json !== undefined) {
    const entry = {
      name: 'read-models/commit-to-readable-p50',
      value: Number(percentile('line', 0.5).toFixed(2)),
      unit: 'ms',
      ratios: { stream: Number((percentile('line', 0.5) / percentile('stream', 0.5)).toFixed(3)) },
    };
    await writeFile(options.json, `${JSON.stringify([entry], null, 2)}\n`);
  }
} finally {
  await client.close();
  await poller.close();
  await projector.close();
  await engine.close();
  await dynamo.close();
  await stream.close();
  await database.drop();
}
