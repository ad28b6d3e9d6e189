/** The pages of a release, as `bundle-web` left them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The one page; every other file has a hash in its name. */
export const INDEX = 'index.html';
/** Says what a release is made of. */
export const MANIFEST = 'release.json';

export interface WebFile {
  /** `sha256:…` of its content. */
  readonly digest: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface WebRelease {
  /** `sha256:…` of the manifest, which has the digests of all files: one for the same pages. */
  readonly digest: string;
  readonly files: ReadonlyMap<string, WebFile>;
}

export function parseManifest(text: string): WebRelease {
  const { files } = JSON.parse(text) as { readonly files: Readonly<Record<string, WebFile>> };
  return { digest: digestOf(text), files: new Map(Object.entries(files)) };
}

/**
 * Reads a release and makes sure that it is whole: each file is what the manifest says, and there is no other.
 * @throws when it is not.
 */
export function readWebRelease(folder: string): WebRelease {
  const release = parseManifest(readFileSync(join(folder, MANIFEST), 'utf8'));
  for (const [path, { digest }] of release.files) {
    const found = digestOf(readFileSync(join(folder, path)));
    if (found !== digest) throw new Error(`${path} is ${found}, and the release says ${digest}`);
  }
  const there = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  const stranger = there.find((path) => path !== MANIFEST && !release.files.has(path));
  if (stranger !== undefined) throw new Error(`${stranger} is not in ${MANIFEST}`);
  if (!release.files.has(INDEX)) throw new Error(`${MANIFEST} has no ${INDEX}`);
  return release;
}

export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
