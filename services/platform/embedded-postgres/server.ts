/**
 * A real PostgreSQL server from the binaries that npm ships, for a laptop and for tests: made on first use, on a
 * free loopback port, without Unix sockets, known by a generated password that only the owner can read.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import type { Log } from '../log.ts';
import { EmbeddedPostgresError, findBinaries, type PostgresBinaries, serverUser } from './binaries.ts';
import { openCluster, openHome, POSTGRES_USER } from './cluster.ts';
import { awaitFreeCluster, readLock } from './lock.ts';

export { EmbeddedPostgresError } from './binaries.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
/** Between finding a free port and taking it another program may be quicker. */
const PORT_ATTEMPTS_MAX = 3;
/** Recovery after a crash replays what the last checkpoint does not hold. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 10;

export interface EmbeddedPostgresOptions {
  /** Belongs to the server alone; made when absent. */
  readonly directory: string;
  readonly log?: Log;
}

export interface EmbeddedPostgres {
  /** As `postgres://user:password@127.0.0.1:port/postgres`. */
  readonly url: string;
  /** Resolves when everything is stored and the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it takes connections. A server that a killed exchange left behind over the
 * same directory is stopped first; one in use is left alone.
 * @throws {EmbeddedPostgresError}
 */
export async function startEmbeddedPostgres({
  directory,
  log,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await openHome(directory);
  const binaries = await findBinaries(home);
  const { cluster, password } = await openCluster(home, binaries);
  await awaitFreeCluster(cluster, SUPERVISOR);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const supervisor = await spawnServer(home, cluster, binaries, port);
    const fault = await untilReady(supervisor, home, cluster);
    if (fault === undefined) {
      log?.info({ port, cluster }, 'PostgreSQL is ready');
      // A program that ends without stop() may end: the supervisor then stops the server.
      supervisor.unref();
      (supervisor.stdin as Socket).unref();
      return {
        url: `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/postgres`,
        stop: () => stopServer(supervisor),
      };
    }
    await stopServer(supervisor);
    if (attempt === PORT_ATTEMPTS_MAX || !fault.includes('TCP/IP')) {
      throw new EmbeddedPostgresError(`PostgreSQL did not start on ${cluster}: ${fault}`);
    }
  }
}

async function spawnServer(
  home: string,
  cluster: string,
  { postgres }: PostgresBinaries,
  port: number,
): Promise<ChildProcess> {
  const user = serverUser();
  const output = await open(join(home, 'postgres.log'), 'w', 0o600);
  // biome-ignore format: an option with its value per line
  const child = spawn(process.execPath, [
    SUPERVISOR, String(user?.uid ?? ''), String(user?.gid ?? ''),
    postgres,
    '-D', cluster,
    '-p', String(port),
    '-c', 'listen_addresses=127.0.0.1',
    '-c', 'unix_socket_directories=',
  ], { stdio: ['pipe', output.fd, output.fd], detached: true, cwd: home });
  // The server's end is told by its exit; a pipe that broke by then says nothing more.
  child.stdin!.on('error', () => {});
  await output.close();
  return child;
}

/** Undefined once the server takes connections, else what it died of. */
async function untilReady(
  supervisor: ChildProcess,
  home: string,
  cluster: string,
): Promise<string | undefined> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (isRunning(supervisor)) {
    if ((await readLock(cluster))?.status === 'ready') return undefined;
    if (performance.now() > deadline) return `it was not ready after ${START_TIMEOUT_MS / 1000} s`;
    await sleep(POLL_MS);
  }
  const output = await readFile(join(home, 'postgres.log'), 'utf8');
  const lines = output.trim().split('\n');
  const cause = lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines[0]!;
  return cause.replace(/^.*(FATAL|PANIC|postgres):\s*/, '');
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function stopServer(supervisor: ChildProcess): Promise<void> {
  if (!isRunning(supervisor)) return;
  const exited = new Promise((resolve) => supervisor.once('exit', resolve));
  supervisor.ref();
  supervisor.stdin!.end();
  await exited;
}
