/** What everything in one simulation shares: time, chance, what was counted, and the first thing that went wrong. */
import { createHash } from 'node:crypto';
import { seededRandom } from '#test/support/seeded-random.ts';
import type { Guard } from './guards.ts';
import { Scheduler } from './scheduler.ts';

/** A promise that the engine makes, and how it was broken. */
export interface Violation {
  readonly check: string;
  readonly detail: string;
}

export interface WorldOptions {
  /** Planted, to see that it is noticed. */
  readonly broken?: Guard;
  /** Gets a line for each thing that happens. */
  readonly trace?: (line: string) => void;
}

export class World {
  readonly scheduler = new Scheduler();
  readonly broken: Guard | undefined;
  /** Where the journal ends. */
  committedSeq = 0;
  /** The highest sequence that any client has heard of. */
  knownSeq = 0;
  readonly counts = {
    commands: 0,
    queries: 0,
    crashes: 0,
    stops: 0,
    freezes: 0,
    clockJumps: 0,
    outages: 0,
    partitions: 0,
    lostConnections: 0,
    lostAnswers: 0,
    lateWrites: 0,
    failedWrites: 0,
    fencedWrites: 0,
    handoffs: 0,
    crowds: 0,
    snapshots: 0,
    takeovers: 0,
    published: 0,
  };
  /** No more faults: all that is broken heals. */
  isQuiet = false;
  violation: Violation | undefined;
  readonly #random: () => number;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #hash = createHash('sha256');

  constructor(seed: number, { broken, trace }: WorldOptions) {
    // Neighbouring seeds begin alike.
    this.#random = seededRandom(Math.imul(seed + 1, 0x9e3779b1));
    this.broken = broken;
    this.#trace = trace;
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number from `min` to `max`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  /** Up to `max`, small ones as likely as large ones in every order of magnitude. */
  spread(min: number, max: number): number {
    return Math.round(min * (max / min) ** this.#random());
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(0, from.length - 1)]!;
  }

  /** Notes what happened: for whoever reads along, and to see that a seed is always the same story. */
  tell(line: string): void {
    this.#hash.update(`${this.scheduler.nowUs} ${line}\n`);
    this.#trace?.(`${(this.scheduler.nowUs / 1_000).toFixed(3).padStart(10)} ms  ${line}`);
  }

  /** Of all that was told. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** What comes after the first may follow from it, and is not noted. */
  violate(check: string, detail: string): void {
    if (this.violation !== undefined) return;
    this.violation = { check, detail };
    this.tell(`VIOLATION ${check}: ${detail}`);
  }
}
