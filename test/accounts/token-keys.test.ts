import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';
import { AccessTokens } from '#services/accounts/access-tokens.ts';
import { ISSUER, newSigningKey, startTestAccounts, type TestAccounts } from './accounts-service.ts';

const publicOf = (signingKey: string) =>
  createPublicKey(createPrivateKey(signingKey)).export({ type: 'spki', format: 'pem' }).toString();
const [first, second, third] = [newSigningKey(), newSigningKey(), newSigningKey()];

/** The same exchange at four moments of a change of keys. */
let before: TestAccounts;
let announced: TestAccounts;
let changed: TestAccounts;
let after: TestAccounts;

beforeAll(async () => {
  const sessions = 'PostgreSQL';
  before = await startTestAccounts({ sessions, signingKey: first });
  const shared = before;
  announced = await startTestAccounts({
    sessions,
    shared,
    signingKey: first,
    otherPublicKey: publicOf(second),
  });
  changed = await startTestAccounts({
    sessions,
    shared,
    signingKey: second,
    otherPublicKey: publicOf(first),
  });
  after = await startTestAccounts({ sessions, shared, signingKey: second });
});
afterAll(async () => {
  for (const accounts of [after, changed, announced, before]) await accounts?.close();
});

const keySet = async (accounts: TestAccounts) => (await accounts.call('GET', '/.well-known/jwks.json')).json;
const me = async (accounts: TestAccounts, token: string) =>
  (await accounts.call('GET', '/api/users/me', { token })).status;

describe('the key set', () => {
  it('has public keys only, each by its thumbprint, and may be cached for a while', async () => {
    const { status, json, headers } = await announced.call('GET', '/.well-known/jwks.json');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(json.keys).toHaveLength(2);
    for (const key of json.keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
      expect(key).toMatchObject({ alg: 'EdDSA', crv: 'Ed25519', kty: 'OKP', use: 'sig' });
      expect(key.kid).toBe(await calculateJwkThumbprint(key));
    }
  });

  it('is enough for anybody to verify a token', async () => {
    const { token, account } = await before.newUser('verified@example.com');
    const { payload } = await jwtVerify(token, createLocalJWKSet(await keySet(before)), {
      issuer: ISSUER,
      audience: 'crossbook',
      typ: 'at+jwt',
    });
    expect(payload.sub).toBe(String(account));
  });
});

describe('a change of keys', () => {
  it('refuses no token on the way: those who sign with either accept both', async () => {
    const { email } = await before.newUser('rolled@example.com');
    const tokenOf = async (accounts: TestAccounts) => (await accounts.logIn(email)).json.accessToken;
    const [old, next] = [await tokenOf(announced), await tokenOf(changed)];
    expect([await me(announced, old), await me(announced, next)]).toEqual([200, 200]);
    expect([await me(changed, old), await me(changed, next)]).toEqual([200, 200]);
    const kids = (accounts: TestAccounts) =>
      keySet(accounts).then(({ keys }) => keys.map((key: { kid: string }) => key.kid));
    const [firstKid, secondKid] = (await kids(announced)) as [string, string];
    expect(await kids(changed)).toEqual([secondKid, firstKid]);
    const kidOf = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;
    expect([kidOf(old), kidOf(next)]).toEqual([firstKid, secondKid]);
  });

  it('ends with the old key’s tokens refused, and sessions that go on', async () => {
    const { token, refreshToken } = await before.newUser('left@example.com');
    expect(await me(after, token)).toBe(401);
    const refreshed = await after.call('POST', '/api/users/refresh', { body: { refreshToken } });
    expect(await me(after, refreshed.json.accessToken)).toBe(200);
    expect(await me(before, refreshed.json.accessToken)).toBe(401);
  });
});

describe('a wrong key', () => {
  const tokens = (signingKey: string, otherPublicKey: string) =>
    new AccessTokens({ signingKey, otherPublicKey, issuer: ISSUER, lifetimeMs: 900_000 });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

  it('is told before the service starts', () => {
    const rsaPrivate = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const rsaPublic = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(() => tokens(rsaPrivate, '')).toThrow('TOKEN_SIGNING_KEY is not a key of Ed25519');
    expect(() => tokens(third, rsaPublic)).toThrow('TOKEN_OTHER_PUBLIC_KEY is not a key of Ed25519');
  });

  it('that is private where the public one belongs is not published', () => {
    expect(() => tokens(third, second)).toThrow('TOKEN_OTHER_PUBLIC_KEY is no public key');
  });
});
