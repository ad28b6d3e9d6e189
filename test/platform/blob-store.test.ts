import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type BlobStore, openBlobStore } from '#platform/blob-store.ts';
import { ConfigError } from '#platform/env.ts';
import { type S3Server, startS3Server } from '#test/support/s3-server.ts';

const PAGE_KEYS = 3;
/** More than a pipe, a socket's buffer or a slice of a hash holds. */
const LARGE_BYTES = 9 * 1024 * 1024 + 1;

const runNode = promisify(execFile);
let directory: string;
let s3: S3Server;
const before = { ...process.env };

beforeAll(async () => {
  s3 = await startS3Server(['bucket-1', 'bucket-2'], PAGE_KEYS);
  // What the SDK reads by itself; on AWS the task's role gives it the credentials.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // Whoever sets this does not turn the check of what comes back off.
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
  });
});
afterAll(async () => {
  process.env = before;
  await s3.close();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crossbook-blobs-'));
  Object.assign(s3, { failures: 0, damage: undefined });
  s3.objects.clear();
  s3.requests.length = 0;
});
afterEach(() => rm(directory, { recursive: true }));

const openFiles = () => openBlobStore(pathToFileURL(join(directory, 'deep', 'store')).href);
const openBucket = () => openBlobStore('s3://bucket-1/deep/prefix');

describe.each([
  ['a folder', openFiles],
  [
    'a folder whose name is given with a slash',
    () => openBlobStore(`${pathToFileURL(directory).href}/blobs/`),
  ],
  ['a bucket', openBucket],
  ['a bucket with a slash after the prefix', () => openBlobStore('s3://bucket-1/prefix/')],
  ['a bucket without a prefix', () => openBlobStore('s3://bucket-1')],
])('a store in %s', (_, open: () => BlobStore) => {
  let store: BlobStore;
  beforeEach(() => {
    store = open();
  });

  it.each([0, 1, 1_000, LARGE_BYTES])('gives back %i bytes as they were put', async (length) => {
    const bytes = randomBytes(length);
    await store.put('snapshots/0001', bytes);
    expect(Buffer.compare((await store.get('snapshots/0001'))!, bytes)).toBe(0);
    expect(Buffer.compare((await open().get('snapshots/0001'))!, bytes)).toBe(0);
  });

  it('puts what a view of a larger buffer shows, and no more', async () => {
    await store.put('view', new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4));
    expect([...(await store.get('view'))!]).toEqual([2, 3, 4]);
  });

  it('has nothing under a key that was never put, or beside one', async () => {
    expect(await store.get('snapshots/0001')).toBeUndefined();
    await store.put('snapshots/0001', randomBytes(8));
    for (const key of ['snapshots', 'snapshots/000', 'snapshots/0001/more', '0001'])
      expect([key, await store.get(key)]).toEqual([key, undefined]);
  });

  it('replaces a blob', async () => {
    await store.put('a', randomBytes(10_000));
    await store.put('a', Buffer.from('second'));
    expect(Buffer.from((await store.get('a'))!).toString()).toBe('second');
    expect(await store.list('')).toEqual(['a']);
  });

  it('lists keys by prefix in ascending order, more than go into one answer', async () => {
    expect(await store.list('')).toEqual([]);
    expect(await store.list('journal/')).toEqual([]);
    const keys = Array.from({ length: 3 * PAGE_KEYS + 1 }, (_, at) => `journal/00${(at * 7) % 10}`);
    for (const key of [...keys, 'journal-1', 'snapshots/1']) await store.put(key, Buffer.from(key));
    const sorted = [...keys].sort();
    expect(new Set(keys).size).toBe(10);
    expect(await store.list('journal/')).toEqual(sorted);
    expect(await store.list('journal')).toEqual(['journal-1', ...sorted]);
    expect(await store.list('journal/003')).toEqual(['journal/003']);
    expect(await store.list('')).toEqual(['journal-1', ...sorted, 'snapshots/1']);
    expect(await store.list('nothing/')).toEqual([]);
  });

  it('deletes a blob, and does not mind when there is none', async () => {
    await store.put('a/b', Buffer.from('b'));
    await store.put('a/c', Buffer.from('c'));
    await store.delete('a/b');
    await store.delete('a/b');
    await store.delete('nothing/at/all');
    expect(await store.get('a/b')).toBeUndefined();
    expect(await store.list('a/')).toEqual(['a/c']);
  });

  it('lets readers see one blob or the other while it is replaced, and never a part', async () => {
    const blobs = [Buffer.alloc(300_000, 1), Buffer.alloc(200_000, 2)];
    await store.put('a', blobs[0]!);
    let isDone = false;
    const writing = (async () => {
      for (let round = 1; round <= 20; round++) await store.put('a', blobs[round % 2]!);
      isDone = true;
    })();
    let reads = 0;
    for (; !isDone; reads++) {
      const seen = Buffer.from((await store.get('a'))!);
      expect(blobs.some((blob) => blob.equals(seen))).toBe(true);
    }
    await writing;
    expect(reads).toBeGreaterThan(0);
  });

  it('ends with one of the blobs that several put under one key at once', async () => {
    const blobs = Array.from({ length: 4 }, (_, at) => Buffer.alloc(50_000, at + 1));
    await Promise.all(blobs.map((blob) => open().put('a', blob)));
    const seen = Buffer.from((await store.get('a'))!);
    expect(blobs.some((blob) => blob.equals(seen))).toBe(true);
    expect(await store.list('')).toEqual(['a']);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '../a',
    'a/../b',
    'a..b',
    '.',
    './a',
    'A',
    'a b',
    'a~b',
    'a\0',
    'x'.repeat(300),
  ])('has no key such as %j', async (key) => {
    await expect(store.put(key, Buffer.from('x'))).rejects.toThrow('a blob cannot be called');
    await expect(store.get(key)).rejects.toThrow('a blob cannot be called');
    await expect(store.delete(key)).rejects.toThrow('a blob cannot be called');
  });

  it.each(['/', '../', 'a//', 'a~'])('lists nothing that would begin with %j', async (prefix) => {
    await expect(store.list(prefix)).rejects.toThrow("no blob's key begins with");
  });
});

