import { createHash, randomInt } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { FrameWriter } from '#domain/codec.ts';
import { MatchingEngine, REPEATED } from '#services/engine/matching/engine.ts';
import { REQUESTS_MAX } from '#services/engine/matching/sessions.ts';
import { SnapshotError } from '#services/engine/matching/snapshot.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { randomSteps, type Step } from './random-commands.ts';

const RUNS = 12;
const COMMANDS = 1_500;
const DIGEST_BYTES = 32;

const commands = new FrameWriter();
const events = new FrameWriter();

/** All that comes of the steps: of each its code, the sequence it repeats, and its events to the byte. */
function outcomesOf(engine: MatchingEngine, steps: readonly Step[]): string[] {
  return steps.map(({ command, atUs }) => {
    commands.clear();
    const at = commands.length;
    commands.write(engine.lastSeq + 1, atUs, command);
    events.clear();
    const code = engine.apply(commands, at, events);
    const told = createHash('sha1').update(events.finish()).digest('hex');
    const repeated = code === REPEATED ? engine.repeated.seq : '';
    return `${command.type} ${code} ${repeated} ${engine.isCascading} ${told}`;
  });
}

/** Looks at the first difference alone: after it all is different. */
function expectSame(outcomes: readonly string[], expected: readonly string[]): void {
  const first = expected.findIndex((outcome, index) => outcome !== outcomes[index]);
  expect([first, outcomes[first]]).toEqual([-1, undefined]);
  expect(outcomes).toHaveLength(expected.length);
}

/** A state with a bit of everything, and what came next. */
function history(seed: number, length = COMMANDS): { engine: MatchingEngine; rest: readonly Step[] } {
  const steps = randomSteps(seededRandom(seed), length);
  const engine = new MatchingEngine();
  const half = Math.floor(steps.length / 2);
  outcomesOf(engine, steps.slice(0, half));
  return { engine, rest: steps.slice(half) };
}

describe('a restored engine', () => {
  it('is the one that was saved, and goes on as it does', () => {
    const first = randomInt(2 ** 31 - RUNS);
    process.stdout.write(`snapshots: ${RUNS} runs from seed ${first}\n`);
    for (let seed = first; seed < first + RUNS; seed++) {
      const { engine, rest } = history(seed);
      const snapshot = engine.snapshot();
      const restored = MatchingEngine.restore(snapshot);
      expect([restored.digest(), restored.lastSeq]).toEqual([engine.digest(), engine.lastSeq]);
      restored.checkInvariants();
      expectSame(outcomesOf(restored, rest), outcomesOf(engine, rest));
      expect(restored.digest()).toBe(engine.digest());
      restored.checkInvariants();
    }
  });

  it('goes on as it does although it is saved and restored again and again', () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`snapshots: again and again with seed ${seed}\n`);
    const { engine, rest } = history(seed);
    let restored = engine;
    const outcomes: string[] = [];
    for (let at = 0; at < rest.length; at += 25) {
      restored = MatchingEngine.restore(restored.snapshot());
      outcomes.push(...outcomesOf(restored, rest.slice(at, at + 25)));
      restored.checkInvariants();
    }
    expectSame(outcomes, outcomesOf(history(seed).engine, rest));
  });

  it('shares nothing with the bytes, the engine that was saved, or another restored from them', () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`snapshots: independence with seed ${seed}\n`);
    const { engine, rest } = history(seed);
    const snapshot = engine.snapshot();
    const bytes = Uint8Array.from(snapshot);
    const digest = engine.digest();
    const [one, other] = [MatchingEngine.restore(snapshot), MatchingEngine.restore(snapshot)];
    const outcomes = outcomesOf(one, rest);
    expect(engine.digest()).toBe(digest);
    expect(other.digest()).toBe(digest);
    expect(Buffer.compare(snapshot, bytes)).toBe(0);
    expectSame(outcomesOf(other, rest), outcomes);
    expect(engine.digest()).toBe(digest);
    snapshot.fill(0);
    other.checkInvariants();
    expect(other.digest()).toBe(one.digest());
    expectSame(outcomesOf(engine, rest), outcomes);
  });

  it('remembers the requests of sessions, which are no part of the digest', () => {
    const { engine } = history(1);
    const again = MatchingEngine.restore(engine.snapshot());
    const steps: Step[] = [{ command: { type: 'openSession', nonce: 4_711 }, atUs: 2e15 }];
    outcomesOf(engine, steps);
    outcomesOf(again, steps);
    const session = deserialize(engine.snapshot().subarray(DIGEST_BYTES)).counters[2];
    const command = {
      type: 'cancelAll',
      session,
      request: 5,
      account: 1,
      market: 99,
    } as unknown as Step['command'];
    const refused = outcomesOf(engine, [{ command, atUs: 2e15 + 1 }]);
    const restored = MatchingEngine.restore(engine.snapshot());
    expect(outcomesOf(restored, [{ command, atUs: 2e15 + 2 }])).toEqual(refused);
    // A request with a number that shares its place is newer than one that came before.
    const older = { ...command, request: 5 - REQUESTS_MAX } as Step['command'];
    expect(outcomesOf(restored, [{ command: older, atUs: 2e15 + 3 }])).toEqual(
      outcomesOf(engine, [
        { command, atUs: 2e15 + 2 },
        { command: older, atUs: 2e15 + 3 },
      ]).slice(1),
    );
  });

  it('of nothing is a new one', () => {
    const restored = MatchingEngine.restore(new MatchingEngine().snapshot());
    expect(restored.digest()).toBe(new MatchingEngine().digest());
    const steps = randomSteps(seededRandom(7), 300);
    expect(outcomesOf(restored, steps)).toEqual(outcomesOf(new MatchingEngine(), steps));
  });
});

