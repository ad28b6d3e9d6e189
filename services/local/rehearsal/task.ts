/** A service as a process of its own, from one build: what ECS would call a task. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#platform/free-port.ts';

const HEALTH_PAUSE_MS = 100;
const HEALTH_TIMEOUT_MS = 1_000;
const DRAIN_MS_MAX = 30_000;

export class Task {
  readonly port: number;
  readonly #process: ChildProcess;

  constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async isHealthy(): Promise<boolean> {
    if (this.hasEnded) return false;
    const url = `http://127.0.0.1:${this.port}/health`;
    return fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** False when it ended or was not healthy within `timeoutMs`. */
  async becomesHealthy(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline && !this.hasEnded) {
      if (await this.isHealthy()) return true;
      await sleep(HEALTH_PAUSE_MS);
    }
    return false;
  }

  /** SIGTERM, so that it drains; SIGKILL when it takes too long, as ECS does. */
  async close(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const cut = setTimeout(() => this.#process.kill('SIGKILL'), DRAIN_MS_MAX);
    await ended;
    clearTimeout(cut);
  }
}

/** Starts `service` of the build in `folder`; what it logs goes to `logFile`. */
export async function startTask(
  folder: string,
  service: string,
  variables: Readonly<Record<string, string>>,
  logFile: string,
): Promise<Task> {
  const port = await freePort();
  const log = createWriteStream(logFile, { flags: 'a' });
  await once(log, 'open');
  const child = spawn(process.execPath, [join(folder, 'services', service, 'main.ts')], {
    cwd: folder,
    env: { ...variables, PORT: String(port) },
    stdio: ['ignore', log, log],
  });
  return new Task(port, child);
}
