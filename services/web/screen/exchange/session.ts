/**
 * Who is logged in. The access token is in memory only. The refresh token is kept for the next visit: it is good for one
 * use, so all tabs share it, and one at a time uses it. See `docs/decisions/0011`.
 */
import { Watched } from '../watched.ts';
import { forgetToken, keepToken, readToken } from './kept-token.ts';
import { type Answer, ask, type Failure, type Method } from './request.ts';

/** What tabs call the lock that they take turns by, and the channel by which they tell each other. */
const SHARED = 'crossbook.session';
/** An access token is changed this long before it ends. */
const EARLY_MS = 30_000;

export interface Person {
  readonly email: string;
  readonly emailVerified: boolean;
  readonly twoFactor: boolean;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string;
}

const loggedOut: Failure = {
  kind: 'refused',
  status: 401,
  code: 'UNAUTHENTICATED',
  message: 'You are logged out: log in.',
};

export class Session {
  /** Undefined when nobody is logged in. */
  readonly person = new Watched<Person | undefined>(undefined);
  #access: { readonly token: string; readonly endsMs: number } | undefined;
  #refreshing: Promise<Failure | undefined> | undefined;
  readonly #otherTabs = new BroadcastChannel(SHARED);

  constructor() {
    // Another tab has logged in or out.
    this.#otherTabs.onmessage = () => void this.resume();
  }

  /** Goes on with the session of an earlier visit or of another tab, and ends with it. */
  async resume(): Promise<void> {
    if ((await readToken()) === undefined) this.#leave();
    else if (this.person.value === undefined) await this.reload();
  }

  async logIn(credentials: Credentials): Promise<Answer<void>> {
    const answer = await ask<Tokens>('POST', '/api/users/login', { body: credentials });
    if (!answer.ok) return answer;
    await this.#keep(answer.value);
    this.#otherTabs.postMessage('logged in');
    return this.reload();
  }

  async logOut(): Promise<void> {
    await this.ask('POST', '/api/users/me/logout', {});
    await this.#forget();
  }

  /** Asks anew who this is. */
  async reload(): Promise<Answer<void>> {
    const answer = await this.ask<Person>('GET', '/api/users/me');
    if (!answer.ok) return answer;
    this.person.set(answer.value);
    return { ok: true, value: undefined };
  }

  /** Asks in the person's name. */
  async ask<T>(method: Method, path: string, body?: object): Promise<Answer<T>> {
    if (this.#access === undefined || this.#access.endsMs < Date.now()) {
      const failure = await this.#refreshOnce();
      if (failure !== undefined) return { ok: false, failure };
    }
    const answer = await ask<T>(method, path, { body, token: this.#access?.token });
    // Frozen, logged out elsewhere, or the password was changed: the refresh token tells which.
    if (answer.ok || answer.failure.code !== 'UNAUTHENTICATED') return answer;
    const failure = await this.#refreshOnce();
    if (failure !== undefined) return { ok: false, failure };
    return ask<T>(method, path, { body, token: this.#access?.token });
  }

  #refreshOnce(): Promise<Failure | undefined> {
    this.#refreshing ??= oneAtATime(() => this.#refresh()).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<Failure | undefined> {
    const refreshToken = await readToken();
    if (refreshToken === undefined) return loggedOut;
    const answer = await ask<Tokens>('POST', '/api/users/refresh', { body: { refreshToken } });
    if (answer.ok) await this.#keep(answer.value);
    else if (answer.failure.code === 'INVALID_REFRESH_TOKEN') await this.#forget();
    return answer.ok ? undefined : answer.failure;
  }

  async #keep({ accessToken, refreshToken, expiresIn }: Tokens): Promise<void> {
    this.#access = { token: accessToken, endsMs: Date.now() + expiresIn * 1_000 - EARLY_MS };
    await keepToken(refreshToken);
  }

  async #forget(): Promise<void> {
    await forgetToken();
    this.#otherTabs.postMessage('logged out');
    this.#leave();
  }

  #leave(): void {
    this.#access = undefined;
    if (this.person.value !== undefined) this.person.set(undefined);
  }
}

/** Among all tabs, where the browser can say so: it cannot on plain HTTP from another machine. */
function oneAtATime<T>(run: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? navigator.locks.request(SHARED, run) : run();
}
