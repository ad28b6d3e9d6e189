/** Records of the stream on their way to DynamoDB, over its real protocol: whatever happens, once in effect. */
import { randomInt } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Frame, Message } from '#domain/codec.ts';
import { laneKeys } from '#platform/lanes.ts';
import { createLog, type Log } from '#platform/log.ts';
import { LaneFrames } from '#services/engine/lane-frames.ts';
import type { DeadLetter } from '#services/projector/tables/dead-letters.ts';
import { type StreamRecord, TableProjector } from '#services/projector/tables/table-projector.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { encoded } from '#test/support/kinesis.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { engineRun } from '../engine-run.ts';
import { frame, record, trade } from '../events.ts';
import { expectedTables, storedTables, TABLES, type TestTables, testTables } from './tables.ts';

const log = createLog('projector', 'silent');
let tables: TestTables;
let letters: DeadLetter[];

beforeEach(async () => {
  tables = await testTables();
  letters = [];
});
afterEach(() => tables.close());

function projectorOn(documents: DynamoDBDocumentClient = tables.documents): TableProjector {
  const deadLetters = { send: async (letter: DeadLetter) => void letters.push(letter) };
  return new TableProjector(new Tables(documents, TABLES), { deadLetters, log });
}

const positions = () => new Tables(tables.documents, TABLES).positions;

/** Rounds as a publisher makes them, of some frames each: by round, the records of all lanes. */
function roundsOf(frames: readonly Frame[], framesPerRound: number): StreamRecord[][] {
  const lanes = new LaneFrames(frames[0]!.firstSeq - 1);
  const rounds: StreamRecord[][] = [];
  for (let at = 0; at < frames.length; at += framesPerRound) {
    for (const one of frames.slice(at, at + framesPerRound)) lanes.add(encoded(one));
    const round = lanes.take().flatMap((parts, lane) => parts.map((data) => ({ lane, data })));
    rounds.push(
      round.map(({ lane, data }, index) => ({
        partitionKey: laneKeys(lane).PartitionKey,
        sequenceNumber: `${at}-${index}`,
        data,
      })),
    );
  }
  return rounds;
}

/** Delivers until everything is taken, from what failed on, as Lambda does. */
async function deliver(projector: TableProjector, records: readonly StreamRecord[]): Promise<void> {
  let left = records;
  for (let tries = 0; left.length > 0; tries++) {
    if (tries > 50) throw new Error('the records are not taken');
    const failed = new Set(await projector.take(left));
    const first = left.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
    left = first === -1 ? [] : left.slice(first);
  }
}

function someRun(commands = 250) {
  const seed = randomInt(2 ** 31);
  process.stdout.write(`tables: seed ${seed}\n`);
  const random = seededRandom(seed);
  const frames = engineRun(random, commands);
  return { random, frames, expected: expectedTables(frames) };
}

