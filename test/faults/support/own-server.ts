/** A PostgreSQL server that belongs to one test, which may stop it as a power cut would. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLock } from '#platform/embedded-postgres/lock.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';

const POLL_MS = 10;

export class OwnServer {
  readonly #directory: string;
  #server: EmbeddedPostgres;

  private constructor(directory: string, server: EmbeddedPostgres) {
    this.#directory = directory;
    this.#server = server;
  }

  /** `directory` must be one that the server's own user can pass through. */
  static async start(directory: string): Promise<OwnServer> {
    return new OwnServer(directory, await startEmbeddedPostgres({ directory }));
  }

  /** Another after each start. */
  get url(): string {
    return this.#server.url;
  }

  /** Stops at once and stores nothing more; the next start recovers from its log. */
  async crash(): Promise<void> {
    const pid = await this.#pid();
    if (pid === undefined) return;
    process.kill(pid, 'SIGQUIT');
    while (isRunning(pid)) await sleep(POLL_MS);
  }

  async isRunning(): Promise<boolean> {
    const pid = await this.#pid();
    return pid !== undefined && isRunning(pid);
  }

  async restart(): Promise<void> {
    this.#server = await startEmbeddedPostgres({ directory: this.#directory });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #pid(): Promise<number | undefined> {
    return (await readLock(join(await realpath(this.#directory), 'cluster')))?.pid;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
