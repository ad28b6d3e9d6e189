import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type FrameRecord, FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { AccountId, AssetId, SessionId, Units } from '#domain/ids.ts';
import { rejections } from '#domain/rejections.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { migrate } from '#platform/postgres.ts';
import { EventTail } from '#services/engine/event-tail.ts';
import { migrations } from '#services/engine/migrations.ts';
import { ReplyBuffer } from '#services/engine/reply-buffer.ts';
import { newMarket, newOrder } from '#test/support/commands.ts';
import {
  deposit,
  listCoin,
  startTestEngine,
  type TestEngine,
  type TestEngineOptions,
} from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

let database: TestDatabase;
let running: TestEngine | undefined;
let client: EngineClient | undefined;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'engine', migrations);
});

afterEach(async () => {
  await client?.close();
  await running?.close();
  await database.drop();
});

async function start(options?: TestEngineOptions) {
  running = await startTestEngine(database.db, options);
  client = connectEngine(running.url);
  await client.execute(listCoin);
  return { engine: running, client };
}

/** A commit that waits until it is let go, once armed. */
function heldCommit() {
  let release = () => {};
  let held: Promise<void> | undefined;
  return {
    hold: () => {
      held = new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    release: () => release(),
    beforeCommit: async () => held,
  };
}

const sizes = (engine: TestEngine) => engine.batches.map(({ firstSeq, lastSeq }) => lastSeq - firstSeq + 1);

describe('group commit', () => {
  it('commits a lone command at once', async () => {
    const { engine, client } = await start();
    await client.execute(deposit(1, 5, 'a'));
    await client.execute(deposit(1, 5, 'b'));
    expect(sizes(engine)).toEqual([1, 1, 1]);
  });

  it('makes one batch of whatever waits while a commit is in flight', async () => {
    const commit = heldCommit();
    const { engine, client } = await start(commit);
    commit.hold();
    const first = client.execute(deposit(1, 5, 'first'));
    await until(() => engine.batches.length === 2);
    const others = Array.from({ length: 300 }, (_, at) => client.execute(deposit(1, 5, `other ${at}`)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    commit.release();
    await Promise.all([first, ...others]);
    expect(sizes(engine)).toEqual([1, 1, 300]);
  });

  it('keeps a batch within its limit', async () => {
    const { engine, client } = await start({ batchCommandsMax: 100 });
    await Promise.all(Array.from({ length: 250 }, (_, at) => client.execute(deposit(1, 5, `${at}`))));
    expect(Math.max(...sizes(engine))).toBe(100);
    expect(sizes(engine).reduce((sum, size) => sum + size)).toBe(251);
  });
});

describe('an answer', () => {
  it('comes only after the commit, for commands, refusals and questions alike', async () => {
    const commit = heldCommit();
    const { engine, client } = await start(commit);
    commit.hold();
    const answers: string[] = [];
    const all = [
      client.execute(deposit(1, 5, 'a')).then(() => answers.push('accepted')),
      client.execute(listCoin).then(({ rejection }) => answers.push(rejection!)),
      client.ask({ type: 'balances', account: 1 as AccountId }).then(() => answers.push('answered')),
    ];
    await until(() => engine.batches.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answers).toEqual([]);
    expect(engine.published).toHaveLength(2);
    commit.release();
    await Promise.all(all);
    expect(answers).toEqual(['accepted', 'alreadyListed', 'answered']);
    expect(engine.published).toHaveLength(3);
  });

  it('to a question reflects the commands before it and none after', async () => {
    const { client } = await start();
    const account = 1 as AccountId;
    const [, between] = await Promise.all([
      client.execute(deposit(1, 5, 'a')),
      client.ask({ type: 'balances', account }),
      client.execute(deposit(1, 5, 'b')),
    ]);
    expect(between).toEqual({
      seq: 3,
      records: [{ type: 'balance', account: 1, asset: 0, available: 5, held: 0 }],
    });
  });

  it('stamps times that rise although the clock stands still', async () => {
    const { client } = await start();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => client.execute(deposit(1, 5, `${at}`))),
    );
    for (const [at, { timeUs }] of outcomes.entries())
      if (at > 0) expect(timeUs).toBeGreaterThan(outcomes[at - 1]!.timeUs);
  });

  it('never comes when the append fails; the engine stops instead', async () => {
    const { engine, client } = await start();
    await sql`update engine.head set epoch = epoch + 1`.execute(database.db);
    const doomed = client.execute(deposit(1, 5, 'doomed')).then(
      () => 'answered',
      ({ sent }) => `sent ${sent}`,
    );
    await until(() => engine.failures.length === 1);
    expect(String(engine.failures[0])).toMatch(
      /epoch 1 may not append after sequence 2: another engine leads|epoch 1 has ended/,
    );
    await client.close();
    expect(await doomed).toBe('sent true');
  });
});

describe('a full queue', () => {
  it('refuses at once what it does not take, and that is not executed', async () => {
    const commit = heldCommit();
    const { engine, client } = await start(commit);
    await client.close();
    const impatient = connectEngine(engine.url, { pendingRequestsMax: 20_000 });
    commit.hold();
    const total = 17_500;
    const settled = Array.from({ length: total }, (_, at) =>
      impatient.execute(deposit(1, 1, `${at}`)).then(
        () => 'executed',
        ({ message, sent }) => `${message}, sent ${sent}`,
      ),
    );
    const firstRefusal = await Promise.race(settled);
    expect(firstRefusal).toBe('the engine is overloaded, sent false');
    commit.release();
    const results = await Promise.all(settled);
    const executed = results.filter((result) => result === 'executed').length;
    expect(executed).toBeLessThan(total);
    const { records } = await impatient.ask({ type: 'balances', account: 1 as AccountId });
    expect(records).toMatchObject([{ available: executed }]);
    await impatient.close();
  });
});

describe('the tail', () => {
  it('finds the events of one sequence among those of its batch, until it lets them go', () => {
    const tail = new EventTail(0);
    const frameOf = (firstSeq: number, lastSeq: number, bytes: Uint8Array) => ({ firstSeq, lastSeq, bytes });
    const writer = new FrameWriter();
    const asset = (number: number, name: string) =>
      ({ type: 'assetListed', asset: number as AssetId, scale: 2, name }) as const;
    writer.write(1, 10, asset(0, 'COIN'));
    writer.write(3, 30, asset(1, 'CASH'));
    writer.write(3, 30, asset(2, 'GEM'));
    tail.push(frameOf(1, 4, writer.finish(1, 4)));
    const eventsOf = (seq: number) => {
      const events = tail.eventsOf(seq);
      return events && readFrame(events.finish()).records;
    };
    expect(eventsOf(1)).toEqual([{ id: 1, timeUs: 10, message: asset(0, 'COIN') }]);
    expect(eventsOf(3)).toEqual([
      { id: 3, timeUs: 30, message: asset(1, 'CASH') },
      { id: 3, timeUs: 30, message: asset(2, 'GEM') },
    ]);
    expect(eventsOf(2)).toEqual([]);
    expect(eventsOf(4)).toEqual([]);
    expect(eventsOf(5)).toBeUndefined();
    expect(eventsOf(0)).toBeUndefined();
    const empty = new FrameWriter();
    // As many frames as it keeps.
    for (let seq = 5; seq < 5 + 8_191; seq++) tail.push(frameOf(seq, seq, empty.finish(seq, seq)));
    expect(eventsOf(3)).toHaveLength(2);
    tail.push(frameOf(8_196, 8_196, empty.finish(8_196, 8_196)));
    expect(eventsOf(3)).toBeUndefined();
    expect(eventsOf(5)).toEqual([]);
  });
});

describe('a request of a session that is sent again', () => {
  /** COIN for CASH, money for account 1, and session 1. */
  async function startTrading(options?: TestEngineOptions): Promise<TestEngine> {
    const { engine, client } = await start(options);
    await client.execute({ ...listCoin, asset: 1 as AssetId, name: 'CASH' });
    await client.execute(newMarket({ tick: 10, lot: 10, priceMin: 10, quantityMin: 10, ...edges }));
    await client.execute({ ...deposit(1, 1_000, 'cash'), asset: 1 as AssetId });
    await client.execute({ type: 'openSession', nonce: 7 });
    return engine;
  }
  const amountMax = 1_000_000 as Units;
  const edges = {
    priceMax: 1_000_000,
    quantityMax: amountMax,
    marketQuantityMax: amountMax,
    notionalMax: amountMax,
  };
  const bid = (request: number, price = 100) =>
    newOrder({ account: 1, session: 1 as SessionId, request, price, quantity: 10 });

  /** Submits all at once; the replies of each, with their records, when all are there. */
  function submit(engine: TestEngine, ...commands: Command[]): Promise<FrameRecord[][]> {
    return Promise.all(
      commands.map((command, index) => {
        const requests = new FrameWriter();
        const at = requests.length;
        requests.write(100 + index, 0, command);
        return new Promise<FrameRecord[]>((resolve, reject) => {
          const replies = new ReplyBuffer((bytes) => resolve([...readFrame(bytes).records]));
          if (!engine.sequencer.submit(requests, at, replies)) reject(new Error('not taken'));
        });
      }),
    );
  }

  /** The same sequence, time and events as the first reply, but said to be repeated. */
  function expectRepeated(again: FrameRecord[], first: FrameRecord[], requestId = 100): void {
    const { message: accepted, ...head } = first[0]!;
    expect(accepted).toMatchObject({ type: 'accepted', count: first.length - 1 });
    expect(again[0]).toEqual({ ...head, message: { ...accepted, type: 'repeated', requestId } });
    expect(again.slice(1)).toEqual(first.slice(1));
    expect(first.length).toBeGreaterThan(1);
  }

  it('is answered with the events of the first, and not executed again', async () => {
    const engine = await startTrading();
    const [first] = await submit(engine, bid(1));
    await submit(engine, bid(2, 90), bid(3, 80));
    const [again] = await submit(engine, bid(1));
    expectRepeated(again!, first!);
    const { records } = await client!.ask({ type: 'openOrders', account: 1 as AccountId, market: null });
    expect(records).toMatchObject([{ price: 100 }, { price: 90 }, { price: 80 }]);
  });

  it('is answered so in the batch of the first too', async () => {
    const engine = await startTrading();
    const before = engine.batches.length;
    const [first, other, again] = await submit(engine, bid(1), bid(2, 90), bid(1));
    expect(engine.batches).toHaveLength(before + 1);
    expect(other![0]!.message.type).toBe('accepted');
    expectRepeated(again!, first!, 102);
  });

  it('is answered so after a restart', async () => {
    const first = await startTrading();
    const [reply] = await submit(first, bid(1));
    await client!.close();
    await first.close();
    running = await startTestEngine(database.db);
    const [again] = await submit(running, bid(1));
    expectRepeated(again!, reply!);
  });

  it('is answered without its events once they are no longer at hand', async () => {
    const engine = await startTrading({ forgetsEvents: true });
    const [first] = await submit(engine, bid(1));
    const [again] = await submit(engine, bid(1));
    expect(again).toMatchObject([
      { id: first![0]!.id, message: { type: 'repeated', requestId: 100, count: 0 } },
    ]);
  });

  it('is refused again when it was refused, and when it is forgotten or its session unknown', async () => {
    const engine = await startTrading();
    const poor = bid(1, 100_000);
    const [first] = await submit(engine, poor);
    expect(first).toMatchObject([{ message: { type: 'rejected', code: rejections.insufficientBalance } }]);
    await client!.execute({ ...deposit(1, 1_000_000, 'more'), asset: 1 as AssetId });
    const [again, other, stranger] = await submit(engine, poor, bid(1_025), {
      ...bid(1),
      session: 9 as SessionId,
    });
    expect(again).toMatchObject([{ message: { type: 'rejected', code: rejections.insufficientBalance } }]);
    expect(other![0]!.message.type).toBe('accepted');
    expect(stranger).toMatchObject([{ message: { type: 'rejected', code: rejections.unknownSession } }]);
    const [forgotten] = await submit(engine, poor);
    expect(forgotten).toMatchObject([{ message: { type: 'rejected', code: rejections.forgottenRequest } }]);
  });

  it('is journalled like any other command: a replay has the same outcome', async () => {
    const engine = await startTrading();
    await submit(engine, bid(1), bid(1), bid(1_025), bid(1), bid(2));
    const digest = engine.engine.digest();
    await client!.close();
    await engine.close();
    running = await startTestEngine(database.db);
    // And the command with which its leader began.
    expect(running.engine.lastSeq).toBe(engine.engine.lastSeq + 1);
    expect(running.engine.digest()).toBe(digest);
  });
});

describe('triggered orders that one command may not start', () => {
  it('are started by commands of the engine itself, until none waits', async () => {
    const { engine, client } = await start();
    await client.execute({ ...listCoin, asset: 1 as AssetId, name: 'CASH' });
    const edges = { priceMin: 10, priceMax: 1_000_000, quantityMin: 10, quantityMax: 1_000_000 };
    await client.execute(
      newMarket({ tick: 10, lot: 10, ...edges, marketQuantityMax: 1_000_000, notionalMax: 1_000_000 }),
    );
    for (const account of [1, 2]) {
      await client.execute(deposit(account, 1_000_000, 'coin'));
      await client.execute({ ...deposit(account, 1_000_000, 'cash'), asset: 1 as AssetId });
    }
    const stop = newOrder({ account: 1, orderType: 'STOP_LOSS', quantity: 10, stopPrice: 100 });
    await Promise.all(Array.from({ length: 2_500 }, () => client.execute(stop)));
    await client.execute(newOrder({ account: 2, side: 'SELL', price: 100, quantity: 10 }));
    const { seq } = await client.execute(newOrder({ account: 1, price: 100, quantity: 10 }));
    await until(() => engine.engine.lastSeq >= seq + 2 && !engine.engine.isCascading);
    const { records } = await client.ask({ type: 'openOrders', account: 1 as AccountId, market: null });
    expect(records).toEqual([]);
    expect(engine.engine.lastSeq).toBe(seq + 2);
    engine.engine.checkInvariants();
  });
});
