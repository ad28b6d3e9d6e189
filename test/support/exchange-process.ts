/** Runs the exchange as a user does, with the real command, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#platform/free-port.ts';

const READY_TIMEOUT_MS = 60_000;

/** What `client.json` in the data directory says. */
export interface ClientFile {
  readonly baseUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string;
  readonly secret: string;
}

export interface ExchangeProcess {
  readonly client: ClientFile;
  readonly port: number;
  /** All that it printed so far. */
  output(): string;
  /** Ctrl-C, as a terminal sends it: to the whole process group. */
  interrupt(): Promise<void>;
  /** `kill -9` of the whole process group. */
  kill(): Promise<void>;
}

/** Open to pass through, so that PostgreSQL's own user can keep its files below it when the tests run as root. */
export async function emptyDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-'));
  await chmod(directory, 0o711);
  return directory;
}

/** `npm start` with `variables`; resolves when the exchange says that it is ready. */
export async function startExchange(
  dataDirectory: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ExchangeProcess> {
  const port = await freePort();
  const run = runExchange({ DATA_DIR: dataDirectory, PORT: String(port), ...variables });
  await until(run, () => run.output().includes('Ready'));
  const client = JSON.parse(await readFile(join(dataDirectory, 'client.json'), 'utf8')) as ClientFile;
  return {
    client,
    port,
    output: run.output,
    interrupt: () => end(run, 'SIGINT'),
    kill: () => end(run, 'SIGKILL'),
  };
}

/** `npm start` that is expected to give up: what it printed, and its exit code. */
export async function failToStart(
  variables: Readonly<Record<string, string>>,
): Promise<{ output: string; exitCode: number | null }> {
  const run = runExchange(variables);
  const exitCode = await run.exited;
  return { output: run.output(), exitCode };
}

/** Signals the process group, unless it has ended already, and waits until it is gone. */
async function end(run: Run, signal: NodeJS.Signals): Promise<void> {
  if (run.child.exitCode === null && run.child.signalCode === null) process.kill(-run.child.pid!, signal);
  await run.exited;
}

interface Run {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
}

function runExchange(variables: Readonly<Record<string, string>>): Run {
  // A process group of its own, so that signals reach npm and what it runs, as from a terminal.
  const child = spawn('npm', ['start', '--silent'], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, exited, output: () => output };
}

async function until(run: Run, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!condition()) {
    if (run.child.exitCode !== null || Date.now() > deadline) {
      if (run.child.exitCode === null) process.kill(-run.child.pid!, 'SIGKILL');
      throw new Error(`the exchange did not come up; it printed:\n${run.output()}`);
    }
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
