/** Draws requests that are wrong in at least one way, each made from one that is in order. */
import type { z } from 'zod';
import type { RequestSchema } from '#platform/people-api/requests.ts';
import { describedServices } from '#services/local/openapi/services.ts';
import { form, hmac } from '#test/orders/signed-client.ts';
import { hasParameter, isOfBots, peopleCase, spotCase } from './requests.ts';
import type { RouteOf, World } from './world.ts';

export interface WireRequest {
  readonly method: string;
  /** Path and query as they go over the wire. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a route needs to be called as it should be, made once: what is spoilt is never used up. */
export interface Base {
  readonly of: RouteOf;
  readonly id: string;
  readonly body: object | undefined;
}

export async function baseOf(world: World, of: RouteOf): Promise<Base> {
  if (of.route.upgrade || isOfBots(of)) return { of, id: '', body: undefined };
  const { id, body } = peopleCase(of);
  return {
    of,
    id: hasParameter(of.route) ? await id!(world) : '',
    body: await body?.(world),
  };
}

type Random = () => number;
const pick = <T>(random: Random, among: readonly T[]): T => among[Math.floor(random() * among.length)]!;

/** As values of JSON: none is a text, so that no field of text takes it; `undefined` leaves the field out. */
const NO_TEXTS: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  true,
  [],
  {},
  [[[]]],
  { toString: 1 },
  ['x'],
  { $gt: '' },
  Number.MAX_SAFE_INTEGER,
];
const TEXTS = [
  '\u0000',
  '\ud800',
  "'; drop table users--",
  '../../etc/passwd',
  '{{7*7}}',
  '<script>',
  '1e400',
  'NaN',
  '-0',
  '٣',
  'x'.repeat(3_000),
  '\u202e',
  '%00',
  '\r\nX: y',
];
const NAMES = ['constructor', '__proto__', 'toString', 'isAdmin', 'x', '', 'a.b', 'a[0]', '\u0000', '💥'];
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

/** A text that no rule of ours takes, some of it random. */
function hostile(random: Random): string {
  if (random() < 0.7) return pick(random, TEXTS);
  return `\u0001${Array.from({ length: 1 + random() * 20 }, () => String.fromCharCode(random() * 0xffff)).join('')}`;
}

/** Everything that {@link malformed} draws is refused with 4xx, whatever was drawn. */
export function malformed(random: Random, world: World, base: Base): WireRequest {
  const { of } = base;
  if (of.route.upgrade)
    return { method: 'GET', url: of.route.path.replace('*', encoded(hostile(random))), headers: {} };
  return isOfBots(of) ? malformedSpot(random, world, base) : malformedPeople(random, world, base);
}

function malformedPeople(random: Random, world: World, base: Base): WireRequest {
  const { of, body } = base;
  const { as } = peopleCase(of);
  const token = as && world[as].token;
  const fault = pick(random, [
    spoiltQuery,
    ...(body === undefined ? [] : [spoiltJson, spoiltFields, spoiltFields, spoiltType]),
    ...(token === undefined ? [] : [spoiltToken]),
    ...(hasParameter(of.route) ? [spoiltId] : []),
    ...(of.route.method === 'DELETE' ? [needlessBody] : []),
  ]);
  return fault(random, inOrder(base, token), base);
}

