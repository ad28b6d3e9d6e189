/**
 * Tells from the head row alone whether the leader's time is over. No two clocks are compared: whoever waits sees
 * whether the row has changed, and measures with its own monotonic clock how long it has not. The leader counts its
 * lease from before its last write, hence always ends it first.
 */
import type { Head } from './journal.ts';

export class LeaseWatch {
  readonly #address: string;
  readonly #leaseMs: number;
  #seen = '';
  #sinceMs = 0;

  constructor(address: string, leaseMs: number) {
    this.#address = address;
    this.#leaseMs = leaseMs;
  }

  /** Takes note of the head as it is now; true when the engine at this address may take over. */
  isFree({ epoch, lastSeq, beat, leader, successor }: Head, nowMs: number): boolean {
    const seen = `${epoch} ${lastSeq} ${beat} ${leader}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#sinceMs = nowMs;
    }
    if (leader === '' && (successor === '' || successor === this.#address)) return true;
    // A successor that does not come leaves the way to the others, sooner than a leader that may be merely slow.
    const patienceMs = leader === '' ? this.#leaseMs / 4 : this.#leaseMs;
    return nowMs - this.#sinceMs >= patienceMs;
  }
}
