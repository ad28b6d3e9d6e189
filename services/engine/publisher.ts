/**
 * Hands what is committed to the real-time feed, in order, and never anything else: it reads what the journal holds, not
 * what the leader is about to write. What is published twice is ignored by its sequence.
 */
import type { CommittedEvents } from './committed-events.ts';

export interface PublisherOptions {
  readonly events: Pick<CommittedEvents, 'after'>;
  /** The last sequence that was published when this begins. */
  readonly after: number;
  /** Resolves once the frame is with whoever passes it on. */
  readonly publish: (frame: Uint8Array) => Promise<void> | void;
  readonly onFailure: (error: unknown) => void;
}

export class Publisher {
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #published: number;

  constructor(options: PublisherOptions) {
    this.#published = options.after;
    this.#ended = this.#run(options).catch(options.onFailure);
  }

  /** Events up to here have been published. */
  get published(): number {
    return this.#published;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run({ events, after, publish }: PublisherOptions): Promise<void> {
    for await (const frame of events.after(after, this.#stop.signal)) {
      await publish(frame.bytes);
      this.#published = frame.lastSeq;
      if (this.#stop.signal.aborted) return;
    }
  }
}
