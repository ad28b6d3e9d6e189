/**
 * What every endpoint of the JSON API of people does around its own work: find out who asks, read the request, answer,
 * refuse. `spot-api/` is the same for bots.
 */
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { clientAddress } from '../client-address.ts';
import type { Log } from '../log.ts';
import { isOutage } from '../outage.ts';
import type { Handler, Routes } from '../routes.ts';
import type { Client } from '../sessions/session-store.ts';
import { traceRequests } from '../tracing.ts';
import { authenticate, type Caller, type Person, type Recognition } from './authenticate.ts';
import { Refusal, refusals } from './refusal.ts';
import { type BodyOf, type QueryOf, type RequestSchema, readBody, readQuery } from './requests.ts';

/**
 * Tokens and secrets must not stay in a cache on the way (RFC 6749, section 5.1), and no answer is anything but what
 * its type says.
 */
const ALWAYS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
const USER_AGENT_CHARS_MAX = 256;

export interface PeopleDeps<P extends Person = Person> extends Recognition<P> {
  /** Load balancers of ours in front of the service; see `client-address.ts`. */
  readonly trustedHops: number;
  readonly log: Log;
}

export interface Call<S extends RequestSchema> {
  readonly context: Context;
  readonly client: Client;
  readonly body: BodyOf<S>;
  readonly query: QueryOf<S>;
}

export interface Answer {
  /** 200 unless given, and 204 without JSON and text. */
  readonly status?: number;
  readonly json?: unknown;
  /** In place of JSON; the headers say of which type. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An app that answers what it has no route for, and every failure, as the JSON API does. */
export function peopleApp(log: Log): Hono {
  const app = new Hono();
  app.use(traceRequests());
  app.notFound((context) => refuse(log, refusals.unknownRoute(), context));
  app.onError((error, context) => refuse(log, error, context));
  return app;
}

/** Makes handlers for a service's routes, as their declarations say; mounted on a {@link peopleApp}. */
export function peopleEndpoints<
  P extends Person,
  const R extends Routes,
  const Q extends { readonly [K in keyof R]?: RequestSchema },
>(routes: R, requests: Q) {
  type Name = keyof R & keyof Q & string;
  type CallOf<N extends Name> = Call<NonNullable<Q[N]>>;

  const read = async <N extends Name>(
    { trustedHops }: PeopleDeps<P>,
    context: Context,
    name: N,
  ): Promise<CallOf<N>> => {
    const { body, query }: RequestSchema = requests[name]!;
    return {
      context,
      client: {
        address: clientAddress(context, trustedHops),
        userAgent: (context.req.header('user-agent') ?? '').slice(0, USER_AGENT_CHARS_MAX),
      },
      query: readQuery(context, query) as CallOf<N>['query'],
      body: (await readBody(context, body)) as CallOf<N>['body'],
    };
  };

  return {
    /** For a route that is open to everyone. @throws {Refusal} from `run`. */
    open:
      <N extends Name>(
        deps: PeopleDeps<P>,
        name: N,
        run: (call: CallOf<N>) => Answer | Promise<Answer>,
      ): Handler =>
      async (context) =>
        answer(context, await run(await read(deps, context, name))),

    /** For a route with the security JWT: who asks is known, and may, before the request is read. */
    authenticated:
      <N extends Name>(
        deps: PeopleDeps<P>,
        name: N,
        run: (call: CallOf<N>, caller: Caller<P>) => Answer | Promise<Answer>,
      ): Handler =>
      async (context) => {
        const caller = await authenticate(deps, context, routes[name]!);
        return answer(context, await run(await read(deps, context, name), caller));
      },
  };
}

function refuse(log: Log, error: Error, context: Context): Response {
  const refusal = refusalOf(error);
  if (refusal.status === 503) log.warn({ err: error }, 'a request cannot be served now');
  else if (refusal.status >= 500) log.error({ err: error }, 'a request failed');
  const headers = { ...ALWAYS, ...refusal.headers };
  return context.json(refusal.toJSON(), refusal.status as ContentfulStatusCode, headers);
}

function refusalOf(error: Error): Refusal {
  if (error instanceof Refusal) return error;
  return isOutage(error) ? refusals.unavailable(error) : refusals.internal(error);
}

function answer(context: Context, { status = 200, json, text, headers }: Answer): Response {
  const all = { ...ALWAYS, ...headers };
  if (text !== undefined) return context.body(text, status as ContentfulStatusCode, all);
  if (json === undefined) return context.body(null, 204, all);
  return context.json(json as object, status as ContentfulStatusCode, all);
}
