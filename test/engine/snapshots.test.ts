import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FrameWriter } from '#domain/codec.ts';
import { type BlobStore, openBlobStore } from '#platform/blob-store.ts';
import type { Log } from '#platform/log.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import type { Position } from '#services/engine/replica.ts';
import { Snapshots } from '#services/engine/snapshots.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { randomSteps } from './matching/random-commands.ts';

const FLIPS = 300;
const TRUNCATIONS = 60;
const HEADER_BYTES = 112;

interface Warning {
  readonly blob: string;
  readonly fault: string;
  readonly instead: string;
  readonly text: string;
}

let directory: string;
let blobs: BlobStore;
let warnings: Warning[];
let snapshots: Snapshots;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crossbook-snapshots-'));
  blobs = openBlobStore(pathToFileURL(directory).href);
  warnings = [];
  const warn = (fields: object, text: string) => warnings.push({ ...fields, text } as Warning);
  snapshots = new Snapshots(blobs, { warn } as unknown as Log);
});
afterEach(() => rm(directory, { recursive: true }));

/** An engine with orders of all kinds after so many commands, the same for a seed. */
function engineAfter(commands: number, seed: number): MatchingEngine {
  const engine = new MatchingEngine();
  const writer = new FrameWriter();
  const events = new FrameWriter();
  for (const { command, atUs } of randomSteps(seededRandom(seed), commands).slice(0, commands)) {
    writer.clear();
    const at = writer.length;
    writer.write(engine.lastSeq + 1, atUs, command);
    events.clear();
    engine.apply(writer, at, events);
  }
  return engine;
}

function positionOf(seq: number): Position {
  return { seq, timeUs: 1_700_000_000_000_000 + seq, epoch: 7, digest: new Uint8Array(32).fill(seq) };
}

async function save(engine: MatchingEngine): Promise<void> {
  await snapshots.save(positionOf(engine.lastSeq), engine.snapshot());
}

const nameOf = (seq: number) => `snapshots/${String(seq).padStart(16, '0')}`;

/** As if the disk had done it. */
async function change(seq: number, to: (bytes: Buffer) => Buffer): Promise<void> {
  const bytes = await blobs.get(nameOf(seq));
  await blobs.put(nameOf(seq), to(Buffer.from(bytes!)));
}

it('has none in an empty store', async () => {
  expect(await snapshots.newest()).toBe(0);
  expect(await snapshots.load()).toBeUndefined();
  expect(warnings).toEqual([]);
});

it('gives back the engine and the position as they were saved', async () => {
  const seed = randomInt(2 ** 31);
  process.stdout.write(`snapshots: round trip with seed ${seed}\n`);
  const engine = engineAfter(800, seed);
  await save(engine);
  expect(await snapshots.newest()).toBe(engine.lastSeq);
  const saved = await snapshots.load();
  expect(saved!.position).toEqual(positionOf(engine.lastSeq));
  expect(saved!.engine.lastSeq).toBe(engine.lastSeq);
  expect(saved!.engine.digest()).toBe(engine.digest());
  expect(saved!.engine.digest()).not.toBe(new MatchingEngine().digest());
  saved!.engine.checkInvariants();
  expect(warnings).toEqual([]);
});

it('keeps the three newest, and gives the newest that is asked for', async () => {
  const seed = randomInt(2 ** 31);
  process.stdout.write(`snapshots: pruning with seed ${seed}\n`);
  for (const commands of [10, 200, 30, 100, 20]) await save(engineAfter(commands, seed));
  expect(await blobs.list('')).toEqual([30, 100, 200].map(nameOf));
  expect(await snapshots.newest()).toBe(200);
  const loaded = async (atMost?: number) => (await snapshots.load(atMost))?.position.seq;
  expect(await loaded()).toBe(200);
  expect([await loaded(200), await loaded(199), await loaded(100), await loaded(99)]).toEqual([
    200, 100, 100, 30,
  ]);
  expect(await loaded(29)).toBeUndefined();
  expect(warnings).toEqual([]);
});

it('passes over what is no snapshot by its name, and never deletes it', async () => {
  for (const key of ['snapshots/12', 'snapshots/00000000000000999', 'snapshots/readme.txt', 'journal/9'])
    await blobs.put(key, Buffer.from('x'));
  for (const commands of [10, 20, 30, 40]) await save(engineAfter(commands, 1));
  expect(await snapshots.newest()).toBe(40);
  expect(await blobs.list('')).toHaveLength(4 + 3);
});

it('is saved although older ones cannot be deleted, and says so', async () => {
  for (const commands of [10, 20, 30]) await save(engineAfter(commands, 1));
  const { delete: deleteBlob } = blobs;
  blobs.delete = () => Promise.reject(new Error('denied'));
  await save(engineAfter(40, 1));
  blobs.delete = deleteBlob.bind(blobs);
  expect(await blobs.list('')).toHaveLength(4);
  expect(warnings).toMatchObject([{ text: 'could not delete old snapshots' }]);
  expect((await snapshots.load())!.position.seq).toBe(40);
});