function inOrder({ of, id, body }: Base, token: string | undefined): WireRequest {
  const { query } = peopleCase(of);
  return {
    method: of.route.method,
    url: of.route.path.replace(/:\w+/, id) + (query === undefined ? '' : `?${query}`),
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

type Fault = (random: Random, request: WireRequest, base: Base) => WireRequest;

const spoiltQuery: Fault = (random, request, { of }) => {
  const known = Object.keys(shapeOf(of, 'query'));
  // What the route knows, with a value that it cannot have; or what it does not know; or something twice.
  const name = known.length > 0 && random() < 0.5 ? pick(random, known) : pick(random, NAMES.slice(3));
  const pair = `${encoded(name)}=${encoded(hostile(random))}`;
  const separator = request.url.includes('?') ? '&' : '?';
  const spoilt = pick(random, [pair, `${pair}&${pair}`, `${pair}&limit=99999999999999999999`]);
  return { ...request, url: `${request.url}${separator}${spoilt}` };
};

const spoiltJson: Fault = (random, request) => {
  const { body = '{}' } = request;
  const texts = [
    '',
    '{',
    body.slice(0, -1),
    `${body}x`,
    `[${body}]`,
    'null',
    '1',
    '"text"',
    body.padEnd(8_193),
    '['.repeat(4_000),
    `{"a":${'{"a":'.repeat(1_000)}`,
    hostile(random),
  ];
  return { ...request, body: pick(random, texts) };
};

const spoiltFields: Fault = (random, request, { of, body }) => {
  const fields: Record<string, unknown> = { ...body };
  const required = Object.entries(shapeOf(of, 'body')).filter(([, field]) => !field.isOptional());
  if (required.length > 0 && random() < 0.6) {
    const [name, field] = pick(random, required);
    // A number may be what a field wants.
    const refused = [...NO_TEXTS, undefined].filter((value) => !field.safeParse(value).success);
    fields[name] = pick(random, refused);
  } else {
    const name = pick(random, NAMES);
    const json = JSON.stringify(fields).slice(0, -1);
    const more = JSON.stringify(pick(random, [...NO_TEXTS, hostile(random)]));
    const separator = json === '{' ? '' : ',';
    return { ...request, body: `${json}${separator}${JSON.stringify(name)}:${more}}` };
  }
  for (const [name, field] of Object.entries(shapeOf(of, 'body')))
    if (field.isOptional() && random() < 0.3) fields[name] = hostile(random);
  return { ...request, body: JSON.stringify(fields) };
};

const spoiltType: Fault = (random, request) => {
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'x',
    'application/jsonx',
  ];
  return { ...request, headers: { ...request.headers, 'Content-Type': pick(random, types) } };
};

const spoiltToken: Fault = (random, request) => {
  const token = request.headers.Authorization!.slice('Bearer '.length);
  const [header, claims, signature] = token.split('.');
  const tokens = [
    '',
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    `Bearer ${header}.${claims}.`,
    `Bearer ${header}.${claims}`,
    `Bearer ${claims}.${header}.${signature}`,
    `Bearer ${token}A`,
    `Bearer ${token}.${signature}`,
    `Bearer ${'A'.repeat(4_000)}`,
    `Bearer ${header}.${Buffer.from(hostile(random)).toString('base64url')}.${signature}`,
  ];
  return { ...request, headers: { ...request.headers, Authorization: pick(random, tokens) } };
};

const spoiltId: Fault = (random, request, { of }) => {
  const ids = ['0', '-1', '1.5', '9'.repeat(40), '%00', '%zz', '%', "1'--", encoded(hostile(random))];
  const query = request.url.split('?')[1];
  const path = of.route.path.replace(/:\w+/, () => pick(random, ids));
  return { ...request, url: path + (query === undefined ? '' : `?${query}`) };
};

const needlessBody: Fault = (random, request) => ({
  ...request,
  headers: { ...request.headers, 'Content-Type': 'application/json' },
  body: pick(random, ['{}', 'x', '{"a":1}', 'x'.repeat(9_000)]),
});

/** The fields of a route's body or query, where its schema is an object. */
function shapeOf({ service, name }: RouteOf, part: 'body' | 'query'): Readonly<Record<string, z.ZodType>> {
  const { requests } = describedServices.find((described) => described.name === service)!;
  let schema = (requests[name] as RequestSchema)[part] as z.ZodType | undefined;
  // One that goes on to transform what it has read.
  while (schema !== undefined && 'in' in schema) schema = schema.in as z.ZodType;
  return (schema as z.ZodObject | undefined)?.shape ?? {};
}

/** Signed as it should be, mostly, so that what is wrong lies behind the signature. */
function malformedSpot(random: Random, { key }: World, { of }: Base): WireRequest {
  const { method, path, security } = of.route;
  const parameters: Record<string, unknown> = { ...spotCase(of).parameters };
  const names = [...Object.keys(parameters), 'limit', 'recvWindow', 'fromId', 'newClientOrderId', 'x'];
  const spoilt: Record<string, unknown> = { [pick(random, names)]: hostile(random) };
  const isSigned = security !== 'NONE';
  const query = form({ ...parameters, ...(isSigned ? { timestamp: Date.now() } : {}) });
  // A name that nobody reads is refused, whatever becomes of the other.
  const pairs = [...Object.entries(spoilt), ['unread', '1']] as [string, string][];
  const payload = pick(random, [
    `${replaced(query, pairs)}`,
    `${query}&${query}&unread=1`,
    `${query}&%zz=1`,
    `${query}&unread=%ff%fe`,
    `${query}&unread=${'9'.repeat(2_000)}`,
    `unread&${query}`,
  ]);
  const signature = random() < 0.8 ? hmac(key.secret, payload) : hostile(random);
  const headers = random() < 0.9 ? { 'X-MBX-APIKEY': key.apiKey } : { 'X-MBX-APIKEY': 'x'.repeat(200) };
  return {
    method,
    url: `${path}?${payload}${isSigned ? `&signature=${encoded(signature)}` : ''}`,
    headers: isSigned ? headers : {},
  };
}

function replaced(query: string, pairs: readonly (readonly [string, string])[]): string {
  const kept = query.split('&').filter((pair) => !pairs.some(([name]) => pair.startsWith(`${name}=`)));
  return [...kept, ...pairs.map(([name, value]) => `${name}=${encoded(value)}`)].join('&');
}
