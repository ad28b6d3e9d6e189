/** What every endpoint does around its own work: find out who asks, read the request, answer, refuse. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Kysely } from 'kysely';
import { type Role, rolesUpTo, STEP_UP_AGE_SECONDS_MAX } from '#platform/access-token.ts';
import { clientAddress } from '#platform/client-address.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Handler, Routes } from '#platform/routes.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Attempts } from './attempts.ts';
import type { Background } from './background.ts';
import type { Mailer } from './mailer.ts';
import type { Mails } from './mails.ts';
import type { Passwords } from './passwords.ts';
import { Refusal, refusals } from './refusal.ts';
import { type BodyOf, type QueryOf, type RequestSchema, readBody, readQuery, requests } from './requests.ts';
import { routes } from './routes.ts';
import type { Client, Session } from './session-store.ts';
import type { Sessions } from './sessions.ts';
import type { TwoFactor } from './two-factor.ts';
import type { User, Users } from './users.ts';

/** Tokens and secrets must not stay in a cache on the way: RFC 6749, section 5.1. */
const UNCACHED = { 'Cache-Control': 'no-store' };
const USER_AGENT_CHARS_MAX = 256;

export interface AccountsDeps {
  readonly db: Kysely<Database>;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly twoFactor: TwoFactor;
  readonly attempts: Attempts;
  readonly background: Background;
  readonly mailer: Mailer;
  readonly mails: Mails;
  /** AES-256 key of the API secrets. */
  readonly encryptionKey: Buffer;
  /** Load balancers of ours in front of the service; see `client-address.ts`. */
  readonly trustedHops: number;
  readonly log: Log;
}

type Name = keyof typeof routes;

/** Whoever sent a valid token of a session that goes on. */
export interface Caller {
  readonly user: User;
  readonly session: Session;
}

export interface Call<N extends Name> {
  readonly context: Context;
  readonly client: Client;
  readonly body: BodyOf<N>;
  readonly query: QueryOf<N>;
}

export interface Answer {
  /** 200 unless given, and 204 without JSON. */
  readonly status?: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** For a route that is open to everyone. @throws {Refusal} from `run`. */
export function open<N extends Name>(
  deps: AccountsDeps,
  name: N,
  run: (call: Call<N>) => Promise<Answer>,
): Handler {
  return async (context) => answer(context, await run(await read(deps, context, name)));
}

/** For a route with the security JWT: who asks is known, and may, before the request is read. */
export function authenticated<N extends Name>(
  deps: AccountsDeps,
  name: N,
  run: (call: Call<N>, caller: Caller) => Promise<Answer>,
): Handler {
  const { role, stepUp }: Routes[string] = routes[name];
  return async (context) => {
    const caller = await authenticate(deps, context);
    const roles: readonly Role[] = rolesUpTo[caller.user.role];
    if (role !== undefined && !roles.includes(role)) throw refusals.roleRequired(role);
    if (stepUp !== undefined) await requireStepUp(deps, caller, stepUp);
    return answer(context, await run(await read(deps, context, name), caller));
  };
}

export function refuse({ log }: AccountsDeps, error: Error, context: Context): Response {
  if (!(error instanceof Refusal)) log.error({ err: error }, 'a request failed');
  const refusal = error instanceof Refusal ? error : refusals.internal();
  const headers = { ...UNCACHED, ...refusal.headers };
  return context.json(refusal.toJSON(), refusal.status as ContentfulStatusCode, headers);
}

/** The token is not enough: its session must go on, and its user be neither frozen nor past a new password. */
async function authenticate(
  { db, users, tokens, sessions }: AccountsDeps,
  context: Context,
): Promise<Caller> {
  const text = /^Bearer ([\w.-]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const token = text === undefined ? undefined : await tokens.read(text);
  if (token === undefined) throw refusals.unauthenticated();
  // One after the other: a request that has failed leaves nothing under way.
  const session = await sessions.find(token.account, token.sessionId);
  if (session === undefined) throw refusals.unauthenticated();
  const user = await users.find(db, token.account);
  if (user === undefined || user.isFrozen || session.securityEpoch !== user.securityEpoch)
    throw refusals.unauthenticated();
  return { user, session };
}

async function requireStepUp(
  { db, twoFactor }: AccountsDeps,
  { user, session }: Caller,
  stepUp: 'enrolled' | 'always',
): Promise<void> {
  if (!(await twoFactor.isEnabled(db, user.account))) {
    if (stepUp === 'always') throw refusals.twoFactorIsOff();
    return;
  }
  const ageSeconds = (systemClock.nowUs() - (session.otpAt ?? 0)) / 1_000_000;
  if (ageSeconds > STEP_UP_AGE_SECONDS_MAX) throw refusals.stepUpRequired(STEP_UP_AGE_SECONDS_MAX);
}

async function read<N extends Name>(deps: AccountsDeps, context: Context, name: N): Promise<Call<N>> {
  const { body, query }: RequestSchema = requests[name];
  return {
    context,
    client: {
      address: clientAddress(context, deps.trustedHops),
      userAgent: (context.req.header('user-agent') ?? '').slice(0, USER_AGENT_CHARS_MAX),
    },
    query: readQuery(context, query) as QueryOf<N>,
    body: (await readBody(context, body)) as BodyOf<N>,
  };
}

function answer(context: Context, { status, json, headers }: Answer): Response {
  const all = { ...UNCACHED, ...headers };
  if (json === undefined) return context.body(null, 204, all);
  return context.json(json as object, (status ?? 200) as ContentfulStatusCode, all);
}