describe('a store in a folder', () => {
  const folder = () => join(directory, 'deep', 'store', 'a');

  it('passes over what a crash left, and removes it when the same blob is put again', async () => {
    await mkdir(folder(), { recursive: true });
    for (const left of ['b~0123', 'b~4567', 'bc~89ab']) await writeFile(join(folder(), left), 'half');
    const store = openFiles();
    expect(await store.list('')).toEqual([]);
    expect(await store.get('a/b')).toBeUndefined();
    await store.put('a/b', Buffer.from('whole'));
    expect((await readdir(folder())).sort()).toEqual(['b', 'bc~89ab']);
    expect(await store.list('')).toEqual(['a/b']);
  });

  it('puts a blob again whose unfinished file was removed by another writer', async () => {
    // Takes long enough to be met while it is written.
    const large = Buffer.alloc(8 * LARGE_BYTES, 1);
    const writing = openFiles().put('a/b', large);
    const names = () => readdir(folder()).catch((): string[] => []);
    while (!(await names()).some((name) => name.startsWith('b~'))) await setImmediate();
    for (const name of await names()) await rm(join(folder(), name));
    expect(await openFiles().get('a/b')).toBeUndefined();
    await writing;
    expect(Buffer.compare((await openFiles().get('a/b'))!, large)).toBe(0);
    expect(await names()).toEqual(['b']);
  });

  it('leaves nothing behind when it cannot put a blob', async () => {
    const store = openFiles();
    await store.put('a/b/c', Buffer.from('c'));
    await expect(store.put('a/b', Buffer.from('b'))).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(await readdir(folder())).toEqual(['b']);
  });

  it('lets only its owner read', async () => {
    await openFiles().put('a/b', Buffer.from('secret'));
    expect((await stat(join(folder(), 'b'))).mode & 0o777).toBe(0o600);
    for (const made of [folder(), join(folder(), '..'), join(folder(), '..', '..')])
      expect((await stat(made)).mode & 0o777).toBe(0o700);
  });

  it('takes a folder whose name has to be written in percents', async () => {
    const url = pathToFileURL(join(directory, 'with space and ü')).href;
    await openBlobStore(url).put('a', Buffer.from('a'));
    expect(await readdir(directory)).toEqual(['with space and ü']);
  });

  it('never loads the SDK of AWS, which a bucket needs', async () => {
    const loadedBy = async (url: string) => {
      const program = `
        const { registerHooks } = await import('node:module');
        registerHooks({
          resolve: (name, context, next) => {
            if (name.startsWith('@aws-sdk/')) process.stdout.write(name + ' ');
            return next(name, context);
          },
        });
        const { openBlobStore } = await import('#platform/blob-store.ts');
        const store = openBlobStore(${JSON.stringify(url)});
        await store.put('a', Buffer.from('a'));
        await store.list('');
      `;
      return (
        await runNode(process.execPath, ['--input-type=module', '--eval', program], { env: process.env })
      ).stdout;
    };
    expect(await loadedBy(pathToFileURL(directory).href)).toBe('');
    expect(await loadedBy('s3://bucket-1')).toContain('@aws-sdk/client-s3');
  });
});

