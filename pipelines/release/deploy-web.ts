/**
 * Brings a release's pages to an environment: `node deploy-web.ts web <bucket> <distribution> <its address>`.
 * Ends with 0 when they are served; with 1 when they are not, and then the page before is back. Their digest goes into no
 * quarantine: every file is what the release says before it is sent, so that the fault is where it was sent to.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetIndex, servedFault } from './distribution.ts';
import { WebBucket } from './web-bucket.ts';
import { INDEX, MANIFEST, parseManifest, readWebRelease, type WebRelease } from './web-release.ts';

const [folder = '', bucketName = '', distribution = '', url = ''] = process.argv.slice(2);
const bucket = new WebBucket(bucketName);
const tell = (line: string) => void process.stdout.write(`${bucketName}: ${line}\n`);

/** Why the pages are not served, or undefined. */
async function deploy(release: WebRelease): Promise<string | undefined> {
  const manifest = bucket.text(MANIFEST);
  const before = manifest === undefined ? undefined : parseManifest(manifest);
  if (before?.digest === release.digest) {
    tell(`${release.digest} is there already: nothing to upload`);
    return servedFault(url, release);
  }
  const indexBefore = bucket.text(INDEX);
  const failure = await replaceIndex(release).catch(messageOf);
  if (failure !== undefined) {
    const more = indexBefore === undefined ? undefined : await putBack(indexBefore, release).catch(messageOf);
    if (before !== undefined) supersede(release, before);
    return more === undefined ? failure : `${failure}; nor was the page before served again: ${more}`;
  }
  if (before !== undefined) supersede(before, release);
  // Last: a release that was cut short is brought again, whole.
  bucket.put(MANIFEST, join(folder, MANIFEST), { contentType: 'application/json', cacheControl: 'no-cache' });
  tell(`${release.digest} is served`);
  return undefined;
}

/** What the page names is there before the page is. */
async function replaceIndex(release: WebRelease): Promise<string | undefined> {
  for (const [path, file] of release.files) if (path !== INDEX) bucket.put(path, join(folder, path), file);
  bucket.put(INDEX, join(folder, INDEX), release.files.get(INDEX)!);
  tell(`${release.files.size} files are uploaded`);
  await forgetIndex(distribution);
  return servedFault(url, release);
}

async function putBack(index: string, { files }: WebRelease): Promise<undefined> {
  const scratch = mkdtempSync(join(tmpdir(), 'index-before-'));
  try {
    writeFileSync(join(scratch, INDEX), index);
    bucket.put(INDEX, join(scratch, INDEX), files.get(INDEX)!);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  await forgetIndex(distribution);
  tell('the page before is back');
}

/** Files that only the one names are kept for a while, for whoever has its page open. */
function supersede(one: WebRelease, other: WebRelease): void {
  for (const [path, file] of one.files) if (!other.files.has(path)) bucket.supersede(path, file);
}

const messageOf = (error: Error) => error.message;

const release = readWebRelease(folder);
const failure = await deploy(release);
if (failure !== undefined) {
  process.stderr.write(`${bucketName}: ${failure}\n`);
  process.exitCode = 1;
}
