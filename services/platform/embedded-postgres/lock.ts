/** Whether another server still serves a cluster: the one of an exchange that was killed, or of one that runs. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './binaries.ts';

const run = promisify(execFile);

/** The supervisor of a killed exchange notices within milliseconds; a server serving longer is in use. */
const IN_USE_AFTER_MS = 2_000;
/** A server that shuts down writes a checkpoint first. */
const SHUTDOWN_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

/** The lines of `postmaster.pid` that matter here; the file's format is that of PostgreSQL 10 to 18. */
export interface ServerLock {
  readonly pid: number;
  /** `starting`, `ready` or `stopping`; empty at the very start. */
  readonly status: string;
}

export async function readLock(cluster: string): Promise<ServerLock | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!(Number.isInteger(pid) && pid > 0)) return undefined;
  return { pid, status: lines[7]?.trim() ?? '' };
}

/**
 * Waits until no other server serves `cluster`: sees an orphan off, clears a lock whose process is gone.
 * @throws {EmbeddedPostgresError} when an exchange that runs is using it.
 */
export async function awaitFreeCluster(cluster: string, supervisor: string): Promise<void> {
  const started = performance.now();
  let asked = false;
  for (;;) {
    const lock = await readLock(cluster);
    if (lock === undefined) return;
    const server = await describeProcess(lock.pid);
    if (server === undefined || !server.command.includes(cluster)) {
      // The number belongs to another program now, or to none: the server would refuse to start in the first case.
      await rm(join(cluster, 'postmaster.pid'), { force: true });
      return;
    }
    const waitedMs = performance.now() - started;
    const parent = await describeProcess(server.parentPid);
    if (!asked && !parent?.command.includes(supervisor)) {
      process.kill(lock.pid, 'SIGINT');
      asked = true;
    } else if (
      waitedMs > SHUTDOWN_TIMEOUT_MS ||
      (!asked && lock.status !== 'stopping' && waitedMs > IN_USE_AFTER_MS)
    ) {
      throw new EmbeddedPostgresError(
        `${cluster} is in use by another exchange (PostgreSQL is process ${lock.pid}): stop it or choose another data directory`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** A process's parent and command line, or undefined when there is no such process. */
async function describeProcess(pid: number): Promise<{ parentPid: number; command: string } | undefined> {
  try {
    if (process.platform === 'linux') {
      const [status, command] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8'),
        readFile(`/proc/${pid}/cmdline`, 'utf8'),
      ]);
      // `pid (name) state parent …`; the name may hold anything, so the fields are counted from its last bracket.
      const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
      return { parentPid: Number(fields[1]), command };
    }
    const { stdout } = await run('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, command] = /^\s*(\d+)\s+(.*)/.exec(stdout)!;
    return { parentPid: Number(parent), command: command! };
  } catch {
    return undefined;
  }
}
