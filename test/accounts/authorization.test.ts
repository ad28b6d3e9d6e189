/** Generated from the route table: a new route with the security JWT is tried with every token below. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '#services/accounts/routes.ts';
import { ISSUER, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;
let account: number;
/** The header and claims of a real token, to be bent one at a time. */
let header: Record<string, unknown>;
let claims: Record<string, unknown>;
let ours: KeyObject;
const foreign = generateKeyPairSync('ed25519');

beforeAll(async () => {
  accounts = await startTestAccounts();
  const user = await accounts.newUser('user@example.com');
  account = user.account;
  [header, claims] = user.token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString())) as [typeof header, typeof claims];
  ours = createPrivateKey(accounts.signingKey);
});
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
  'no subject': () => token({}, { sub: undefined }),
  'a subject that is no account': () => token({}, { sub: '1 or 1=1' }),
  'the account of the fees': () => token({}, { sub: '0' }),
  'changed claims under the old signature': () => {
    const [head, , signature] = token({}, {}).split('.');
    return `${head}.${token({}, { sub: '2' }).split('.')[1]}.${signature}`;
  },
};

const protectedRoutes = Object.entries(routes).filter(([, route]) => route.security === 'JWT');

describe('a valid token', () => {
  it('says what the attacks below bend', () => {
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    expect(claims).toEqual({
      sub: String(account),
      iss: ISSUER,
      aud: 'crossbook',
      iat: expect.any(Number),
      exp: (claims.iat as number) + 900,
    });
  });

  it('is accepted when made by the same means as the attacks', async () => {
    const reply = await accounts.call('GET', '/api/users/me', { token: token({}, {}) });
    expect(reply).toMatchObject({ status: 200, json: { accountId: account } });
  });

  it('does not serve an account that does not exist', async () => {
    const stranger = token({}, { sub: '999' });
    const me = await accounts.call('GET', '/api/users/me', { token: stranger });
    const key = await accounts.call('POST', '/api/users/me/api-keys', {
      token: stranger,
      body: { label: 'x' },
    });
    expect([me.status, key.status]).toEqual([401, 401]);
  });
});

describe.each(protectedRoutes)('%s', (_, { method, path }) => {
  it.each(Object.entries(attacks))('refuses a token with %s', async (_, make) => {
    const reply = await accounts.call(method, path.replace(':id', '1'), {
      token: make(),
      body: method === 'POST' ? { label: 'x' } : undefined,
    });
    expect(reply).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });
});

it('has routes to protect', () => {
  expect(protectedRoutes.map(([name]) => name)).toEqual(['me', 'createApiKey', 'apiKeys', 'revokeApiKey']);
});
