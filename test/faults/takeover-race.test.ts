/** Engines that all see that nobody leads, and all take over at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import { FrameWriter } from '#domain/codec.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { openBlobStore } from '#platform/blob-store.ts';
import type { Database } from '#platform/database.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { BatchOutcome } from '#services/engine/batch-outcome.ts';
import { firstBatch } from '#services/engine/first-batch.ts';
import { type Batch, type Journal, LeadershipLost } from '#services/engine/journal.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { migrations } from '#services/engine/migrations.ts';
import { PostgresJournal } from '#services/engine/postgres-journal.ts';
import { Replica } from '#services/engine/replica.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { checkHistory } from './support/check-history.ts';
import { beginFaultRun, type FaultRun, timeoutMs, times } from './support/fault-run.ts';
import { History } from './support/history.ts';

const TAKEOVERS = times(500);
const CONTENDERS = 3;
/** Most that one of them starts later than the others. */
const DELAY_MS_MAX = 3;

let run: FaultRun;
let database: TestDatabase;
afterEach(() => run.close());

interface Contender {
  readonly address: string;
  readonly journal: Journal;
  readonly replica: Replica;
}

function contend(number: number): Contender {
  const open = (): Kysely<Database> => {
    const db = openDatabase(database.url, { connectionsMax: 1 });
    run.closing(() => db.destroy());
    return db;
  };
  const blobs = openBlobStore(pathToFileURL(run.blobsDirectory).href);
  const journal = new PostgresJournal(open(), open(), blobs);
  return { address: `ws://127.0.0.1:${number}`, journal, replica: new Replica() };
}

/** As a standby does; true when it leads now. */
async function takeOver({ address, journal, replica }: Contender): Promise<boolean> {
  const seen = await journal.head();
  for await (const batch of journal.read(replica.position.seq)) replica.follow(batch);
  if (replica.position.seq !== seen.lastSeq) return false;
  const batch = firstBatch(replica.position, Date.now() * 1_000);
  if (!(await journal.takeOver(seen, { address, deployment: '' }, batch))) return false;
  replica.follow(batch);
  return true;
}

/** A batch of one deposit as the engine would write it after `replica`, which stays as it is. */
function nextBatch({ position, engine }: Replica, epoch: number, number: number): Batch {
  const firstSeq = position.seq + 1;
  const timeUs = Math.max(Date.now() * 1_000, position.timeUs + 1);
  const writer = new FrameWriter();
  const at = writer.length;
  const [account, asset, amount] = [1 as AccountId, 0 as AssetId, 1 as Units];
  writer.write(firstSeq, timeUs, { type: 'deposit', account, asset, amount, reference: `race ${number}` });
  const outcome = new BatchOutcome(MatchingEngine.restore(engine.snapshot()));
  outcome.apply(writer, at);
  const commands = writer.finish(firstSeq, firstSeq);
  const { digest } = outcome.seal(firstSeq, commands, position.digest);
  return { firstSeq, lastSeq: firstSeq, epoch, timeUs, commands, digest };
}

it(
  'of three that race for the lead one wins each epoch, and only it can write',
  async () => {
    run = await beginFaultRun('takeovers');
    database = await testDatabase();
    run.closing(() => database.drop());
    await migrate(database.db, 'engine', migrations);
    const contenders = Array.from({ length: CONTENDERS }, (_, number) => contend(number));
    const wins = contenders.map(() => 0);
    let rounds = 0;
    let contested = 0;
    let refused = 0;
    let leader: Contender | undefined;
    for (let won = 0; won < TAKEOVERS; rounds++) {
      const before = leader;
      const results = await Promise.all([
        ...contenders.map(async (contender) => {
          await sleep(run.random() * DELAY_MS_MAX);
          return takeOver(contender);
        }),
        // The leader that is being replaced goes on writing.
        before === undefined ? false : writeAsLeader(before, rounds, run.random() * DELAY_MS_MAX),
      ]);
      const isRefused = results.pop()!;
      const winners = contenders.filter((_, at) => results[at]);
      won += winners.length;
      if (winners.length === 1) contested++;
      if (isRefused) refused++;
      for (const winner of winners) wins[contenders.indexOf(winner)]!++;
      const { leader: address } = await contenders[0]!.journal.head();
      leader = contenders.find((contender) => contender.address === address);
    }
    const history = new History();
    const { blobsDirectory } = run;
    const { faults, ...counts } = await checkHistory({ db: database.db, blobsDirectory, history });
    const total = wins.reduce((sum, each) => sum + each, 0);
    run.tell(
      `${rounds} rounds, ${contested} with one winner; won: ${wins.join(', ')}; ${refused} writes refused`,
    );
    run.tell(JSON.stringify(counts));
    expect(faults).toEqual([]);
    expect(counts.epochs).toBe(total);
    expect(contested).toBeGreaterThan(TAKEOVERS / 4);
    expect(refused).toBeGreaterThan(0);
  },
  timeoutMs(90_000),
);

/** True when it was refused for being replaced. */
async function writeAsLeader(
  { journal, replica }: Contender,
  number: number,
  delayMs: number,
): Promise<boolean> {
  const { epoch } = replica.position;
  const batch = nextBatch(replica, epoch, number);
  await sleep(delayMs);
  try {
    await journal.append(batch, 0);
    return false;
  } catch (error) {
    if (!(error instanceof LeadershipLost)) throw error;
    return true;
  }
}