describe('a store in a bucket', () => {
  it('asks S3 for pages until there are no more', async () => {
    const store = openBucket();
    for (let at = 0; at < 2 * PAGE_KEYS + 1; at++) await store.put(`a/${at}`, Buffer.from('x'));
    s3.objects.set('bucket-1/deep/prefix/a/Not A Key', Buffer.from('x'));
    s3.objects.set('bucket-1/elsewhere/a/9', Buffer.from('x'));
    s3.objects.set('bucket-2/deep/prefix/a/9', Buffer.from('x'));
    s3.requests.length = 0;
    expect(await store.list('a/')).toEqual(Array.from({ length: 2 * PAGE_KEYS + 1 }, (_, at) => `a/${at}`));
    expect(s3.requests).toHaveLength(3);
  });

  it('keeps each blob under its prefix', async () => {
    await openBucket().put('a/b', Buffer.from('x'));
    await openBlobStore('s3://bucket-2').put('a/b', Buffer.from('x'));
    expect([...s3.objects.keys()]).toEqual(['bucket-1/deep/prefix/a/b', 'bucket-2/a/b']);
  });

  it('tries again a few times when S3 is busy, and then fails', async () => {
    const store = openBucket();
    s3.failures = 2;
    await store.put('a', Buffer.from('x'));
    expect(s3.requests).toHaveLength(3);
    s3.failures = Number.POSITIVE_INFINITY;
    s3.requests.length = 0;
    await expect(store.get('a')).rejects.toThrow('InternalError');
    expect(s3.requests).toHaveLength(5);
  });

  it('stores nothing that was damaged on the way', async () => {
    const store = openBucket();
    s3.damage = flipLastBit;
    await expect(store.put('a', randomBytes(100))).rejects.toThrow('XAmzContentSHA256Mismatch');
    expect(await store.get('a')).toBeUndefined();
  });

  it('gives back nothing that was damaged on the way', async () => {
    const store = openBucket();
    await store.put('a', randomBytes(100));
    s3.damage = flipLastBit;
    await expect(store.get('a')).rejects.toThrow(/checksum/i);
  });

  it('takes no other refusal of S3 for an absent blob', async () => {
    const store = openBlobStore('s3://bucket-3');
    await expect(store.get('a')).rejects.toThrow('NoSuchBucket');
    await expect(store.list('')).rejects.toThrow('NoSuchBucket');
  });
});

describe('openBlobStore', () => {
  it.each([
    ['', 'no URL'],
    ['blobs', 'no URL'],
    ['https://bucket/prefix', 'https:'],
    ['s3://', 'bucket'],
    ['s3:///prefix', 'bucket'],
    ['s3://BUCKET_1/prefix', 'bucket'],
    ['s3://key:secret@bucket/prefix', 'more than a bucket'],
    ['s3://bucket:9000/prefix', 'more than a bucket'],
    ['s3://bucket/prefix?region=x', 'more than a bucket'],
    ['s3://bucket/a//b', 'prefix'],
    ['s3://bucket/A%20b', 'prefix'],
    ['file://host/directory', 'directory of this machine'],
    ['file:///directory?x', 'more than a directory'],
  ])('refuses %j with the variable, the fault and the mend', (url, fault) => {
    const open = () => openBlobStore(url);
    expect(open).toThrow(ConfigError);
    expect(open).toThrow(/^BLOB_STORE_URL .* give it as s3:\/\/bucket\/prefix or file:\/\/\/directory$/);
    expect(open).toThrow(fault);
    expect(open).not.toThrow('secret');
  });
});

function flipLastBit(body: Buffer): Buffer {
  body[body.length - 1]! ^= 1;
  return body;
}
