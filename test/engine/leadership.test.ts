import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { createLog, type Log } from '#platform/log.ts';
import type { Head, Journal } from '#services/engine/journal.ts';
import { LeaseWatch } from '#services/engine/lease-watch.ts';
import { LiveTraffic } from '#services/engine/live-traffic.ts';
import { readBatches } from '#services/engine/postgres-journal.ts';
import type { EngineDeps } from '#services/engine/service.ts';
import { deposit } from '#test/support/engine.ts';
import { type RunningEngine, startEngineService } from '#test/support/engine-service.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

const LEASE_MS = 500;
const closing: (() => Promise<unknown>)[] = [];
let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  closing.push(() => database.drop());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Settings = Parameters<typeof startEngineService>[1];

async function start(values: Settings = {}, deps: Partial<EngineDeps> = {}): Promise<RunningEngine> {
  const engine = await startEngineService(database.url, { LEASE: LEASE_MS, ...values }, deps);
  let closed = false;
  const close = async () => {
    if (!closed) await engine.close();
    closed = true;
  };
  closing.push(close);
  return { ...engine, close };
}

function connect({ url }: RunningEngine): EngineClient {
  const client = connectEngine(url);
  closing.push(() => client.close());
  return client;
}

async function greet({ url }: RunningEngine, port = 1): Promise<{ leader: string | null; epoch: number }> {
  const response = await fetch(`${url.replace('ws', 'http')}/leader?port=${port}`);
  return (await response.json()) as { leader: string | null; epoch: number };
}

const leads = async (engine: RunningEngine) => (await greet(engine)).leader === engine.url;

/** Time until the engine leads. */
async function msUntilLeads(engine: RunningEngine): Promise<number> {
  const began = performance.now();
  await untilLeads(engine);
  return performance.now() - began;
}

