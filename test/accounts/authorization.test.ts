/**
 * Generated from the route table: each route is tried without a token, with each bad one, by those who may not, on what
 * is somebody else's, with a field too many and with too much. A new route fails until it has its entry in the cases.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Routes } from '#platform/routes.ts';
import { routes } from '#services/accounts/routes.ts';
import { ISSUER, startTestAccounts, type TestAccounts } from './accounts-service.ts';
import { cases, newWorld, type World } from './route-cases.ts';

let accounts: TestAccounts;
let world: World;
let account: number;
/** The header and claims of a real token, to be bent one at a time. */
let header: Record<string, unknown>;
let claims: Record<string, unknown>;
let ours: KeyObject;
const foreign = generateKeyPairSync('ed25519');
const foreignRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

beforeAll(async () => {
  accounts = await startTestAccounts();
  world = await newWorld(accounts);
  const user = world.plain;
  account = user.account;
  [header, claims] = user.token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString())) as [typeof header, typeof claims];
  ours = createPrivateKey(accounts.signingKey);
}, 60_000);
afterAll(() => accounts.close());

type Signer = (payload: Buffer) => Buffer;
const signedBy =
  (key: KeyObject): Signer =>
  (payload) =>
    sign(null, payload, key);
const unsigned: Signer = () => Buffer.alloc(0);
const hmacWith =
  (secret: string | Buffer): Signer =>
  (payload) =>
    createHmac('sha256', secret).update(payload).digest();

function token(headerChanges: object, claimChanges: object, signer: Signer = signedBy(ours)): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const payload = `${part({ ...header, ...headerChanges })}.${part({ ...claims, ...claimChanges })}`;
  return `${payload}.${signer(Buffer.from(payload)).toString('base64url')}`;
}

const publicKey = () => createPublicKey(ours);
const pem = () => publicKey().export({ type: 'spki', format: 'pem' }).toString();
const rawPublicKey = () => Buffer.from(publicKey().export({ format: 'jwk' }).x!, 'base64url');
const nowSeconds = () => Math.floor(Date.now() / 1_000);

const attacks: Record<string, () => string | undefined> = {
  'no token': () => undefined,
  'an empty token': () => '',
  'something else': () => 'x.y.z',
  'algorithm none': () => token({ alg: 'none' }, {}, unsigned),
  'algorithm NONE': () => token({ alg: 'NONE' }, {}, unsigned),
  'no signature': () => token({}, {}, unsigned),
  'an HMAC under our public key as PEM': () => token({ alg: 'HS256' }, {}, hmacWith(pem())),
  'an HMAC under our raw public key': () => token({ alg: 'HS256' }, {}, hmacWith(rawPublicKey())),
  'an HMAC under our public key as JWK': () =>
    token({ alg: 'HS256' }, {}, hmacWith(JSON.stringify(publicKey().export({ format: 'jwk' })))),
  'an RSA signature under our kid': () =>
    token({ alg: 'RS256' }, {}, (payload) => sign('sha256', payload, foreignRsa.privateKey)),
  'our algorithm and an RSA signature': () =>
    token({}, {}, (payload) => sign('sha256', payload, foreignRsa.privateKey)),
  'an embedded certificate': () => token({ x5c: ['MIIB'], x5t: 'AAAA' }, {}, signedBy(foreign.privateKey)),
  'a foreign key under our kid': () => token({}, {}, signedBy(foreign.privateKey)),
  'a foreign key that it brings along': () =>
    token({ jwk: foreign.publicKey.export({ format: 'jwk' }) }, {}, signedBy(foreign.privateKey)),
  'a foreign key that it points to': () =>
    token(
      { jku: 'https://evil.example/jwks.json', x5u: 'https://evil.example/x.pem' },
      {},
      signedBy(foreign.privateKey),
    ),
  'another kid': () => token({ kid: 'other' }, {}),
  'no kid': () => token({ kid: undefined }, {}),
  'another type': () => token({ typ: 'JWT' }, {}),
  'no type': () => token({ typ: undefined }, {}),
  'a critical header that nobody knows': () => token({ crit: ['odd'], odd: 1 }, {}),
  'an end in the past': () => token({}, { exp: nowSeconds() - 1 }),
  'no end': () => token({}, { exp: undefined }),
  'a beginning in the future': () => token({}, { nbf: nowSeconds() + 60 }),
  'another audience': () => token({}, { aud: 'elsewhere' }),
  'no audience': () => token({}, { aud: undefined }),
  'another issuer': () => token({}, { iss: 'https://evil.example' }),
  'no beginning': () => token({}, { nbf: undefined }),
  'no name of its own': () => token({}, { jti: undefined }),
  'no session': () => token({}, { sid: undefined }),
  'a session that does not exist': () => token({}, { sid: 'A'.repeat(22) }),
  'a session that is somebody else’s': () => token({}, { sub: String(world.stranger.account) }),
  'a list for a session': () => token({}, { sid: [claims.sid] }),
  'the refresh token': () => world.plain.refreshToken,
  'no subject': () => token({}, { sub: undefined }),
  'a subject that is no account': () => token({}, { sub: '1 or 1=1' }),
  'the account of the fees': () => token({}, { sub: '0' }),
  'changed claims under the old signature': () => {
    const [head, , signature] = token({}, {}).split('.');
    return `${head}.${token({}, { sub: String(account + 1) }).split('.')[1]}.${signature}`;
  },
};

