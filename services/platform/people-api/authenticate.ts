/**
 * Who sent a request of the JSON API: whoever has a valid access token of a session that goes on. API Gateway's
 * authorizer has read the token before, and is not believed: a service may be reached from inside too, and sessions
 * end at once (docs/decisions/0010).
 */
import type { Context } from 'hono';
import type { AccountId } from '#domain/ids.ts';
import { type AccessToken, type Role, STEP_UP_AGE_SECONDS_MAX } from '../access-token.ts';
import { systemClock } from '../clock.ts';
import type { Routes } from '../routes.ts';
import { isLive, type Session, type SessionStore } from '../sessions/session-store.ts';
import { refusals } from './refusal.ts';

/** What became of somebody who has an account. */
export interface Person {
  readonly account: AccountId;
  readonly roles: readonly Role[];
  readonly isFrozen: boolean;
  /** Sessions of an earlier one have ended. */
  readonly securityEpoch: number;
  readonly hasTwoFactor: boolean;
}

/** Whoever sent a valid token of a session that goes on. */
export interface Caller<P extends Person = Person> {
  readonly user: P;
  readonly session: Session;
}

/** What knows people by their tokens; {@link openRecognition} has it for services that are not `accounts`. */
export interface Recognition<P extends Person = Person> {
  readonly tokens: { read(token: string): Promise<AccessToken | undefined> };
  readonly sessions: Pick<SessionStore, 'find'>;
  /** Undefined when the account of a token is no more. */
  readonly findPerson: (token: AccessToken) => Promise<P | undefined>;
}

/**
 * The same refusal whatever is wrong with a token: its session must go on, and its user be neither frozen nor past a new
 * password.
 * @throws {Refusal} 401, 403 without the route's role, 409 without two-factor that it needs; and an {@link Outage}.
 */
export async function authenticate<P extends Person>(
  recognition: Recognition<P>,
  context: Context,
  { role, stepUp }: Pick<Routes[string], 'role' | 'stepUp'>,
): Promise<Caller<P>> {
  const text = /^Bearer +([\w.-]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const token = text === undefined ? undefined : await recognition.tokens.read(text);
  if (token === undefined) throw refusals.unauthenticated();
  // One after the other: a request that has failed leaves nothing under way.
  const session = await recognition.sessions.find(token.account, token.sessionId);
  if (session === undefined || !isLive(session)) throw refusals.unauthenticated();
  const user = await recognition.findPerson(token);
  if (user === undefined || user.isFrozen || session.securityEpoch !== user.securityEpoch)
    throw refusals.unauthenticated();
  if (role !== undefined && !user.roles.includes(role)) throw refusals.roleRequired(role);
  if (stepUp !== undefined) requireStepUp(user, session, stepUp);
  return { user, session };
}

function requireStepUp({ hasTwoFactor }: Person, { otpAt }: Session, stepUp: 'enrolled' | 'always'): void {
  if (!hasTwoFactor) {
    if (stepUp === 'always') throw refusals.twoFactorIsOff();
    return;
  }
  const ageSeconds = (systemClock.nowUs() - (otpAt ?? 0)) / 1_000_000;
  if (ageSeconds > STEP_UP_AGE_SECONDS_MAX) throw refusals.stepUpRequired(STEP_UP_AGE_SECONDS_MAX);
}
