/** Slows down whoever guesses passwords: per user, wherever from, and per address of the network, whoever for. */
import type { WindowCounters } from '#platform/spot-api/window-counters.ts';
import { refusals } from './refusal.ts';

const WINDOW_MS = 5 * 60_000;
/** Wrong passwords; 2,880 a day. */
const LOG_INS_PER_USER_MAX = 10;
const LOG_INS_PER_ADDRESS_MAX = 100;
const SIGN_UPS_PER_ADDRESS_MAX = 100;

export class Attempts {
  readonly #counters: WindowCounters;

  constructor(counters: WindowCounters) {
    this.#counters = counters;
  }

  /**
   * Counts a log-in before its password is looked at, so that guesses made at once count too. An unknown user
   * counts like any other: the refusal does not tell who has an account.
   * @throws {Refusal} 429 past a limit.
   */
  logIn(email: string, address: string): void {
    const ofUser = this.#add(`log-in:${email}`, 1);
    const ofAddress = this.#add(`log-in-from:${address}`, 1);
    if (ofUser > LOG_INS_PER_USER_MAX || ofAddress > LOG_INS_PER_ADDRESS_MAX) throw this.#tooMany();
  }

  /** Takes back what {@link logIn} counted: only wrong passwords count. */
  loggedIn(email: string, address: string): void {
    this.#add(`log-in:${email}`, -1);
    this.#add(`log-in-from:${address}`, -1);
  }

  /** @throws {Refusal} 429 past the limit. */
  signUp(address: string): void {
    if (this.#add(`sign-up-from:${address}`, 1) > SIGN_UPS_PER_ADDRESS_MAX) throw this.#tooMany();
  }

  #add(key: string, amount: number): number {
    return this.#counters.add(key, WINDOW_MS, amount, Date.now());
  }

  #tooMany() {
    return refusals.tooManyAttempts(WINDOW_MS - (Date.now() % WINDOW_MS));
  }
}
