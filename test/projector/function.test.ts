/** The one file that Lambda loads, in a process of its own, with the event that Lambda gives it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Frame } from '#domain/codec.ts';
import { laneKeys } from '#platform/lanes.ts';
import { LaneFrames } from '#services/engine/lane-frames.ts';
import { writeBundle } from '#stacks/bundle.ts';
import { encoded } from '#test/support/kinesis.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { engineRun } from './engine-run.ts';
import { expectedTables, storedTables, TABLES, type TestTables, testTables } from './tables/tables.ts';

let tables: TestTables;
let directory: string;

beforeAll(async () => {
  tables = await testTables();
  directory = await mkdtemp(join(tmpdir(), 'table-projector-'));
  writeBundle({ entry: 'services/projector/function.ts' }, directory);
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await tables.close();
});

function eventOf(frames: readonly Frame[]) {
  const lanes = new LaneFrames(frames[0]!.firstSeq - 1);
  for (const one of frames) lanes.add(encoded(one));
  const Records = lanes.take().flatMap((parts, lane) =>
    parts.map((data) => ({
      kinesis: {
        partitionKey: laneKeys(lane).PartitionKey,
        sequenceNumber: `${frames[0]!.firstSeq}-${lane}`,
        data: Buffer.from(data).toString('base64'),
      },
    })),
  );
  return { Records };
}

async function invoke(event: object) {
  await writeFile(join(directory, 'event.json'), JSON.stringify(event));
  const program = `require('./index.js').handler(require('./event.json')).then((answer) => console.error(JSON.stringify(answer)))`;
  const { stderr } = await promisify(execFile)(process.execPath, ['-e', program], {
    cwd: directory,
    env: {
      MARKET_DATA_TABLE: TABLES.marketData,
      TRANSACTION_HISTORY_TABLE: TABLES.transactionHistory,
      DYNAMODB_ENDPOINT: tables.endpoint,
      DEAD_LETTERS_URL: 'http://127.0.0.1:1/none',
    },
  });
  return JSON.parse(stderr);
}

it('writes the tables, and asks for what it could not take again', async () => {
  const frames = engineRun(seededRandom(12), 120);
  const third = Math.ceil(frames.length / 3);
  const [first, second, last] = [frames.slice(0, third), frames.slice(third, -third), frames.slice(-third)];
  const asked = async (event: object) => {
    let answer = await invoke(event);
    // Lanes that came before the names of their markets.
    if (answer.batchItemFailures.length > 0) answer = await invoke(event);
    return answer;
  };
  expect(await asked(eventOf(first))).toEqual({ batchItemFailures: [] });
  const early = eventOf(last);
  expect((await invoke(early)).batchItemFailures).toEqual(
    early.Records.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })),
  );
  expect(await asked(eventOf(second))).toEqual({ batchItemFailures: [] });
  expect(await asked(early)).toEqual({ batchItemFailures: [] });
  expect(await storedTables(tables.documents)).toEqual(expectedTables(frames));
}, 120_000);
