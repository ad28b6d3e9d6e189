/** A PostgreSQL data directory: where it lies, making it, and who else is serving it. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  EmbeddedPostgresError,
  firstLine,
  isReachable,
  type PostgresBinaries,
  serverUser,
} from './binaries.ts';

const run = promisify(execFile);

/** The database's superuser, known by a generated password. */
export const POSTGRES_USER = 'crossbook';
const PASSWORD_BYTES = 24;
/** Survives reboots, unlike the temporary directory. */
const UNREACHABLE_HOMES = '/var/tmp';
const HOME_PREFIX = 'crossbook-postgres-';

/**
 * Where the cluster that belongs to `directory` lies: in it, unless PostgreSQL's user cannot come there (root
 * below a closed home directory); then in a directory under `/var/tmp` to which a link `elsewhere` leads.
 * @throws {EmbeddedPostgresError} when `directory` cannot be made or is something else.
 */
export async function openHome(directory: string): Promise<string> {
  const absolute = resolve(directory);
  try {
    await mkdir(absolute, { recursive: true, mode: 0o755 });
    if (await isReachable(absolute)) return await realpath(absolute);
    const link = join(absolute, 'elsewhere');
    const linked = await realpath(link).catch(() => undefined);
    if (linked !== undefined) return linked;
    const home = await mkdtemp(join(UNREACHABLE_HOMES, HOME_PREFIX));
    await chmod(home, 0o755);
    await rm(link, { force: true });
    await symlink(home, link);
    return home;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `the data directory ${absolute} cannot be used: ${firstLine(cause as Error)}`,
      { cause },
    );
  }
}

/** Deletes what {@link openHome} made for `directory`, wherever it lies. */
export async function removeHome(directory: string): Promise<void> {
  const elsewhere = await realpath(join(directory, 'elsewhere')).catch(() => undefined);
  if (elsewhere?.startsWith(join(UNREACHABLE_HOMES, HOME_PREFIX))) await rm(elsewhere, { recursive: true });
  await rm(directory, { recursive: true, force: true });
}

/**
 * Makes a cluster at `home` unless one is there, and gives its password.
 * @throws {EmbeddedPostgresError} when what is there is not a cluster of this version.
 */
export async function openCluster(
  home: string,
  binaries: PostgresBinaries,
): Promise<{ cluster: string; password: string }> {
  const cluster = join(home, 'cluster');
  const passwordFile = join(home, 'password');
  if ((await entriesOf(cluster)).length === 0) await createCluster(cluster, passwordFile, binaries);
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((cause) => {
    throw new EmbeddedPostgresError(
      `${cluster} is not a PostgreSQL data directory: choose another directory or remove this one`,
      { cause },
    );
  });
  if (version.trim() !== binaries.majorVersion) {
    throw new EmbeddedPostgresError(
      `${cluster} was written by PostgreSQL ${version.trim()} and cannot be read by ${binaries.majorVersion}: remove it or install the older release`,
    );
  }
  const password = await readFile(passwordFile, 'utf8').catch((cause) => {
    throw new EmbeddedPostgresError(
      `${passwordFile} cannot be read, so nobody can log in to the cluster beside it: restore the file or remove both`,
      { cause },
    );
  });
  return { cluster, password };
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new EmbeddedPostgresError(
      `${directory} is not a PostgreSQL data directory: choose another directory or remove this one`,
      { cause: error },
    );
  }
}

/** Made aside and then renamed, so that a cluster cut short by a kill is never taken for one. */
async function createCluster(
  cluster: string,
  passwordFile: string,
  { initdb }: PostgresBinaries,
): Promise<void> {
  const unfinished = `${cluster}.new`;
  const user = serverUser();
  const password = randomBytes(PASSWORD_BYTES).toString('hex');
  const secrets = await mkdtemp(join(tmpdir(), 'crossbook-initdb-'));
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    const secret = join(secrets, 'password');
    await writeFile(secret, password, { mode: 0o600 });
    if (user !== undefined) {
      for (const path of [unfinished, secrets, secret]) await chown(path, user.uid, user.gid);
    }
    // biome-ignore format: an option with its value per line
    await run(initdb, [
      '--pgdata', unfinished,
      '--username', POSTGRES_USER,
      '--pwfile', secret,
      '--auth', 'scram-sha-256',
      '--encoding', 'UTF8',
      '--locale', 'C',
    ], { ...user, cwd: secrets });
    await writeFile(passwordFile, password, { mode: 0o600 });
    await rm(cluster, { recursive: true, force: true });
    await rename(unfinished, cluster);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `PostgreSQL could not make a data directory at ${cluster}: ${firstLine(cause as Error)}`,
      { cause },
    );
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}
