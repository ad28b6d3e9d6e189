/** A client's own copy of a book, and what it is compared with. */
import type { Answer } from '#platform/engine-client.ts';
import type { StreamClient, StreamMessage } from './public-market.ts';

const TIMEOUT_MS = 30_000;

/** The levels of an engine's book as {@link LocalBook.levels} tells them. */
export function levelsOf({ records }: Answer): Record<string, string> {
  return Object.fromEntries(
    records
      .filter((record) => record.type === 'level')
      .map(({ side, price, quantity }) => [`${side} ${price / 1e6}`, String(quantity / 1e8)]),
  );
}

/**
 * A client's book by the rule of the documentation: start from a snapshot, drop what it has, continue with events
 * that follow one another, and start again when one does not.
 */
export class LocalBook {
  resyncs = 0;
  #client: StreamClient;
  readonly #snapshot: () => Promise<StreamMessage>;
  #handled = 0;
  #isBegun = false;
  #lastUpdateId = 0;
  #sides: Record<'BUY' | 'SELL', Map<string, string>> = { BUY: new Map(), SELL: new Map() };

  constructor(client: StreamClient, snapshot: () => Promise<StreamMessage>) {
    this.#client = client;
    this.#snapshot = snapshot;
  }

  /** Goes on with another connection, from a new snapshot. */
  reconnected(client: StreamClient): void {
    this.#client = client;
    this.#handled = 0;
    this.#isBegun = false;
  }

  /** Takes in all events until the book has everything up to `target`. */
  async settle(target: number): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    while (this.#lastUpdateId < target || this.#handled < this.#client.messages.length) {
      if (Date.now() > deadline) throw new Error(`the book stays at ${this.#lastUpdateId} of ${target}`);
      if (!this.#isBegun) await this.#resync();
      const event = this.#client.messages[this.#handled];
      if (event === undefined) await new Promise((resume) => setTimeout(resume, 20));
      else await this.#take(event);
    }
  }

  levels(): Record<string, string> {
    const of = (side: 'BUY' | 'SELL') =>
      [...this.#sides[side]].map(([price, quantity]) => [
        `${side} ${Number(price)}`,
        String(Number(quantity)),
      ]);
    return Object.fromEntries([...of('BUY'), ...of('SELL')]);
  }

  async #take(event: StreamMessage): Promise<void> {
    if (event.u > this.#lastUpdateId) {
      if (event.U > this.#lastUpdateId + 1) return this.#resync();
      this.#apply('BUY', event.b);
      this.#apply('SELL', event.a);
      this.#lastUpdateId = event.u;
    }
    this.#handled++;
  }

  async #resync(): Promise<void> {
    // The first event tells where the stream begins: the snapshot must reach as far.
    while (this.#client.messages.length === 0) await new Promise((resume) => setTimeout(resume, 20));
    this.resyncs++;
    this.#isBegun = true;
    const json = await this.#snapshot();
    this.#sides = { BUY: new Map(), SELL: new Map() };
    this.#apply('BUY', json.bids);
    this.#apply('SELL', json.asks);
    this.#lastUpdateId = json.lastUpdateId;
  }

  #apply(side: 'BUY' | 'SELL', changes: readonly [string, string][]): void {
    for (const [price, quantity] of changes) {
      if (Number(quantity) === 0) this.#sides[side].delete(price);
      else this.#sides[side].set(price, quantity);
    }
  }
}
