/**
 * Malformed requests on every route of every service over real connections, by people who may: whatever comes, it is
 * refused, and everything stays as it was. `CROSSBOOK_SEEDS=100000` sends as many requests, `CROSSBOOK_SEED=7` again
 * those of a run that printed it.
 */
import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EnrolledUser, TestUser } from '#test/accounts/accounts-service.ts';
import { type PeopleExchange, startPeopleExchange } from '#test/support/people-exchange.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { type Base, baseOf, malformed, type WireRequest } from './malformed-requests.ts';
import { readsNothing } from './requests.ts';
import { stateOf } from './state.ts';
import { allRoutes, newWorld, type World } from './world.ts';

const REQUESTS = Number(process.env.CROSSBOOK_SEEDS ?? 10_000);
const seed = Number(process.env.CROSSBOOK_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Connections that are kept open, with one request after the other on each. */
const LANES = 8;
const TRIES_MAX = 10;
/** On a machine that has much else to do. */
const REQUEST_MS_MAX = 50;
/** A one-time code is new for five minutes, and a token good for fifteen. */
const REQUESTS_PER_LOG_IN = 5_000;

let exchange: PeopleExchange;
let world: World;
const agent = new Agent({ keepAlive: true, maxSockets: LANES });

beforeAll(async () => {
  exchange = await startPeopleExchange();
  world = await newWorld(exchange);
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await exchange.close();
});

function send(url: string, { method, headers, body }: Omit<WireRequest, 'url'>): Promise<number> {
  // Node's client says no length of a DELETE's body, which would then be read as another request.
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers: { ...headers, ...length }, agent }, (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode!));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * A connection that was kept may have been closed meanwhile, and one whose body is too large is closed before all of it
 * was read: the answer is lost with it, and the request is sent again.
 */
async function sendAgain(url: string, wire: Omit<WireRequest, 'url'>): Promise<number> {
  for (let tries = 1; ; tries++)
    try {
      return await send(url, wire);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (tries === TRIES_MAX || !['ECONNRESET', 'EPIPE'].includes(code)) throw error;
    }
}

/** New tokens for all, with a new one-time code for those who have two-factor. */
async function logInAgain(): Promise<World> {
  const { accounts } = exchange;
  const again = async <U extends TestUser>(user: U, more = {}): Promise<U> => {
    const { accessToken } = (await accounts.logIn(user.email, more)).json;
    return { ...user, token: accessToken };
  };
  const withCode = async (user: EnrolledUser) => again(user, { code: await user.nextCode() });
  return {
    ...world,
    plain: await again(world.plain),
    enrolled: await withCode(world.enrolled),
    operator: await withCode(world.operator),
    admin: await withCode(world.admin),
  };
}

/** All that must not move: what is stored, what the engine has, and its journal to the digest. */
async function everything(): Promise<unknown> {
  const head = await exchange.accounts.db
    .selectFrom('engine.head')
    .select(['last_seq', 'digest'])
    .executeTakeFirstOrThrow();
  return { head, state: await stateOf(exchange) };
}

it(
  `refuses ${REQUESTS} malformed requests, fails at none and stays as it was (seed ${seed})`,
  async () => {
    const bases: Base[] = [];
    // What reads nothing has no request that is malformed.
    for (const of of allRoutes.filter((route) => !readsNothing(route))) bases.push(await baseOf(world, of));
    const random = seededRandom(seed);
    const statuses = new Map<number, number>();
    const unexpected: unknown[] = [];
    let drawn = 0;
    const lane = async () => {
      while (drawn < until) {
        const number = drawn++;
        const base = bases[number % bases.length]!;
        const wire = malformed(random, world, base);
        const headers = {
          ...wire.headers,
          'X-Forwarded-For': `2001:db8:5:${(number % 65_536).toString(16)}::1`,
        };
        const status = await sendAgain(`${exchange.urls[base.of.service]}${wire.url}`, { ...wire, headers });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status < 400 || status >= 500) unexpected.push({ number, status, ...wire });
      }
    };
    let until = 0;
    while (drawn < REQUESTS) {
      world = await logInAgain();
      const before = await everything();
      until = Math.min(drawn + REQUESTS_PER_LOG_IN, REQUESTS);
      await Promise.all(Array.from({ length: LANES }, lane));
      expect(unexpected).toEqual([]);
      expect(await everything()).toEqual(before);
    }
    // Had most been refused for one reason, little would have been tried.
    expect(statuses.get(400)! / REQUESTS).toBeGreaterThan(0.5);
    expect(statuses.get(401)! / REQUESTS).toBeLessThan(0.25);
    expect([...statuses.keys()].sort()).toEqual([400, 401, 404, 413, 415, 426]);
  },
  60_000 + REQUESTS * REQUEST_MS_MAX,
);