it('is not saved when the store fails', async () => {
  blobs.put = () => Promise.reject(new Error('disk full'));
  await expect(save(engineAfter(10, 1))).rejects.toThrow('disk full');
});

it('lets other work go on while much is saved', async () => {
  let isSealed = false;
  blobs.put = async () => {
    isSealed = true;
  };
  const saving = snapshots.save(positionOf(5), Buffer.alloc(64 * 1024 * 1024));
  let turns = 0;
  for (; !isSealed; turns++) await setImmediate();
  await saving;
  // 4 to copy 16 MB each, and 16 to hash 4 MB each.
  expect(turns).toBeGreaterThanOrEqual(4 + 16);
});

describe('one that is damaged', () => {
  let seed: number;
  let digest: string;
  beforeEach(async () => {
    seed = randomInt(2 ** 31);
    digest = engineAfter(150, seed).digest();
    process.stdout.write(`snapshots: damage with seed ${seed}\n`);
    await save(engineAfter(150, seed));
    await save(engineAfter(300, seed));
  });

  /** That of sequence 300 is refused, for which the log gives a reason, and the one before is used. */
  async function expectFallback(fault: RegExp): Promise<void> {
    const saved = await snapshots.load();
    expect(saved!.position).toEqual(positionOf(150));
    expect(saved!.engine.digest()).toBe(digest);
    expect(warnings).toEqual([
      {
        blob: nameOf(300),
        fault: expect.stringMatching(fault),
        instead: nameOf(150),
        text: 'a snapshot cannot be used; using what is before it',
      },
    ]);
    warnings = [];
  }

  it('in any bit is refused', async () => {
    const sound = Buffer.from((await blobs.get(nameOf(300)))!);
    const random = seededRandom(seed);
    // Every byte of the header, and many of the rest.
    for (let at = 0; at < HEADER_BYTES + FLIPS; at++) {
      const place = at < HEADER_BYTES ? at : Math.floor(random() * sound.length);
      const bit = 1 << Math.floor(random() * 8);
      await change(300, () => {
        const bytes = Buffer.from(sound);
        bytes[place]! ^= bit;
        return bytes;
      });
      await expectFallback(/damaged/);
    }
    await change(300, () => sound);
    expect((await snapshots.load())!.position.seq).toBe(300);
    // Hundreds of files, each written to the disk and waited for.
  }, 120_000);

  it('by missing or additional bytes is refused', async () => {
    const sound = Buffer.from((await blobs.get(nameOf(300)))!);
    const random = seededRandom(seed);
    const lengths = Array.from({ length: TRUNCATIONS }, () => Math.floor(random() * sound.length));
    for (const length of [0, 1, HEADER_BYTES - 1, HEADER_BYTES, sound.length - 1, ...lengths]) {
      await change(300, () => sound.subarray(0, length));
      await expectFallback(/^damaged: /);
    }
    await change(300, () => Buffer.concat([sound, Buffer.alloc(1)]));
    await expectFallback(/^damaged: .* bytes follow the header/);
    await change(300, () => sound);
    expect((await snapshots.load())!.position.seq).toBe(300);
  });

  it('is refused when it is of a version that another release writes', async () => {
    await change(300, (bytes) => {
      bytes.writeBigUInt64LE(2n, 8);
      return bytes;
    });
    await expectFallback(/^version 2 is not 1, the one known here/);
  });

  it('is refused when it has the content of another', async () => {
    const other = (await blobs.get(nameOf(150)))!;
    await change(300, () => Buffer.from(other));
    await expectFallback(/^it is of sequence 150$/);
  });

  it('is refused when the engine in it stands elsewhere, or was damaged before it was saved', async () => {
    await snapshots.save(positionOf(300), engineAfter(299, seed).snapshot());
    await expectFallback(/^its engine stands at sequence 299$/);
    const bytes = engineAfter(300, seed).snapshot();
    bytes[bytes.length - 1]! ^= 1;
    await snapshots.save(positionOf(300), bytes);
    await expectFallback(/^the checksum differs/);
  });

  it('is passed over when it is deleted between the listing and the reading', async () => {
    const { get } = blobs;
    blobs.get = async (key) => (key === nameOf(300) ? undefined : get.call(blobs, key));
    await expectFallback(/^it has been deleted meanwhile$/);
  });

  it('leaves nothing when all others are, too', async () => {
    for (const seq of [150, 300]) await change(seq, (bytes) => bytes.subarray(1));
    expect(await snapshots.load()).toBeUndefined();
    expect(warnings.map(({ blob, instead }) => [blob, instead])).toEqual([
      [nameOf(300), nameOf(150)],
      [nameOf(150), 'the journal from its beginning'],
    ]);
  });

  it('is no reason to hide that the store fails', async () => {
    blobs.get = () => Promise.reject(new Error('no route to host'));
    await expect(snapshots.load()).rejects.toThrow('no route to host');
  });
});