async function untilLeads(engine: RunningEngine): Promise<void> {
  while (!(await leads(engine))) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** An engine whose database answers nothing while it is frozen, as if the process had been stopped. */
function freezable() {
  let thawed = Promise.resolve();
  let thaw = () => {};
  const wrapJournal = (journal: Journal): Journal => ({
    head: () => thawed.then(() => journal.head()),
    read: (after) => journal.read(after),
    append: (...given) => thawed.then(() => journal.append(...given)),
    takeOver: (...given) => thawed.then(() => journal.takeOver(...given)),
    beat: (...given) => thawed.then(() => journal.beat(...given)),
    release: (...given) => thawed.then(() => journal.release(...given)),
  });
  return {
    deps: { wrapJournal },
    freeze: () => {
      ({ promise: thawed, resolve: thaw } = Promise.withResolvers<void>());
    },
    thaw: () => thaw(),
  };
}

describe('a standby', () => {
  it('follows the journal, and leads at once when the leader lets go', async () => {
    const first = await start();
    const client = connect(first);
    await client.execute(deposit(1, 5, 'a'));
    const second = await start();
    await client.execute(deposit(1, 6, 'b'));
    expect(await greet(second)).toMatchObject({ leader: first.url, epoch: 1 });
    const closed = first.close();
    expect(await msUntilLeads(second)).toBeLessThan(LEASE_MS);
    await closed;
    const { records } = await connect(second).ask({ type: 'balances', account: 1 as AccountId });
    expect(records).toMatchObject([{ available: 11 }]);
    expect(await greet(second)).toMatchObject({ epoch: 2 });
  });

  it('leaves a leader alone that lives, although nothing happens', async () => {
    const first = await start();
    const second = await start();
    await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
    expect(await greet(second)).toMatchObject({ leader: first.url, epoch: 1 });
  });

  it('takes over when the leader is silent for its lease, and not before', async () => {
    const { deps, freeze, thaw } = freezable();
    const first = await start({}, { ...deps, exit: () => {} });
    await connect(first).execute(deposit(1, 5, 'a'));
    const second = await start();
    freeze();
    const ms = await msUntilLeads(second);
    expect(ms).toBeGreaterThan(LEASE_MS * 0.7);
    expect(ms).toBeLessThan(LEASE_MS * 3);
    thaw();
  });

  it('does not let clients in', async () => {
    await start();
    const second = await start();
    const socket = new WebSocket(`${second.url}/commands`);
    const code = await new Promise((resolve) => {
      socket.onclose = (event) => resolve(event.code);
    });
    expect(code).toBe(4004);
  });
});

describe('a leader', () => {
  it('that was silent and comes back may write nothing, and ends', async () => {
    const { deps, freeze, thaw } = freezable();
    let exits = 0;
    const lines: object[] = [];
    const log = {
      ...createLog('engine', 'silent'),
      info: (line: object) => lines.push(line),
    } as unknown as Log;
    const silent = { warn: () => {}, error: () => {}, fatal: () => {}, debug: () => {} };
    const first = await start({}, { ...deps, log: { ...log, ...silent }, exit: () => exits++ });
    const stale = connect(first);
    await stale.execute(deposit(1, 5, 'a'));
    const second = await start();
    freeze();
    await untilLeads(second);
    thaw();
    await connect(second).execute(deposit(1, 6, 'b'));
    await until(() => exits > 0);
    expect(lines.some((line) => 'FencedWrites' in line)).toBe(true);
    const epochs: number[] = [];
    for await (const { epoch } of readBatches(database.db, 0)) epochs.push(epoch);
    expect(epochs).toEqual([...epochs].sort());
    expect(new Set(epochs)).toEqual(new Set([1, 2]));
  });

  it('does not answer questions when it cannot show that it still leads', async () => {
    const { deps, freeze, thaw } = freezable();
    const first = await start({}, { ...deps, exit: () => {} });
    const client = connect(first);
    await client.execute(deposit(1, 5, 'a'));
    freeze();
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    let answered = false;
    const answer = client.ask({ type: 'balances', account: 1 as AccountId }).then(
      () => {
        answered = true;
      },
      () => {},
    );
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    expect(answered).toBe(false);
    thaw();
    await client.close();
    await answer;
  });

  it('stamps times that rise although the clock is set back by an hour', async () => {
    let shiftUs = 0;
    const clock = { ...systemClock, nowUs: () => systemClock.nowUs() + shiftUs };
    const client = connect(await start({}, { clock }));
    const before = await client.execute(deposit(1, 5, 'a'));
    shiftUs = -3_600_000_000;
    const after = await client.execute(deposit(1, 5, 'b'));
    expect(after.timeUs).toBeGreaterThan(before.timeUs);
    expect(after.timeUs - before.timeUs).toBeLessThan(1_000_000);
  });
});

describe('clients that reach another deployment', () => {
  it('move the lead there, and back when they return', async () => {
    const blue = await start({ DEPLOYMENT: 'blue', LIVE_PORT: 443 });
    await untilLeads(blue);
    const green = await start({ DEPLOYMENT: 'green', LIVE_PORT: 443 });
    const client = connect(blue);
    for (const [to, reference] of [
      [green, 'a'],
      [blue, 'b'],
      [green, 'c'],
    ] as const) {
      await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
      for (let hello = 0; hello < 3; hello++) await greet(to, 443);
      await untilLeads(to);
      expect(await client.execute(deposit(1, 5, reference))).toMatchObject({ rejection: null });
    }
    expect(await greet(blue)).toMatchObject({ leader: green.url, epoch: 4 });
  }, 20_000);

  it('do not when they come by another port, are too few, or reach the same deployment', async () => {
    const blue = await start({ DEPLOYMENT: 'blue', LIVE_PORT: 443 });
    await untilLeads(blue);
    const green = await start({ DEPLOYMENT: 'green', LIVE_PORT: 443 });
    const other = await start({ DEPLOYMENT: 'blue', LIVE_PORT: 443 });
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    for (let hello = 0; hello < 5; hello++) await greet(green, 8443);
    for (let hello = 0; hello < 2; hello++) await greet(green, 443);
    for (let hello = 0; hello < 5; hello++) await greet(other, 443);
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    expect(await greet(other)).toMatchObject({ leader: blue.url, epoch: 1 });
  });

  const handoff = ({ url }: RunningEngine, body: unknown) =>
    fetch(`${url.replace('ws', 'http')}/handoff`, { method: 'POST', body: JSON.stringify(body) });

  it('are refused the lead while the leader is young, or the other far behind', async () => {
    // A leader is young for the time of a lease: long enough for what comes before the first question on a busy machine.
    const lease = 5 * LEASE_MS;
    const blue = await start({ LEASE: lease });
    await untilLeads(blue);
    const client = connect(blue);
    const asked = { successor: 'ws://127.0.0.1:1', seq: 0 };
    expect(await (await handoff(blue, asked)).json()).toEqual({ granted: false });
    await Promise.all(Array.from({ length: 10_100 }, (_, at) => client.execute(deposit(1, 1, `${at}`))));
    await new Promise((resolve) => setTimeout(resolve, lease));
    expect(await (await handoff(blue, asked)).json()).toEqual({ granted: false });
    expect(await leads(blue)).toBe(true);
    // With a successor that never comes, another takes it soon: the same one here.
    const { seq } = await client.ask({ type: 'position' });
    expect(await (await handoff(blue, { ...asked, seq })).json()).toEqual({ granted: true });
    expect(await msUntilLeads(blue)).toBeLessThan(lease);
  });

  it('hear what is wrong with a request for the lead', async () => {
    const blue = await start();
    const answer = await handoff(blue, { successor: 'green', seq: -1 });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/must be ws:\/\/host:port[\s\S]*seq/);
    expect((await fetch(`${blue.url.replace('ws', 'http')}/leader?port=x`)).status).toBe(400);
  });
});

