/** Blobs as files below a folder, which processes of one machine may share. Only their owner may read them. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assertBlobKey, assertBlobPrefix, isBlobKey } from './blob-key.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** In no key: a file whose name has it is one that was not finished. */
const UNFINISHED = '~';
/** Each failed attempt is another writer of the same key that succeeded. */
const PUT_ATTEMPTS_MAX = 5;

export class FileBlobStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key);
    const folder = dirname(path);
    await makeFolder(folder);
    for (let attempt = 1; ; attempt++) {
      const unfinished = `${path}${UNFINISHED}${randomBytes(6).toString('hex')}`;
      try {
        await writeDurably(unfinished, bytes);
        await rename(unfinished, path);
        break;
      } catch (error) {
        await rm(unfinished, { force: true });
        if (codeOf(error) !== 'ENOENT' || attempt === PUT_ATTEMPTS_MAX) throw error;
      }
    }
    await syncFolder(folder);
    await removeUnfinished(path);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#pathOf(key));
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    assertBlobPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const keys = await this.#keysBelow(folder);
    return keys.filter((key) => key.startsWith(prefix) && isBlobKey(key)).sort();
  }

  async delete(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  #pathOf(key: string): string {
    assertBlobKey(key);
    return join(this.#directory, ...key.split('/'));
  }

  /** `folder` is empty or ends with a slash. */
  async #keysBelow(folder: string): Promise<string[]> {
    const keys: string[] = [];
    for (const entry of await entriesOf(join(this.#directory, ...folder.split('/')))) {
      if (entry.isDirectory()) keys.push(...(await this.#keysBelow(`${folder}${entry.name}/`)));
      else if (entry.isFile()) keys.push(`${folder}${entry.name}`);
    }
    return keys;
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder lasts once the one that it is in is on disk. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Writes down which files a folder has. */
async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps renames in its own journal.
  if (process.platform === 'win32') return;
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** What a crash left, or another writer of the same blob still writes: that one finds it gone, and tries again. */
async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}${UNFINISHED}`;
  for (const { name } of await entriesOf(folder))
    if (name.startsWith(start)) await rm(join(folder, name), { force: true });
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
