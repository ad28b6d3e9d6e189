/** Calls a route as it should be called, but for what a test spoils. */
import type { Routes } from '#platform/routes.ts';
import { form, hmac, type Signer } from '#test/orders/signed-client.ts';
import { requireDescribed } from '#test/support/described-answers.ts';
import { cases, type PeopleCase, type SpotCase } from './route-cases.ts';
import type { RouteOf, World } from './world.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect.
  readonly json: any;
}

const caseOf = ({ service, name }: RouteOf) => (cases[service] as Readonly<Record<string, unknown>>)[name];
export const peopleCase = (route: RouteOf) => caseOf(route) as PeopleCase;
export const spotCase = (route: RouteOf) => caseOf(route) as SpotCase;

export const readsNothing = (route: RouteOf) => isOfBots(route) && spotCase(route).readsNothing === true;

const isOfDialect = ({ path }: Routes[string]) => /^\/(api\/v3|sapi\/v1)\//.test(path);
export const isOfPeople = ({ route }: RouteOf) => !isOfDialect(route) && !route.upgrade;
export const isOfBots = ({ route }: RouteOf) => isOfDialect(route);

let calls = 0;
/** Each time from another address: what one address may do is a test of its own. */
async function send(
  { exchange }: World,
  { service }: RouteOf,
  url: string,
  init: RequestInit & { readonly method: string },
): Promise<Reply> {
  const remoteAddress = `2001:db8:3:${(++calls).toString(16)}::1`;
  const env = { incoming: { socket: { remoteAddress } } };
  const response = await exchange.apps[service].request(url, init, env);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const json = isJson ? JSON.parse(text) : text;
  const answer = text === '' ? null : isJson ? json : undefined;
  requireDescribed(service, init.method, url, response.status, answer);
  return { status: response.status, headers: response.headers, json };
}

export interface SpoiltPeople {
  readonly token?: string | undefined;
  /** In place of the path's parameter. */
  readonly id?: string;
  /** Beside what the route needs. */
  readonly query?: string;
  readonly body?: object;
  /** Sent as it is. */
  readonly rawBody?: string | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
}

export const hasParameter = ({ path }: Routes[string]) => path.includes('/:');

export async function callAsPerson(world: World, of: RouteOf, spoilt: SpoiltPeople = {}): Promise<Reply> {
  const { method, path } = of.route;
  const { as, id, query, body } = peopleCase(of);
  const token = 'token' in spoilt ? spoilt.token : as && world[as].token;
  const segment = hasParameter(of.route) ? (spoilt.id ?? (await id!(world))) : '';
  const object = spoilt.body ?? (spoilt.rawBody === undefined ? await body?.(world) : undefined);
  const sent = spoilt.rawBody ?? (object === undefined ? undefined : JSON.stringify(object));
  const search = [query, spoilt.query].filter((part) => part !== undefined).join('&');
  const headers = {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...spoilt.headers,
  };
  // A stream is sent while the answer may come already.
  const init = { method, headers, body: sent, duplex: 'half' } as RequestInit & { readonly method: string };
  return send(world, of, path.replace(/:\w+/, segment) + (search && `?${search}`), init);
}

export interface SpoiltSigned {
  readonly parameters?: object;
  readonly signer?: Signer;
  readonly apiKey?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function callSigned(world: World, of: RouteOf, spoilt: SpoiltSigned = {}): Promise<Reply> {
  const { signer = world.key, apiKey = signer.apiKey, body, headers } = spoilt;
  const { method, path } = of.route;
  const payload = form({ ...spotCase(of).parameters, timestamp: Date.now(), ...spoilt.parameters });
  const signature = hmac(signer.secret, payload + (body ?? ''));
  return send(world, of, `${path}?${payload}&signature=${signature}`, {
    method,
    headers: { ...(apiKey === '' ? {} : { 'X-MBX-APIKEY': apiKey }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** A route that is open to everyone, in the dialect. */
export function callOpen(world: World, of: RouteOf, parameters: object = {}): Promise<Reply> {
  const { method, path } = of.route;
  return send(world, of, `${path}?${form({ ...spotCase(of).parameters, ...parameters })}`, { method });
}

/** A route that upgrades, by a request that does not. */
export function callPlainly(world: World, of: RouteOf): Promise<Reply> {
  return send(world, of, of.route.path.replace('*', 'btcusdt@trade').replace(/:.*/, 'U0'), {
    method: of.route.method,
  });
}
