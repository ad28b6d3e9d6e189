/** Slows down whoever guesses passwords: per address of the account, and per address of the network. */
import type { WindowCounters } from '#platform/spot-api/window-counters.ts';
import { refusals } from './refusal.ts';

const WINDOW_MS = 60_000;
const PER_ACCOUNT_MAX = 10;
const PER_CLIENT_MAX = 60;

export class Attempts {
  readonly #counters: WindowCounters;

  constructor(counters: WindowCounters) {
    this.#counters = counters;
  }

  /**
   * Counts one attempt, known address or not: the answer tells nothing about who has an account.
   * @throws {Refusal} 429 past the limit.
   */
  count(email: string, client: string): void {
    const nowMs = Date.now();
    const ofAccount = this.#counters.add(`log-in:${email.trim().toLowerCase()}`, WINDOW_MS, 1, nowMs);
    const ofClient = this.#counters.add(`log-in-from:${client}`, WINDOW_MS, 1, nowMs);
    if (ofAccount > PER_ACCOUNT_MAX || ofClient > PER_CLIENT_MAX) throw refusals.tooManyAttempts();
  }
}
