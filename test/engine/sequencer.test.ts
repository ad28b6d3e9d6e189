import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId } from '#domain/ids.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { migrate } from '#platform/postgres.ts';
import { Journal } from '#services/engine/journal.ts';
import { migrations } from '#services/engine/migrations.ts';
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
    expect(engine.published).toHaveLength(1);
    commit.release();
    await Promise.all(all);
    expect(answers).toEqual(['accepted', 'alreadyListed', 'answered']);
    expect(engine.published).toHaveLength(2);
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
      seq: 2,
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
    await Journal.takeOver(database.db);
    const doomed = client.execute(deposit(1, 5, 'doomed')).then(
      () => 'answered',
      ({ message, sent }) => `${message}, sent ${sent}`,
    );
    await until(() => engine.failures.length === 1);
    expect(String(engine.failures[0])).toContain('another engine has taken over: epoch 1 may not append');
    const refused = client.execute(deposit(1, 5, 'later'));
    await expect(refused).rejects.toMatchObject({ message: 'the engine is overloaded', sent: false });
    await client.close();
    expect(await doomed).toBe('the client was closed, sent true');
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
