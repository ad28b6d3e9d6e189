/** Sessions and their refresh tokens, each of which is good for one use. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import { type Client, isLive, type Session, type SessionStore } from '#platform/sessions/session-store.ts';

/** Most sessions of an account; a further one ends the oldest. */
const SESSIONS_MAX = 50;
const ID_BYTES = 16;
const SECRET_BYTES = 32;
/** `account.session.secret`: the first two find the session, the third is what it is worth. */
const REFRESH_TOKEN = /^([1-9]\d{0,14})\.([\w-]{22})\.([\w-]{43})$/;

export interface OpenSession {
  readonly session: Session;
  /** For the next refresh, once. */
  readonly refreshToken: string;
}

/** What a refresh token turned out to be: good; nobody's; or used before, so that its session was ended. */
export type Refreshed =
  | ({ readonly outcome: 'refreshed' } & OpenSession)
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'reused'; readonly account: AccountId };

export class Sessions {
  readonly #store: SessionStore;
  readonly #lifetimeUs: number;

  /** A session ends `lifetimeMs` after it was opened, however often it is refreshed. */
  constructor(store: SessionStore, lifetimeMs: number) {
    this.#store = store;
    this.#lifetimeUs = lifetimeMs * 1_000;
  }

  async open(
    { account, securityEpoch }: Pick<Session, 'account' | 'securityEpoch'>,
    client: Client,
    isOtpGiven: boolean,
  ): Promise<OpenSession> {
    const now = systemClock.nowUs() as TimeUs;
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const session: Session = {
      account,
      id: randomBytes(ID_BYTES).toString('base64url'),
      securityEpoch,
      refreshHash: hashOf(secret),
      createdAt: now,
      refreshedAt: now,
      expiresAt: (now + this.#lifetimeUs) as TimeUs,
      otpAt: isOtpGiven ? now : null,
      address: client.address,
      userAgent: client.userAgent,
    };
    await this.#store.add(session);
    const excess = (await this.list(account)).slice(SESSIONS_MAX);
    await Promise.all(excess.map(({ id }) => this.#store.remove(account, id)));
    return { session, refreshToken: refreshTokenOf(session, secret) };
  }

  /**
   * Exchanges a refresh token for the next. One that was used before is in two hands, of which one is a thief's:
   * the session ends for both (RFC 9700, section 4.14.2). So it does when two use it at once.
   */
  async refresh(token: string, client: Client): Promise<Refreshed> {
    const match = REFRESH_TOKEN.exec(token);
    if (match === null) return { outcome: 'unknown' };
    const [, accountText, id, secret] = match as unknown as [string, string, string, string];
    const account = Number(accountText) as AccountId;
    const session = await this.find(account, id);
    if (session === undefined) return { outcome: 'unknown' };
    const nextSecret = randomBytes(SECRET_BYTES).toString('base64url');
    const isCurrent = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(session.refreshHash));
    const rotated = isCurrent
      ? await this.#store.rotate(session, hashOf(nextSecret), systemClock.nowUs() as TimeUs, client)
      : undefined;
    if (rotated === undefined) {
      await this.#store.remove(account, id);
      return { outcome: 'reused', account };
    }
    return { outcome: 'refreshed', session: rotated, refreshToken: refreshTokenOf(rotated, nextSecret) };
  }

  /** Undefined when there is none or it has ended. */
  async find(account: AccountId, id: string): Promise<Session | undefined> {
    const session = await this.#store.find(account, id);
    return session !== undefined && isLive(session) ? session : undefined;
  }

  /** The newest first. */
  async list(account: AccountId): Promise<Session[]> {
    const sessions = await this.#store.ofAccount(account);
    return sessions.filter(isLive).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Notes that a one-time code was given; undefined when the session has ended meanwhile. */
  steppedUp({ account, id }: Session): Promise<Session | undefined> {
    return this.#store.setOtpAt(account, id, systemClock.nowUs() as TimeUs);
  }

  /** False when there was none. */
  end(account: AccountId, id: string): Promise<boolean> {
    return this.#store.remove(account, id);
  }

  /** For good only after the user's security epoch has risen: a session opened at this moment may be missed. */
  async endAll(account: AccountId): Promise<void> {
    const sessions = await this.#store.ofAccount(account);
    await Promise.all(sessions.map(({ id }) => this.#store.remove(account, id)));
  }
}

function refreshTokenOf({ account, id }: Session, secret: string): string {
  return `${account}.${id}.${secret}`;
}

/** The secret is random and long: no salt and no slow hash would add anything. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