type Name = keyof typeof routes;
const table = Object.entries(routes) as unknown as readonly (readonly [Name, Routes[string]])[];
const protectedRoutes = table.filter(([, route]) => route.security === 'JWT');

interface Spoilt {
  readonly token?: string | undefined;
  readonly id?: string;
  readonly query?: string;
  readonly body?: object;
  readonly rawBody?: string;
}

let calls = 0;
/** Calls the route as it should be called, but for what `spoilt` says; each time from another address. */
async function call(name: Name, spoilt: Spoilt = {}) {
  const { method, path }: Routes[string] = routes[name];
  const { as, id, body } = cases[name];
  const token = 'token' in spoilt ? spoilt.token : as && world[as].token;
  const segment = path.includes(':id') ? (spoilt.id ?? (await id!(world))) : '';
  const sent = spoilt.body ?? (spoilt.rawBody === undefined ? await body?.(world) : undefined);
  return accounts.call(method, path.replace(':id', segment) + (spoilt.query ?? ''), {
    address: `2001:db8:3:${(++calls).toString(16)}::1`,
    ...(token === undefined ? {} : { token }),
    ...(sent === undefined ? {} : { body: sent }),
    ...(spoilt.rawBody === undefined ? {} : { rawBody: spoilt.rawBody }),
  });
}

/** All that a refused request must leave alone. */
async function state(): Promise<unknown> {
  const { db } = accounts;
  return [
    await db.selectFrom('accounts.users').selectAll().orderBy('account_id').execute(),
    await db.selectFrom('accounts.api_keys').selectAll().orderBy('id').execute(),
    await db.selectFrom('accounts.two_factor').selectAll().orderBy('account_id').execute(),
    await db.selectFrom('accounts.recovery_codes').selectAll().orderBy('code_hash').execute(),
    (await accounts.call('GET', '/api/users/me/sessions', { token: world.plain.token })).json,
  ];
}

describe('a valid token', () => {
  it('says what the attacks below bend', () => {
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(claims).toEqual({
      sub: String(account),
      iss: ISSUER,
      aud: 'crossbook',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: expect.stringMatching(/^[\w-]{22}$/),
      roles: ['user'],
      iat: expect.any(Number),
      nbf: claims.iat,
      exp: (claims.iat as number) + 900,
    });
  });

  it('is accepted when made by the same means as the attacks', async () => {
    const reply = await accounts.call('GET', '/api/users/me', { token: token({}, {}) });
    expect(reply).toMatchObject({ status: 200, json: { accountId: account } });
  });

  it('says the role and the one-time code of whoever has them', () => {
    const claimsOf = (text: string) => JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString());
    expect(claimsOf(world.admin.token)).toMatchObject({ roles: ['user', 'operator', 'admin'] });
    expect(Math.abs(claimsOf(world.admin.token).otp_at - nowSeconds())).toBeLessThan(60);
  });

  it('gives nobody a role by claiming it', async () => {
    const claimed = token({}, { roles: ['user', 'operator', 'admin'], otp_at: nowSeconds() });
    expect((await call('users', { token: claimed })).json.code).toBe('ROLE_REQUIRED');
  });
});

