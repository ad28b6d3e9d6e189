/** What has started, to be stopped in the reverse order. */
interface Closable {
  close(): Promise<void>;
}

export class Shutdown {
  readonly #started: Closable[] = [];

  /** Remembers `part` and hands it back. */
  later<T extends Closable>(part: T): T {
    this.#started.push(part);
    return part;
  }

  /** Stops all; when one fails to stop, the rest are stopped all the same. */
  async now(): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      await part.close().catch((failure: unknown) => failures.push(failure));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything stopped cleanly');
  }
}