describe('the watch over a lease', () => {
  const head: Head = {
    epoch: 3,
    lastSeq: 9,
    digest: new Uint8Array(),
    leader: 'ws://a:1',
    deployment: '',
    successor: '',
    beat: 4,
    published: 0,
  };

  it('begins anew with every change of the row that only a leader makes', () => {
    const watch = new LeaseWatch('ws://b:1', 100);
    expect(watch.isFree(head, 0)).toBe(false);
    expect(watch.isFree(head, 99)).toBe(false);
    expect(watch.isFree({ ...head, beat: 5 }, 100)).toBe(false);
    expect(watch.isFree({ ...head, beat: 5, lastSeq: 10 }, 199)).toBe(false);
    expect(watch.isFree({ ...head, beat: 5, lastSeq: 10 }, 298)).toBe(false);
    expect(watch.isFree({ ...head, beat: 5, lastSeq: 10 }, 299)).toBe(true);
  });

  it('is over at once for anyone, or for the successor, and for others a little later', () => {
    const watch = new LeaseWatch('ws://b:1', 100);
    expect(watch.isFree({ ...head, leader: '' }, 0)).toBe(true);
    expect(watch.isFree({ ...head, leader: '', successor: 'ws://b:1' }, 0)).toBe(true);
    const forOther = { ...head, epoch: 4, leader: '', successor: 'ws://c:1' };
    expect(watch.isFree(forOther, 1_000)).toBe(false);
    expect(watch.isFree(forOther, 1_024)).toBe(false);
    expect(watch.isFree(forOther, 1_025)).toBe(true);
  });
});

describe('live traffic', () => {
  it('is three greetings by the live port within three seconds', () => {
    const traffic = new LiveTraffic(443);
    for (const nowMs of [0, 10, 20]) traffic.greet(8443, nowMs);
    expect(traffic.isLive(20)).toBe(false);
    for (const nowMs of [0, 1_000, 3_000]) traffic.greet(443, nowMs);
    expect(traffic.isLive(3_000)).toBe(true);
    expect(traffic.isLive(3_001)).toBe(false);
    traffic.greet(443, 3_900);
    expect(traffic.isLive(4_000)).toBe(true);
  });
});