describe('a snapshot', () => {
  const snapshot = history(3, 400).engine.snapshot();

  it('may lie anywhere in a larger buffer', () => {
    for (const offset of [0, 1, 3, 8]) {
      const buffer = Buffer.alloc(snapshot.length + offset);
      buffer.set(snapshot, offset);
      const digest = MatchingEngine.restore(buffer.subarray(offset)).digest();
      expect(digest).toBe(MatchingEngine.restore(snapshot).digest());
    }
  });

  it('is refused for a flipped bit, wherever it is', () => {
    const random = seededRandom(11);
    const places = Array.from({ length: 200 }, () => Math.floor(random() * snapshot.length));
    for (const place of [0, DIGEST_BYTES - 1, DIGEST_BYTES, snapshot.length - 1, ...places]) {
      const damaged = Uint8Array.from(snapshot);
      damaged[place]! ^= 1 << (place % 8);
      expect(() => MatchingEngine.restore(damaged)).toThrow(SnapshotError);
    }
  });

  it('is refused when bytes are missing or there are too many', () => {
    for (const length of [0, 1, DIGEST_BYTES - 1, DIGEST_BYTES, DIGEST_BYTES + 1, 1_000, snapshot.length - 1])
      expect(() => MatchingEngine.restore(snapshot.subarray(0, length))).toThrow(SnapshotError);
    expect(() => MatchingEngine.restore(Buffer.concat([snapshot, Buffer.alloc(1)]))).toThrow(SnapshotError);
    expect(() => MatchingEngine.restore(snapshot.subarray(1))).toThrow(SnapshotError);
  });

  it('of nothing but a checksum that is right is refused', () => {
    const nothing = createHash('sha256').update('').digest();
    expect(() => MatchingEngine.restore(nothing)).toThrow(SnapshotError);
  });

  it.each([0, 1, 2, undefined])('of version %s is refused and says so', (version) => {
    const body = serialize({ ...deserialize(snapshot.subarray(DIGEST_BYTES)), version });
    const digest = createHash('sha256').update(body).digest();
    const other = Buffer.concat([digest, body]);
    expect(() => MatchingEngine.restore(other)).toThrow(
      new SnapshotError(`snapshot version ${version} is not 3, the one known here`),
    );
  });

  it('that has its checksum but is nothing serialized is refused', () => {
    const body = Buffer.from('not a state');
    const digest = createHash('sha256').update(body).digest();
    expect(() => MatchingEngine.restore(Buffer.concat([digest, body]))).toThrow(SnapshotError);
  });
});
