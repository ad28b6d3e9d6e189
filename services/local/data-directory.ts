/** The folder that keeps a local exchange between starts: one process at a time, readable by its owner only. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { removeHome } from '#platform/embedded-postgres/cluster.ts';
import { StartError } from './start-error.ts';

/** Present in every data directory, so that nothing else is ever taken for one. */
const MARKER_FILE = 'crossbook.json';
/** The port on which the process that holds the directory answers with the directory's path. */
const LOCK_FILE = 'lock.json';
const LOCK_ANSWER_TIMEOUT_MS = 1_000;

export interface DataDirectory {
  readonly path: string;
  readonly secrets: Secrets;
  /** Lets another process use the directory. */
  release(): Promise<void>;
}

/** Made at the first start; nobody else has them, and no default stands in the code. */
interface Secrets {
  readonly apiKeyEncryptionKey: string;
  readonly tokenSigningKey: string;
  /** Of the demo user and the bots. */
  readonly demoPassword: string;
}

/**
 * Takes the directory for this process, making it on the first start.
 * @throws {StartError} when it is in use, is not ours, or cannot be written.
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const path = await ownDirectory(resolve(directory));
  const release = await lock(path);
  try {
    return { path, secrets: await secretsOf(path), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Whether an exchange is running on it. */
export async function isInUse(directory: string): Promise<boolean> {
  const path = await realpath(resolve(directory)).catch(() => undefined);
  if (path === undefined) return false;
  const port = await lockedPort(path);
  return port > 0 && (await answerOf(port)) === path;
}

/** Whether there is anything in it to use. */
export async function isThere(directory: string): Promise<boolean> {
  const entries = await readdir(resolve(directory)).catch((): string[] => []);
  return entries.includes(MARKER_FILE);
}

/**
 * Deletes a data directory.
 * @throws {StartError} when it is in use or not a data directory.
 * @returns false when there was none.
 */
export async function removeDataDirectory(directory: string): Promise<boolean> {
  const path = resolve(directory);
  const entries = await readdir(path).catch(() => undefined);
  if (entries === undefined) return false;
  if (!entries.includes(MARKER_FILE)) throw notOurs(path);
  const release = await lock(path);
  await release();
  await removeHome(postgresDirectory(path));
  await rm(path, { recursive: true });
  return true;
}

/** Where a data directory keeps its PostgreSQL. */
export function postgresDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'postgres');
}

async function ownDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    const entries = await readdir(path);
    if (entries.length === 0) await writeFile(join(path, MARKER_FILE), '{"format":1}\n', { mode: 0o600 });
    else if (!entries.includes(MARKER_FILE)) throw notOurs(path);
    return await realpath(path);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(
      `The data directory ${path} cannot be used (${(cause as NodeJS.ErrnoException).code}): ` +
        'set DATA_DIR to a folder that you may write.',
      { cause },
    );
  }
}

function notOurs(path: string): StartError {
  return new StartError(
    `${path} has files in it and is no Crossbook data directory: set DATA_DIR to an empty or a new folder.`,
  );
}

/**
 * A lock that dies with its process, whatever ends it: a listening port, and its number in a file. A stale file
 * names a port on which nobody answers with this directory's path.
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const file = join(path, LOCK_FILE);
  const port = await lockedPort(path);
  if (port > 0 && (await answerOf(port)) === path) {
    throw new StartError(
      `Another Crossbook is running on the data directory ${path}: stop it, or set DATA_DIR and PORT to run a second.`,
    );
  }
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(path);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  await writeFile(file, JSON.stringify({ port: (server.address() as AddressInfo).port }), { mode: 0o600 });
  return async () => {
    await rm(file, { force: true });
    await new Promise((closed) => server.close(closed));
  };
}

/** 0 when there is no lock. */
function lockedPort(path: string): Promise<number> {
  return readFile(join(path, LOCK_FILE), 'utf8').then(
    (text) => Number(/"port":(\d+)/.exec(text)?.[1] ?? 0),
    () => 0,
  );
}

function answerOf(port: number): Promise<string | undefined> {
  return new Promise((answer) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8').setTimeout(LOCK_ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => answer(undefined));
    socket.on('close', () => answer(text));
  });
}

async function secretsOf(path: string): Promise<Secrets> {
  const file = join(path, 'secrets.json');
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  if (stored !== undefined) {
    try {
      return JSON.parse(stored) as Secrets;
    } catch (cause) {
      throw new StartError(
        `${file} is damaged, and without it no stored API key can be read: restore it, or start over with "npm run reset".`,
        { cause },
      );
    }
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const secrets: Secrets = {
    apiKeyEncryptionKey: randomBytes(32).toString('hex'),
    tokenSigningKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    demoPassword: randomBytes(24).toString('base64url'),
  };
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}
