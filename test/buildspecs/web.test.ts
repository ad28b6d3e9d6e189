/** The pages, bundled and brought to an environment: only `aws` is a stand-in, and this test's own server CloudFront's. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseManifest, type WebRelease } from '#pipelines/release/web-release.ts';
import { type Answer, type Build, removeCheckouts, runBuildspec } from './run-buildspec.ts';

const bucket = 'crossbook-staging-web-222222222222-eu-central-1';
const oldManifest = JSON.stringify({
  files: {
    'assets/main-OLD.js': {
      digest: digestOf('old'),
      contentType: 'text/javascript; charset=utf-8',
      cacheControl: 'public, max-age=31536000, immutable',
    },
    'index.html': {
      digest: digestOf('<old>'),
      contentType: 'text/html; charset=utf-8',
      cacheControl: 'no-cache',
    },
  },
});

const configured: Answer = { to: 'aws configure' };
const onProfile = `--profile environment --output json`;
const listed = (key: string, ...there: string[]): Answer => ({
  to: `aws s3api list-objects-v2 --bucket ${bucket} --prefix ${key}`,
  output: { Contents: there.map((Key) => ({ Key })) },
});
const empty = [listed('release.json'), listed('index.html')];
const object = (key: string, text: string): Answer => ({
  to: `aws s3api get-object --bucket ${bucket} --key ${key}`,
  object: text,
  output: {},
});
const releasedBefore = (manifest: string): Answer[] => [
  listed('release.json', 'release.json'),
  listed('index.html', 'index.html'),
  object('release.json', manifest),
  object('index.html', '<old>'),
];
const put: Answer = { to: 'aws s3api put-object', output: {} };
const superseded: Answer = { to: 'aws s3api copy-object', output: {} };
const forgotten: Answer[] = [
  { to: 'aws cloudfront create-invalidation', output: { Invalidation: { Id: 'I1', Status: 'InProgress' } } },
  { to: 'aws cloudfront get-invalidation', output: { Invalidation: { Id: 'I1', Status: 'Completed' } } },
];

/** What the bundle left, in a folder of this test's own. */
let web: string;
let manifest: string;
let release: WebRelease;
let bundled: Build;
let server: Server;
let url: string;
/** What CloudFront would serve, by path; the release unless a test says otherwise. */
let served: Map<string, { body: Buffer; headers: Record<string, string> }>;

