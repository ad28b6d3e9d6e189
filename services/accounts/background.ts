/**
 * What is done after the answer, so that the answer's time does not tell whether it was done. It is done once, by this
 * process, if that lives: only what can be asked for again belongs here.
 */
import type { Log } from '#platform/log.ts';

/** Tasks under way; further ones are dropped, with a word in the log. */
const TASKS_MAX = 1_000;

export class Background {
  readonly #log: Log;
  readonly #tasks = new Set<Promise<void>>();

  constructor(log: Log) {
    this.#log = log;
  }

  start(task: () => Promise<void>): void {
    if (this.#tasks.size >= TASKS_MAX) {
      this.#log.error({ tasks: this.#tasks.size }, 'too much is under way: a mail is not sent');
      return;
    }
    // In a turn of its own: the answer goes first.
    const running = new Promise<void>((resolve) => setImmediate(resolve))
      .then(task)
      .catch((error: unknown) => this.#log.error({ err: error }, 'what follows a request failed'))
      .finally(() => this.#tasks.delete(running));
    this.#tasks.add(running);
  }

  /** Waits for what is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#tasks);
  }
}