describe('the tables', () => {
  it('are a fold of the events: klines of every interval, and what happened to each account', async () => {
    const { frames, expected } = someRun();
    for (const round of roundsOf(frames, 5)) await deliver(projectorOn(), round);
    expect(expected.klines.length).toBeGreaterThan(50);
    expect(expected.history.length).toBeGreaterThan(20);
    expect(await storedTables(tables.documents)).toEqual(expected);
    const seq = frames.at(-1)!.lastSeq;
    expect(await positions().all()).toEqual(Array.from({ length: 16 }, () => ({ through: seq })));
  }, 60_000);

  it('tell of an account in the order in which it happened, whichever lane told it', async () => {
    // A run with all kinds in it, which not every one has.
    const frames = engineRun(seededRandom(1), 500);
    for (const round of roundsOf(frames, 5)) await deliver(projectorOn(), round);
    const { history } = await storedTables(tables.documents);
    expect(new Set(history.map(({ kind }) => kind))).toEqual(
      new Set([
        'DEPOSIT',
        'TRADE',
        'TRANSFER_IN',
        'TRANSFER_OUT',
        'WITHDRAWAL_HELD',
        'WITHDRAWAL_RELEASED',
        'WITHDRAWAL_SETTLED',
      ]),
    );
    const moved = frames
      .flatMap(({ records }) => records)
      .flatMap(({ timeUs, message }) => accountsOf(message).map((account) => ({ account, timeUs, message })));
    for (const [account, happened] of Map.groupBy(moved, (one) => one.account)) {
      const entries = history.filter(({ account_id }) => account_id === account);
      expect(entries.map(({ happened_at }) => happened_at)).toEqual(happened.map(({ timeUs }) => timeUs));
      const tradesOf = (ids: unknown[]) => ids.filter((id) => id !== undefined);
      expect(tradesOf(entries.map(({ trade_id }) => trade_id))).toEqual(
        tradesOf(happened.map(({ message }) => (message.type === 'trade' ? message.tradeId : undefined))),
      );
    }
  }, 60_000);

  it('stay as they are when records come again, alone, twice in a batch, or cut otherwise', async () => {
    const { frames, expected } = someRun();
    const projector = projectorOn();
    const rounds = roundsOf(frames, 6);
    for (const round of rounds) await deliver(projector, [...round, ...round]);
    for (const round of rounds.slice(-3)) await deliver(projectorOn(), round);
    for (const round of roundsOf(frames, 11)) await deliver(projector, round);
    expect(await storedTables(tables.documents)).toEqual(expected);
  }, 60_000);

  it('come out right when batches arrive in another order: what comes too early comes again', async () => {
    const { random, frames, expected } = someRun();
    const projector = projectorOn();
    const waiting = roundsOf(frames, 5);
    let refusals = 0;
    while (waiting.length > 0) {
      const at = Math.floor(random() * Math.min(3, waiting.length));
      const failed = await projector.take(waiting[at]!);
      if (failed.length === 0) waiting.splice(at, 1);
      else refusals++;
    }
    expect(refusals).toBeGreaterThan(0);
    expect(letters).toEqual([]);
    expect(await storedTables(tables.documents)).toEqual(expected);
  }, 60_000);

  it('come out right when two projectors take the same records at once', async () => {
    const { frames, expected } = someRun(150);
    for (const round of roundsOf(frames, 10))
      await Promise.all([deliver(projectorOn(), round), deliver(projectorOn(), round)]);
    expect(await storedTables(tables.documents)).toEqual(expected);
  }, 60_000);

  it('come out right wherever the projector is killed: before and after each of its writes', async () => {
    const { frames, expected } = someRun(120);
    let kills = 0;
    for (const round of roundsOf(frames, 30)) {
      for (let requests = 0; ; requests++) {
        const killed = dyingAfter(tables.documents, requests);
        if ((await projectorOn(killed).take(round)).length === 0) break;
        kills++;
      }
    }
    // Each of the sixteen lanes reads its position and moves it, to say the least.
    expect(kills).toBeGreaterThan(30);
    expect(await storedTables(tables.documents)).toEqual(expected);
  }, 120_000);
});

/** Whose money an event moves, or holds. */
function accountsOf(message: Message): number[] {
  switch (message.type) {
    case 'deposited':
    case 'withdrawalHeld':
    case 'withdrawalSettled':
    case 'withdrawalReleased':
      return [message.account];
    case 'transferred':
      return [message.from, message.to];
    case 'trade':
      return [message.makerAccount, message.takerAccount];
    default:
      return [];
  }
}

