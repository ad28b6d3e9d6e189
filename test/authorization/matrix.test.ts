/**
 * Generated from the route tables of all services: each route is tried without proof of who asks and with every bad one,
 * by those who may not, on what is somebody else's, with a field too many and with too much. A new route fails until it
 * has its entry in the cases; a new service until it is in `test/support/people-exchange.ts`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { ISSUER } from '#test/accounts/accounts-service.ts';
import { type PeopleExchange, routesOf, startPeopleExchange } from '#test/support/people-exchange.ts';
import {
  callAsPerson,
  callOpen,
  callPlainly,
  callSigned,
  hasParameter,
  isOfBots,
  isOfPeople,
  peopleCase,
  type SpoiltPeople,
  spotCase,
} from './requests.ts';
import { cases } from './route-cases.ts';
import { stateOf } from './state.ts';
import { attacks, Forge, nowSeconds } from './token-attacks.ts';
import { allRoutes, newWorld, type RouteOf, type World } from './world.ts';

let exchange: PeopleExchange;
let world: World;
let forge: Forge;
/** Has the foreign key, and must never be asked for it. */
let foreignKeys: Server;
let foreignAsked = 0;

beforeAll(async () => {
  exchange = await startPeopleExchange();
  world = await newWorld(exchange);
  foreignKeys = createServer((_, response) => {
    foreignAsked++;
    const jwk = {
      ...forge.foreign.publicKey.export({ format: 'jwk' }),
      kid: 'foreign',
      alg: 'EdDSA',
      use: 'sig',
    };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => foreignKeys.listen(0, '127.0.0.1', resolve));
  const { port } = foreignKeys.address() as AddressInfo;
  forge = new Forge(world, `http://127.0.0.1:${port}/.well-known/jwks.json`);
}, 60_000);
afterAll(async () => {
  foreignKeys.close();
  await exchange.close();
});

const named = (routes: readonly RouteOf[]) =>
  routes.map((of) => [`${of.service} ${of.name} (${of.route.method} ${of.route.path})`, of] as const);
const ofPeople = allRoutes.filter(isOfPeople);
const withToken = ofPeople.filter(({ route }) => route.security === 'JWT');
const ofBots = allRoutes.filter(isOfBots);
const signed = ofBots.filter(({ route }) => route.security !== 'NONE');
const open = ofBots.filter(({ route }) => route.security === 'NONE');
const streams = allRoutes.filter(({ route }) => route.upgrade);

describe('a valid token', () => {
  it('says what the attacks below bend', () => {
    expect(forge.header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(forge.claims).toEqual({
      sub: String(world.plain.account),
      iss: ISSUER,
      aud: 'crossbook',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: expect.stringMatching(/^[\w-]{22}$/),
      roles: ['user'],
      iat: expect.any(Number),
      nbf: forge.claims.iat,
      exp: (forge.claims.iat as number) + 900,
    });
  });

  it.each(named(withToken.filter((of) => peopleCase(of).as === 'plain' && of.route.method === 'GET')))(
    'is accepted by %s when made by the same means as the attacks',
    async (_, of) => {
      expect((await callAsPerson(world, of, { token: forge.token({}, {}) })).status).toBe(200);
    },
  );

  it('says the role and the one-time code of whoever has them', () => {
    const claimsOf = (text: string) => JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString());
    expect(claimsOf(world.admin.token)).toMatchObject({ roles: ['user', 'operator', 'admin'] });
    expect(Math.abs(claimsOf(world.admin.token).otp_at - nowSeconds())).toBeLessThan(60);
  });

  it('gives nobody a role in accounts by claiming it, even if our own key had signed it', async () => {
    const token = forge.token({}, { roles: ['user', 'operator', 'admin'], otp_at: nowSeconds() });
    const users = allRoutes.find(({ name }) => name === 'users')!;
    expect((await callAsPerson(world, users, { token })).json.code).toBe('ROLE_REQUIRED');
  });
});

describe.each(named(withToken))('%s', (_, of) => {
  const { role, stepUp } = of.route;
  let before: unknown;
  /** Of things that the refused requests name; made before the state is noted. */
  let id = '';
  beforeAll(async () => {
    if (hasParameter(of.route)) id = await peopleCase(of).id!(world);
    before = await stateOf(exchange);
  });
  afterAll(async () => {
    expect(await stateOf(exchange)).toEqual(before);
  });
  const refused = (spoilt: SpoiltPeople) =>
    callAsPerson(world, of, { id, ...(peopleCase(of).body && { body: { label: 'x' } }), ...spoilt });

  it.each(Object.entries(attacks))('refuses a token with %s, as it refuses any', async (_, make) => {
    const reply = await refused({ token: make(forge) });
    expect({ status: reply.status, json: reply.json }).toEqual({
      status: 401,
      json: {
        code: 'UNAUTHENTICATED',
        message: 'There is no valid access token: log in and send it as Authorization: Bearer <token>.',
      },
    });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect(foreignAsked).toBe(0);
  });

  it('refuses an API key in place of a token', async () => {
    const headers = { 'X-MBX-APIKEY': world.key.apiKey };
    expect((await refused({ token: undefined, headers })).json.code).toBe('UNAUTHENTICATED');
    expect((await refused({ token: world.key.apiKey })).json.code).toBe('UNAUTHENTICATED');
  });

  if (role !== undefined) {
    it('refuses whoever has not the role, before a one-time code is asked for', async () => {
      for (const actor of [world.plain, world.enrolled])
        expect(await refused({ token: actor.token })).toMatchObject({
          status: 403,
          json: { code: 'ROLE_REQUIRED', message: `This is for the role ${role}.` },
        });
    });
  }
  if (role === 'admin') {
    it('refuses an operator', async () => {
      expect((await refused({ token: world.operator.token })).json.code).toBe('ROLE_REQUIRED');
    });
  }
  if (stepUp !== undefined) {
    it('refuses a session without a new one-time code', async () => {
      const { email, nextCode } = world[peopleCase(of).as as 'enrolled'] as EnrolledUser;
      const { accessToken } = (await exchange.accounts.logIn(email, { code: await nextCode() })).json;
      const later = Date.now() + 301_000;
      const now = jest.spyOn(Date, 'now').mockReturnValue(later);
      const reply = await refused({ token: accessToken }).finally(() => now.mockRestore());
      expect(reply).toMatchObject({ status: 401, json: { code: 'STEP_UP_REQUIRED' } });
      expect(reply.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
      // The log-in and the code are what is new, and are put back as they were.
      before = await stateOf(exchange);
    });
  }
});

describe.each(named(ofPeople.filter(({ route }) => hasParameter(route))))('%s', (_, of) => {
  it('refuses what is not the caller’s, and what is nothing', async () => {
    const [id, status, code] = await peopleCase(of).othersId!(world);
    expect(await callAsPerson(world, of, { id })).toMatchObject({ status, json: { code } });
    for (const nothing of ['999999999', 'x', '%00', "1'--", '-1', '9'.repeat(30), 'A'.repeat(22)])
      expect((await callAsPerson(world, of, { id: nothing })).status).toBe(404);
    // It still works for its owner.
    const token = world.stranger.token;
    expect((await exchange.accounts.call('GET', '/api/users/me/sessions', { token })).status).toBe(200);
    const open = await exchange.engine.ask({
      type: 'openOrders',
      account: world.stranger.account as never,
      market: null,
    });
    expect(open.records).toMatchObject([{ orderId: world.strangersOrder }]);
  });
});

describe.each(named(ofPeople))('%s', (_, of) => {
  const { method } = of.route;

  it('refuses a parameter that it does not know, by name', async () => {
    expect(await callAsPerson(world, of, { query: 'isAdmin=true' })).toMatchObject({
      status: 400,
      json: { code: 'UNKNOWN_FIELD', field: 'isAdmin' },
    });
  });

  it('refuses a parameter that comes twice', async () => {
    expect(await callAsPerson(world, of, { query: 'isAdmin=true&isAdmin=false' })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_FIELD', field: 'isAdmin' },
    });
  });

  if (method !== 'GET') {
    it('refuses more than 8 KB', async () => {
      expect(await callAsPerson(world, of, { rawBody: '{}'.padEnd(8_193) })).toMatchObject({
        status: 413,
        json: { code: 'BODY_TOO_LARGE' },
      });
    });
  }
  if (method === 'DELETE') {
    it('refuses a body, which would say nothing', async () => {
      expect(await callAsPerson(world, of, { rawBody: '{}' })).toMatchObject({
        json: { code: 'MALFORMED_BODY' },
      });
    });
  }
  if (peopleCase(of).body !== undefined) {
    it('refuses a field that it does not know, by name', async () => {
      const body = { ...(await peopleCase(of).body!(world)), isAdmin: true };
      expect(await callAsPerson(world, of, { body })).toMatchObject({
        status: 400,
        json: { code: 'UNKNOWN_FIELD', field: 'isAdmin' },
      });
    });
  }
});

describe.each(named(signed))('%s', (_, of) => {
  const { method, security } = of.route;
  let before: unknown;
  beforeAll(async () => {
    before = await stateOf(exchange);
  });
  afterAll(async () => {
    // Whatever was refused, nothing was done.
    expect(await stateOf(exchange)).toEqual(before);
  });

  it.each([
    ['no key', () => ({ apiKey: '' }), 401, -2014],
    ['an unknown key', () => ({ apiKey: 'u'.repeat(64) }), 401, -2015],
    ['an access token in place of a key', () => ({ apiKey: world.plain.token }), 401, -2014],
    [
      'an access token beside no key',
      () => ({ apiKey: '', headers: { Authorization: `Bearer ${world.plain.token}` } }),
      401,
      -2014,
    ],
  ] as const)('refuses %s', async (_, fault, status, code) => {
    expect(await callSigned(world, of, fault())).toMatchObject({ status, json: { code } });
  });

  if (!spotCase(of).readsNothing)
    it('refuses an unknown parameter', async () => {
      const { status, json } = await callSigned(world, of, { parameters: { extra: 1 } });
      expect(status).toBe(400);
      expect([-1101, -1104]).toContain(json.code);
    });

  // A key alone opens these, without a signature.
  if (security !== 'USER_STREAM')
    it.each([
      [
        "another key's secret",
        () => ({ signer: { ...world.key, secret: world.readOnlyKey.secret } }),
        400,
        -1022,
      ],
      ['an expired timestamp', () => ({ parameters: { timestamp: Date.now() - 60_001 } }), 400, -1021],
      ['a timestamp ahead', () => ({ parameters: { timestamp: Date.now() + 60_000 } }), 400, -1021],
    ] as const)('refuses %s', async (_, fault, status, code) => {
      expect(await callSigned(world, of, fault())).toMatchObject({ status, json: { code } });
    });

  if (method !== 'GET') {
    it('refuses more than 8 KB', async () => {
      const body = `a=${'x'.repeat(8_191)}`;
      expect(await callSigned(world, of, { body })).toMatchObject({ status: 413, json: { code: -1130 } });
    });
  }
  const without = {
    TRADE: ['readOnlyKey'],
    WITHDRAW: ['readOnlyKey', 'tradingKey'],
  } as const;
  if (security === 'TRADE' || security === 'WITHDRAW')
    it.each(without[security])('refuses the %s, which has not the right to it', async (name) => {
      expect(await callSigned(world, of, { signer: world[name] })).toMatchObject({
        status: 401,
        json: { code: -2015 },
      });
    });
  const { others } = spotCase(of);
  if (others !== undefined) {
    it('does not know what is somebody else’s', async () => {
      const { strangersOrder } = world;
      const names = ['orderId', 'cancelOrderId', 'orderListId'].filter(
        (name) => name in spotCase(of).parameters,
      );
      const parameters = Object.fromEntries(names.map((name) => [name, strangersOrder]));
      const { status, json } = await callSigned(world, of, { parameters });
      if (others === 0) expect({ status, json }).toEqual({ status: 200, json: [] });
      else expect({ status, code: json.code }).toEqual({ status: 400, code: others });
    });
  }
});

describe.each(named(open))('%s', (_, of) => {
  if (spotCase(of).readsNothing) return;
  it('refuses an unknown parameter', async () => {
    const { status, json } = await callOpen(world, of, { extra: 1 });
    expect(status).toBe(400);
    expect([-1101, -1104]).toContain(json.code);
  });
});

it.each(named(streams))('%s refuses a request that does not upgrade', async (_, of) => {
  expect((await callPlainly(world, of)).status).toBe(426);
});

it('has a case for every route, and every service that has routes', () => {
  for (const [service, routes] of Object.entries(routesOf))
    expect(Object.keys(cases[service as keyof typeof cases])).toEqual(Object.keys(routes));
  const services = readdirSync('services').filter((name) => existsSync(`services/${name}/routes.ts`));
  // The engine's are for other services alone; `test/stacks` shows that nothing public leads there.
  const inner = ['engine', 'platform'];
  expect(Object.keys(routesOf).sort()).toEqual(services.filter((name) => !inner.includes(name)));
});

it('knows which routes of people are open to everyone', () => {
  const isOpen = ofPeople.filter(({ route }) => route.security !== 'JWT');
  expect(isOpen.map(({ route }) => `${route.method} ${route.path}`)).toEqual([
    'GET /.well-known/jwks.json',
    'GET /api/docs',
    'GET /api/docs/openapi.json',
    'POST /api/users',
    'POST /api/users/verify-email',
    'POST /api/users/login',
    'POST /api/users/refresh',
    'POST /api/users/password-reset',
    'POST /api/users/password-reset/confirm',
    'GET /api/wallet/reserves',
  ]);
});

it('answers 404 to what is not there, of the engine’s routes among it', async () => {
  for (const [service, app] of Object.entries(exchange.apps)) {
    for (const path of ['/api/nothing', '/leader?port=1', '/commands', '/events?from=0', '/../etc/passwd'])
      expect({ service, path, status: (await app.request(path)).status }).toMatchObject({ status: 404 });
    expect((await app.request('/api/v3/account', { method: 'POST' })).status).toBe(404);
  }
});
