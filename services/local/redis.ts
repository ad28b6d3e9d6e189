/** Redis where there is one: the given URL, else a server program on the PATH, else none. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Writable } from 'node:stream';
import { freePort } from '#platform/free-port.ts';

const PROGRAMS = ['valkey-server', 'redis-server'];
const READY_TIMEOUT_MS = 5_000;

export interface LocalRedis {
  /** Empty when there is no Redis: the services then use their in-process backends. */
  readonly url: string;
  /** For the banner. */
  readonly description: string;
  close(): Promise<void>;
}

const nothingToStop = async () => {};

export async function startRedis(givenUrl: string, searchPath: string): Promise<LocalRedis> {
  if (givenUrl !== '') return { url: givenUrl, description: 'Redis at REDIS_URL', close: nothingToStop };
  const program = await findProgram(searchPath);
  if (program === undefined) {
    return { url: '', description: 'in this process (no Redis found)', close: nothingToStop };
  }
  return spawnServer(program);
}

async function findProgram(searchPath: string): Promise<string | undefined> {
  for (const name of PROGRAMS) {
    for (const folder of searchPath.split(delimiter)) {
      const program = join(folder, name);
      const runs = await access(program, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return program;
    }
  }
  return undefined;
}

/**
 * Runs the server for as long as its standard input is open. The pipe closes with this process, however that
 * ends, so that no server is left behind. `$0` is the program, descriptor 3 its configuration.
 */
const WHILE_PARENT_LIVES = '"$0" - <&3 & server=$!; cat >/dev/null; kill "$server"; wait "$server"';

/** Nothing is kept on disk: Redis holds only what may be lost. */
async function spawnServer(program: string): Promise<LocalRedis> {
  const port = await freePort();
  const password = randomBytes(24).toString('hex');
  const child = spawn('sh', ['-c', WHILE_PARENT_LIVES, program], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    // Out of the terminal's process group: Ctrl-C is for this process, which stops Redis last.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // A configuration that is piped in keeps the password out of the process list.
  (child.stdio[3] as Writable).end(
    `port ${port}\nbind 127.0.0.1\nrequirepass ${password}\nsave ""\nappendonly no\ndaemonize no\nlogfile ""\n`,
  );
  await ready(child, program);
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    description: `${program} on port ${port}`,
    close: async () => {
      child.stdin?.end();
      await exited;
    },
  };
}

function ready(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => {
      child.stdin?.end();
      fail(new Error(`${program} was not ready in ${READY_TIMEOUT_MS} ms`));
    }, READY_TIMEOUT_MS);
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${program} ended with ${code}`)));
    child.stdout?.on('data', (line: Buffer) => {
      if (!line.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