/** A client that does `requests` requests, one more whose answer is lost, and then none. */
function dyingAfter(documents: DynamoDBDocumentClient, requests: number): DynamoDBDocumentClient {
  let left = requests;
  const send = async (command: never) => {
    left--;
    if (left < -1) throw new Error('this process has ended');
    const answer = await documents.send(command);
    if (left < 0) throw new Error('this process has ended');
    return answer;
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

it('tells how long it took from the commit of each lane’s newest event to the tables, and of nothing else', async () => {
  const told: number[][] = [];
  const info = (line: { readonly TablesLagMs?: number[] }) => told.push(line.TablesLagMs!);
  const deadLetters = { send: async () => {} };
  const projector = new TableProjector(new Tables(tables.documents, TABLES), {
    deadLetters,
    log: { ...log, info } as unknown as Log,
  });
  const deposited = (seq: number, agoMs: number, account: number) =>
    frame(
      seq,
      seq,
      record(seq, (Date.now() - agoMs) * 1_000, {
        type: 'deposited',
        account,
        asset: 1,
        amount: 1,
        reference: `d:${seq}`,
      } as never),
    );
  await projector.take([assetRecord]);
  const lanes = new LaneFrames(1);
  for (const one of [deposited(2, 90_000, 2), deposited(3, 30_000, 2), deposited(4, 5_000, 3)])
    lanes.add(encoded(one));
  const records = lanes
    .take()
    .flatMap((parts, lane) =>
      parts.map((data) => ({ partitionKey: laneKeys(lane).PartitionKey, sequenceNumber: `${lane}`, data })),
    );
  // The other lanes wait for the sequence before.
  const [second, third] = [2, 3].map((lane) => ({
    partitionKey: laneKeys(lane).PartitionKey,
    sequenceNumber: '0',
    data: encoded(frame(1, 1)).bytes,
  }));
  told.length = 0;
  await projector.take([second!, third!]);
  expect(told).toEqual([]);
  await projector.take(records);
  const [ofThird, ofSecond] = [...told.flat()].sort((one, other) => one - other);
  expect(told.flat()).toHaveLength(2);
  expect(ofThird).toBeGreaterThanOrEqual(5_000);
  expect(ofSecond).toBeGreaterThanOrEqual(30_000);
  expect(ofSecond).toBeLessThan(60_000);
  await projector.take(records);
  expect(told.flat()).toHaveLength(2);
});

describe('a record that cannot be read', () => {
  const damaged = (round: readonly StreamRecord[], lane: number) =>
    round.map((one, at) => (at === lane ? { ...one, data: Buffer.from('damaged') } : one));

  it('is named in the dead letters and stops its lane; the others go on', async () => {
    const { frames } = someRun();
    const [first, second, third] = roundsOf(frames, Math.ceil(frames.length / 3));
    const projector = projectorOn();
    await deliver(projector, first!);
    await deliver(projector, damaged(second!, 1));
    await deliver(projector, third!);
    expect(letters).toEqual([
      {
        partitionKey: 'lane-01',
        sequenceNumber: second![1]!.sequenceNumber,
        reason: expect.stringContaining('a frame is'),
      },
    ]);
    const all = await positions().all();
    const at = all[0]!.through;
    expect(at).toBe(frames.at(-1)!.lastSeq);
    expect(all.filter(({ through }) => through === at)).toHaveLength(15);
    expect(all[1]).toMatchObject({ stopped: expect.stringContaining('a frame is') });
  }, 60_000);

  it('is found among others that are sound, whose effects are kept', async () => {
    const lane = (seq: number, ...ids: number[]) => ({
      partitionKey: laneKeys(3).PartitionKey,
      sequenceNumber: String(seq),
      data: encoded(
        frame(seq, seq, ...ids.map((tradeId) => record(seq, 1_000_000, trade({ market: 3, tradeId })))),
      ).bytes,
    });
    const listed = { type: 'marketListed', market: 3, symbol: 'SOLUSDT', base: 1 };
    const before = { ...marketFrame(listed), sequenceNumber: '1' };
    // Trade 3 is missing before trade 4: the frames are sound, and what they tell cannot be.
    await deliver(projectorOn(), [assetRecord, before, lane(2, 1), lane(3, 2), lane(4, 4), lane(5, 5)]);
    expect(letters).toEqual([
      {
        partitionKey: 'lane-03',
        sequenceNumber: '4',
        reason: expect.stringContaining('no trade is missing'),
      },
    ]);
    expect((await positions().read(3)).through).toBe(3);
    const { klines } = await storedTables(tables.documents);
    expect(klines).toContainEqual(expect.objectContaining({ trading_pair: 'SOLUSDT#1m', last_trade_id: 2 }));
  });

  it('of no lane is named, and stops nothing', async () => {
    const foreign = { partitionKey: 'BTCUSDT', sequenceNumber: '7', data: Buffer.from('{}') };
    expect(await projectorOn().take([foreign])).toEqual([]);
    expect(letters).toEqual([
      { partitionKey: 'BTCUSDT', sequenceNumber: '7', reason: 'its partition key names no lane' },
    ]);
  });

  it('comes again while the dead letters cannot be reached, and nothing after it is taken', async () => {
    const { frames } = someRun(60);
    const [round] = roundsOf(frames, frames.length);
    const deadLetters = {
      send: async () => {
        throw new Error('the queue is away');
      },
    };
    const projector = new TableProjector(new Tables(tables.documents, TABLES), { deadLetters, log });
    expect(await projector.take(damaged(round!, 2))).toContain(round![2]!.sequenceNumber);
    expect(await positions().read(2)).toEqual({ through: 0 });
  });
});

describe('a gap', () => {
  it('holds its lane until what is missing comes, and does not count as unreadable', async () => {
    const { frames, expected } = someRun(90);
    const [first, second, third] = roundsOf(frames, Math.ceil(frames.length / 3));
    const projector = projectorOn();
    await deliver(projector, first!);
    expect(await projector.take(third!)).toEqual(third!.map(({ sequenceNumber }) => sequenceNumber));
    expect(letters).toEqual([]);
    await deliver(projector, second!);
    await deliver(projector, third!);
    expect(await storedTables(tables.documents)).toEqual(expected);
  }, 60_000);
});

const assetRecord = {
  partitionKey: laneKeys(0).PartitionKey,
  sequenceNumber: '0',
  data: encoded(frame(1, 1, record(1, 1, { type: 'assetListed', asset: 1, scale: 8, name: 'SOL' } as never)))
    .bytes,
};

function marketFrame(listed: object) {
  const rules = engineRun(seededRandom(1), 20)
    .flatMap(({ records }) => records)
    .find(({ message }) => message.type === 'marketListed')!.message;
  return {
    partitionKey: laneKeys(3).PartitionKey,
    data: encoded(frame(1, 1, record(1, 1, { ...rules, ...listed } as never))).bytes,
  };
}
