/**
 * The feed, and one who follows it as the projector does: applies events by their sequence, ignores what it has, and
 * may find no gap. Unlike Redis, this feed loses nothing that it took: a gap is a leader's fault.
 */
import { checksumOf, openFrame } from '#domain/codec.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const LATENCY_US_MIN = 50;
const LATENCY_US_MAX = 300_000;

/** A frame as it was published. */
export interface Published {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly checksum: number;
}

export class Follower {
  /** Events up to here have arrived. */
  position = 0;
  /** Each frame that anyone published, again those that were published again. */
  readonly published: Published[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** What a task publishes with: it resolves once the feed has the frame. */
  publisher(process: SimulatedProcess): (frame: Uint8Array) => Promise<void> {
    const latencyMaxUs = this.#world.spread(1_000, LATENCY_US_MAX);
    return (frame) =>
      new Promise((resolve) => {
        if (!process.isAlive) return;
        this.#look(process, frame);
        // What has piled up while the feed was slow is gone soon.
        const us = this.#world.isQuiet ? LATENCY_US_MIN : this.#world.spread(LATENCY_US_MIN, latencyMaxUs);
        this.#world.scheduler.after(us, () => {
          // With the process, what it was still sending may be lost.
          if (!process.isAlive && this.#world.chance(0.5)) return;
          this.#receive(frame);
          process.after(us, resolve);
        });
      });
  }

  #look(process: SimulatedProcess, frame: Uint8Array): void {
    const { firstSeq, lastSeq } = openFrame(frame);
    const { committedSeq } = this.#world;
    if (lastSeq > committedSeq)
      this.#world.violate(
        'what is published is committed',
        `${process.name} publishes ${firstSeq} to ${lastSeq}, and the journal ends at ${committedSeq}`,
      );
  }

  #receive(frame: Uint8Array): void {
    const { firstSeq, lastSeq } = openFrame(frame);
    this.#world.counts.published++;
    this.published.push({ firstSeq, lastSeq, checksum: checksumOf(frame) });
    if (lastSeq <= this.position) return;
    if (firstSeq !== this.position + 1)
      this.#world.violate(
        'what is published has no gap',
        `${firstSeq} to ${lastSeq} follow ${this.position}`,
      );
    this.position = lastSeq;
  }
}