describe.each(protectedRoutes)('%s', (name, { role, stepUp, path }) => {
  let before: unknown;
  /** Of things that the refused requests name; made before the state is noted. */
  let segment = '';
  beforeAll(async () => {
    if (path.includes(':id')) segment = await cases[name].id!(world);
    before = await state();
  });
  afterAll(async () => {
    expect(await state()).toEqual(before);
  });
  const refused = (spoilt: Spoilt) =>
    call(name, { id: segment, body: cases[name].body && { label: 'x' }, ...spoilt } as Spoilt);

  it.each(Object.entries(attacks))('refuses a token with %s', async (_, make) => {
    const reply = await refused({ token: make() });
    expect(reply).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
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
      const { email, nextCode } = world[cases[name].as as 'enrolled'];
      const { accessToken } = (await accounts.logIn(email, { code: await nextCode() })).json;
      const later = Date.now() + 301_000;
      const now = jest.spyOn(Date, 'now').mockReturnValue(later);
      const reply = await refused({ token: accessToken }).finally(() => now.mockRestore());
      expect(reply).toMatchObject({ status: 401, json: { code: 'STEP_UP_REQUIRED' } });
      expect(reply.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
      // The log-in and the code are what is new, and are put back as they were.
      before = await state();
    });
  }
});

describe.each(table.filter(([, { path }]) => path.includes(':id')))('%s', (name) => {
  it('refuses what is not the caller’s, and what is nothing', async () => {
    const [id, status, code] = await cases[name].othersId!(world);
    expect(await call(name, { id })).toMatchObject({ status, json: { code } });
    for (const nothing of ['999999999', 'x', '%00', "1'--", '-1', '9'.repeat(30), 'A'.repeat(22)])
      expect((await call(name, { id: nothing })).status).toBe(404);
    // It still works for its owner.
    expect((await call('sessions', { token: world.stranger.token })).status).toBe(200);
  });
});

describe.each(table)('%s', (name, { method }) => {
  it('refuses a parameter that it does not know, by name', async () => {
    expect(await call(name, { query: '?isAdmin=true' })).toMatchObject({
      status: 400,
      json: { code: 'UNKNOWN_FIELD', field: 'isAdmin' },
    });
  });

  if (method !== 'GET') {
    it('refuses more than 8 KB', async () => {
      expect(await call(name, { rawBody: '{}'.padEnd(8_193) })).toMatchObject({
        status: 413,
        json: { code: 'BODY_TOO_LARGE' },
      });
    });
  }
  if (method === 'DELETE') {
    it('refuses a body, which would say nothing', async () => {
      expect(await call(name, { rawBody: '{}' })).toMatchObject({ json: { code: 'MALFORMED_BODY' } });
    });
  }
  if (cases[name].body !== undefined) {
    it('refuses a field that it does not know, by name', async () => {
      const body = { ...(await cases[name].body!(world)), isAdmin: true };
      expect(await call(name, { body })).toMatchObject({
        status: 400,
        json: { code: 'UNKNOWN_FIELD', field: 'isAdmin' },
      });
    });
  }
});

it('has a case for every route, and knows which are open', () => {
  expect(Object.keys(cases)).toEqual(Object.keys(routes));
  expect(table.filter(([, { security }]) => security !== 'JWT').map(([name]) => name)).toEqual([
    'jwks',
    'signUp',
    'verifyEmail',
    'logIn',
    'refresh',
    'requestPasswordReset',
    'resetPassword',
  ]);
});
