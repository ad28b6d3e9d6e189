/** One engine's time as the leader: what it may write, and until when it may answer. */
import type { Clock } from '#platform/clock.ts';
import type { Batch, Journal } from './journal.ts';

export interface TermOptions {
  readonly journal: Journal;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly leaseMs: number;
  readonly epoch: number;
  /** When the write that began it was sent. */
  readonly begunMs: number;
  /** Events up to here had been published when it began. */
  readonly published: number;
}

export class Term {
  readonly epoch: number;
  /** How far the term's publisher has come; noted with each write. */
  published: () => number;
  readonly #options: TermOptions;
  readonly #begunMs: number;
  /** When the last write was sent that has succeeded. */
  #confirmedMs: number;

  constructor(options: TermOptions) {
    this.#options = options;
    this.epoch = options.epoch;
    this.published = () => options.published;
    this.#begunMs = options.begunMs;
    this.#confirmedMs = options.begunMs;
  }

  /** How long it has lasted. */
  get ageMs(): number {
    return this.#options.clock.monotonicMs() - this.#begunMs;
  }

  /** @throws {LeadershipLost}, or anything else when it is unknown whether the batch was committed. */
  append(batch: Batch): Promise<void> {
    return this.#confirmed(() => this.#options.journal.append(batch, this.published()));
  }

  /** Resolves while no other engine can lead: at once for half of the lease after a write, else after one more. */
  async confirm(): Promise<void> {
    if (this.#isConfirmedFor(this.#options.leaseMs / 2)) return;
    await this.#beat();
  }

  /** Shows that the leader lives, unless a write has shown it a moment ago. @throws {LeadershipLost} */
  async keep(): Promise<void> {
    if (this.#isConfirmedFor(this.#options.leaseMs / 5)) return;
    await this.#beat();
  }

  /** Ends it. @throws {LeadershipLost} */
  release(successor: string): Promise<void> {
    return this.#options.journal.release(this.epoch, this.published(), successor);
  }

  #beat(): Promise<void> {
    return this.#confirmed(() => this.#options.journal.beat(this.epoch, this.published()));
  }

  async #confirmed(write: () => Promise<void>): Promise<void> {
    const sentMs = this.#options.clock.monotonicMs();
    await write();
    this.#confirmedMs = sentMs;
  }

  #isConfirmedFor(ms: number): boolean {
    return this.#options.clock.monotonicMs() - this.#confirmedMs < ms;
  }
}
