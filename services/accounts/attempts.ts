/** Slows down whoever guesses: per user, wherever from, and per network address, whoever for. */
import type { AccountId } from '#domain/ids.ts';
import type { WindowCounters } from '#platform/spot-api/window-counters.ts';
import { networkOf } from './client-network.ts';
import { refusals } from './refusal.ts';

const MINUTE_MS = 60_000;
const WINDOW_MS = 5 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Wrong passwords; 2,880 a day. */
const LOG_INS_PER_USER_MAX = 10;
const LOG_INS_PER_ADDRESS_MAX = 100;
const SIGN_UPS_PER_ADDRESS_MAX = 100;
/** Three codes of a million are right at any moment: fifty wrong ones a day find one in 18 years. */
const CODES_PER_USER_MAX = 5;
const CODES_PER_USER_AND_DAY_MAX = 50;
/** Mails that somebody else may cause, so that nobody's mailbox is filled. */
const MAILS_PER_RECIPIENT_MAX = 3;
const MAILS_PER_ADDRESS_MAX = 20;
/** Tokens, of 256 random bits each: not against guessing but against the work. */
const TOKENS_PER_ADDRESS_MAX = 300;

/** All throw a {@link Refusal} 429 past a limit; unknown users count like any other, so that none tells who exists. */
export class Attempts {
  readonly #counters: WindowCounters;

  constructor(counters: WindowCounters) {
    this.#counters = counters;
  }

  /** Counts a log-in before its password is looked at, so that guesses made at once count too. */
  logIn(email: string, address: string): void {
    const ofUser = this.#add(`log-in:${email}`, 1);
    const ofAddress = this.#add(`log-in-from:${networkOf(address)}`, 1);
    if (ofUser > LOG_INS_PER_USER_MAX || ofAddress > LOG_INS_PER_ADDRESS_MAX) throw tooMany(WINDOW_MS);
  }

  /** Takes back what {@link logIn} counted: only wrong passwords count. */
  loggedIn(email: string, address: string): void {
    this.#add(`log-in:${email}`, -1);
    this.#add(`log-in-from:${networkOf(address)}`, -1);
  }

  /** Counts a one-time code before it is looked at. */
  code(account: AccountId): void {
    const lately = this.#add(`code:${account}`, 1);
    const today = this.#add(`code:${account}`, 1, DAY_MS);
    if (lately > CODES_PER_USER_MAX) throw tooMany(WINDOW_MS);
    if (today > CODES_PER_USER_AND_DAY_MAX) throw tooMany(DAY_MS);
  }

  /** Takes back what {@link code} counted. */
  rightCode(account: AccountId): void {
    this.#add(`code:${account}`, -1);
    this.#add(`code:${account}`, -1, DAY_MS);
  }

  signUp(address: string): void {
    if (this.#add(`sign-up-from:${networkOf(address)}`, 1) > SIGN_UPS_PER_ADDRESS_MAX)
      throw tooMany(WINDOW_MS);
  }

  mail(email: string, address: string): void {
    const toRecipient = this.#add(`mail:${email}`, 1);
    const fromAddress = this.#add(`mail-from:${networkOf(address)}`, 1);
    if (toRecipient > MAILS_PER_RECIPIENT_MAX || fromAddress > MAILS_PER_ADDRESS_MAX)
      throw tooMany(WINDOW_MS);
  }

  token(address: string): void {
    if (this.#add(`token-from:${networkOf(address)}`, 1) > TOKENS_PER_ADDRESS_MAX) throw tooMany(WINDOW_MS);
  }

  #add(key: string, amount: number, windowMs = WINDOW_MS): number {
    return this.#counters.add(key, windowMs, amount, Date.now());
  }
}

function tooMany(windowMs: number) {
  return refusals.tooManyAttempts(windowMs - (Date.now() % windowMs));
}
