/** The events of committed commands from any sequence on, for whoever follows them at a pace of their own. */
import type { EventFrame } from './batch-outcome.ts';
import type { Journal } from './journal.ts';
import { Replica } from './replica.ts';
import type { Snapshots } from './snapshots.ts';

/** Each holds a second copy of the engine's state while it catches up. */
const REPLAYS_MAX = 2;

/** What was asked for cannot be had: the text says why. */
export class EventsUnavailable extends Error {
  override name = 'EventsUnavailable';
  readonly reason: 'ahead' | 'busy';

  constructor(reason: 'ahead' | 'busy', message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface CommittedEventsOptions {
  readonly journal: Pick<Journal, 'read' | 'head'>;
  readonly snapshots: Pick<Snapshots, 'load'>;
  readonly replica: Pick<Replica, 'tail'>;
}

export class CommittedEvents {
  readonly #options: CommittedEventsOptions;
  #replays = 0;

  constructor(options: CommittedEventsOptions) {
    this.#options = options;
  }

  /**
   * Every frame that ends after `after`, in order, without a gap and without end: from the tail in memory, and what has
   * left that from the journal. Nothing is kept for one who takes them slowly. Ends when `stop` is aborted.
   * @throws {EventsUnavailable}
   */
  async *after(after: number, stop: AbortSignal): AsyncGenerator<EventFrame> {
    let position = after;
    if (after > this.#tail.lastSeq) await this.#requireCommitted(after);
    while (!stop.aborted) {
      const frame = this.#tail.after(position);
      if (frame !== undefined) {
        yield frame;
        position = frame.lastSeq;
      } else if (position < this.#tail.lastSeq) {
        for await (const replayed of this.#replay(position)) {
          if (stop.aborted) return;
          yield replayed;
          position = replayed.lastSeq;
          if (this.#tail.after(position) !== undefined) break;
        }
      } else {
        await this.#tail.pushed(stop);
      }
    }
  }

  /** What is committed, as far as this task has come. */
  get lastSeq(): number {
    return this.#tail.lastSeq;
  }

  get #tail() {
    return this.#options.replica.tail;
  }

  /** Another task may have answered whoever asks, and be a little ahead of this one. */
  async #requireCommitted(seq: number): Promise<void> {
    const { lastSeq } = await this.#options.journal.head();
    if (seq > lastSeq)
      throw new EventsUnavailable('ahead', `sequence ${seq} is beyond the journal's end at ${lastSeq}`);
  }

  /** Does again what has left the tail, from the newest snapshot that is old enough. */
  async *#replay(after: number): AsyncGenerator<EventFrame> {
    if (this.#replays >= REPLAYS_MAX)
      throw new EventsUnavailable('busy', `${REPLAYS_MAX} replay the journal already`);
    this.#replays++;
    try {
      const { journal, snapshots } = this.#options;
      const saved = await snapshots.load(after);
      const replica = saved === undefined ? new Replica() : new Replica(saved.engine, saved.position);
      for await (const batch of journal.read(replica.position.seq)) {
        const frame = replica.follow(batch);
        if (frame.lastSeq > after) yield frame;
      }
    } finally {
      this.#replays--;
    }
  }
}