beforeAll(async () => {
  bundled = await bundle();
  web = mkdtempSync(join(tmpdir(), 'crossbook-web-'));
  manifest = bundled.file('web/release.json');
  release = parseManifest(manifest);
  for (const path of ['release.json', ...release.files.keys()]) {
    mkdirSync(join(web, path, '..'), { recursive: true });
    writeFileSync(join(web, path), bundled.file(`web/${path}`));
  }
  server = createServer((request, response) => {
    const path = request.url === '/' ? 'index.html' : request.url!.slice(1);
    const file = served.get(path);
    response.writeHead(file ? 200 : 403, file?.headers).end(file?.body);
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 120_000);

beforeEach(() => {
  served = new Map(
    [...release.files].map(([path, { contentType }]) => [
      path,
      {
        body: readFileSync(join(web, path)),
        headers: { 'Content-Type': contentType, 'Content-Security-Policy': "default-src 'none'" },
      },
    ]),
  );
});

afterAll(() => {
  server?.close();
  removeCheckouts();
  rmSync(web, { recursive: true, force: true });
});

function bundle(change?: (checkout: string) => void): Promise<Build> {
  return runBuildspec('web-bundle.yml', {}, [], change);
}

function deploy(answers: readonly Answer[], change: (folder: string) => void = () => {}): Promise<Build> {
  const variables = {
    BUCKET: bucket,
    DISTRIBUTION: 'E1',
    PAGES_URL: url,
    ENVIRONMENT_ROLE: 'arn:aws:iam::222222222222:role/crossbook-staging-release',
    ENVIRONMENT_REGION: 'eu-central-1',
  };
  return runBuildspec('web.yml', variables, [configured, ...answers], (checkout) => {
    cpSync(web, join(checkout, 'web'), { recursive: true });
    change(join(checkout, 'web'));
  });
}

const putsOf = ({ calls }: Build) =>
  calls.filter((call) => call.startsWith(put.to)).map((call) => /--key (\S+)/.exec(call)![1]!);

describe('the bundle of the pages', () => {
  it('has a page that names its files by their hashes, and says how each is served', () => {
    expect(bundled.exitCode).toBe(0);
    const index = bundled.file('web/index.html');
    const named = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(new Set(named)).toEqual(
      new Set([...release.files.keys()].filter((path) => path !== 'index.html')),
    );
    for (const path of named) {
      expect(path).toMatch(/-[A-Z0-9]{8}\.(js|css|svg)$/);
      expect(release.files.get(path)!.cacheControl).toBe('public, max-age=31536000, immutable');
    }
    expect(release.files.get('index.html')!.cacheControl).toBe('no-cache');
  });

  it('keeps the policy of the pages: no script, style or handler within the page', () => {
    const index = bundled.file('web/index.html');
    expect(index).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
  });

  it('is the same, byte for byte, from the same sources in another folder, and another from others', async () => {
    const again = await bundle();
    expect(again.file('web/release.json')).toBe(manifest);
    const changed = await bundle((checkout) =>
      writeFileSync(join(checkout, 'services/web/screen/styles/desk.css'), '.desk { color: red }'),
    );
    expect(changed.file('web/release.json')).not.toBe(manifest);
  }, 60_000);

  it('fails when a source does not compile', async () => {
    const build = await bundle((checkout) =>
      writeFileSync(join(checkout, 'services/web/screen/watched.ts'), 'export class {'),
    );
    expect(build.exitCode).not.toBe(0);
    expect(() => build.file('web/release.json')).toThrow('ENOENT');
  });
});

describe('bringing the pages to an environment', () => {
  it('puts what never changes before the page that names it, has CloudFront ask anew, and looks at what is served', async () => {
    const build = await deploy([...empty, put, ...forgotten]);
    expect([build.exitCode, build.output]).toEqual([
      0,
      expect.stringContaining(`${release.digest} is served`),
    ]);
    const assets = [...release.files.keys()].filter((path) => path !== 'index.html');
    expect(putsOf(build)).toEqual([...assets, 'index.html', 'release.json']);
    for (const path of assets)
      expect(build.calls).toContain(
        `aws s3api put-object --bucket ${bucket} --key ${path} --body web/${path} --content-type ${release.files.get(path)!.contentType} --cache-control public, max-age=31536000, immutable --checksum-algorithm SHA256 ${onProfile}`,
      );
    const order = build.calls.map((call) => call.split(' ').slice(0, 3).join(' '));
    const forgot = order.indexOf('aws cloudfront create-invalidation');
    expect(build.calls[forgot]).toMatch(/--distribution-id E1 .*"Items":\["\/index\.html"\]/);
    expect(build.calls[forgot - 1]).toContain('--key index.html');
    expect(order.slice(forgot)).toEqual([
      'aws cloudfront create-invalidation',
      'aws cloudfront get-invalidation',
      'aws s3api put-object',
    ]);
  });

  it('keeps the files of the page before for a while, and marks when that began', async () => {
    const build = await deploy([...releasedBefore(oldManifest), put, ...forgotten, superseded]);
    expect(build.exitCode).toBe(0);
    const marked = build.calls.filter((call) => call.startsWith(superseded.to));
    expect(marked).toEqual([
      `aws s3api copy-object --bucket ${bucket} --key assets/main-OLD.js --copy-source ${bucket}/assets/main-OLD.js --metadata-directive REPLACE --content-type text/javascript; charset=utf-8 --cache-control public, max-age=31536000, immutable --tagging-directive REPLACE --tagging superseded=true ${onProfile}`,
    ]);
    expect(build.calls.some((call) => call.includes('delete'))).toBe(false);
  });

  it('uploads nothing where the release is already, and looks at what is served all the same', async () => {
    const there = releasedBefore(manifest);
    const build = await deploy(there);
    expect([build.exitCode, build.output]).toEqual([0, expect.stringContaining('nothing to upload')]);
    expect(putsOf(build)).toEqual([]);
    served.delete('index.html');
    expect((await deploy(there)).exitCode).toBe(1);
  }, 60_000);

  it.each([
    [
      'another page',
      () => served.set('index.html', { ...served.get('index.html')!, body: Buffer.from('<old>') }),
      '/ is sha256:',
    ],
    [
      'no stylesheet',
      () => served.delete([...release.files.keys()].find((path) => path.endsWith('.css'))!),
      'is answered with 403',
    ],
    [
      'a page without its policy',
      () => delete served.get('index.html')!.headers['Content-Security-Policy'],
      'Content-Security-Policy',
    ],
  ])(
    'puts the page before back, and fails, when %s is served',
    async (_, spoil, fault) => {
      spoil();
      const build = await deploy([...releasedBefore(oldManifest), put, ...forgotten, superseded]);
      expect([build.exitCode, build.output]).toEqual([1, expect.stringContaining(fault)]);
      expect(build.output).toContain('the page before is back');
      // What says that the release is there is not put; the page before is, and CloudFront asks for it.
      expect(putsOf(build).slice(-2)).toEqual(['index.html', 'index.html']);
      expect(build.calls.filter((call) => call.startsWith(forgotten[0]!.to))).toHaveLength(2);
      const marked = build.calls.filter((call) => call.startsWith(superseded.to)).join();
      expect(marked).toContain('assets/main-');
      expect(marked).not.toContain('main-OLD.js');
    },
    60_000,
  );

  it('sends nothing of a bundle that is not what it says', async () => {
    const [css] = [...release.files.keys()].filter((path) => path.endsWith('.css'));
    const changed = await deploy([...empty, put, ...forgotten], (folder) =>
      writeFileSync(join(folder, css!), 'body { display: none }'),
    );
    expect([changed.exitCode, changed.output]).toEqual([1, expect.stringContaining(`${css} is sha256:`)]);
    expect(putsOf(changed)).toEqual([]);
    const added = await deploy([...empty, put, ...forgotten], (folder) =>
      writeFileSync(join(folder, 'assets/more.js'), ''),
    );
    expect([added.exitCode, added.output]).toEqual([
      1,
      expect.stringContaining('assets/more.js is not in release.json'),
    ]);
    expect(putsOf(added)).toEqual([]);
  }, 60_000);

  it('fails, and puts the page before back, when CloudFront cannot be told', async () => {
    const build = await deploy([
      ...releasedBefore(oldManifest),
      put,
      superseded,
      { to: 'aws cloudfront create-invalidation', error: 'TooManyInvalidationsInProgress' },
    ]);
    expect([build.exitCode, build.output]).toEqual([
      1,
      expect.stringContaining('TooManyInvalidationsInProgress'),
    ]);
    expect(putsOf(build).slice(-2)).toEqual(['index.html', 'index.html']);
  }, 60_000);
});
