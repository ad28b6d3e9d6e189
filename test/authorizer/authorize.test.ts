import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  calculateJwkThumbprint,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { KeysUnavailable, remoteKeys } from '#platform/key-set.ts';
import type { Log } from '#platform/log.ts';
import { type AuthorizerResult, authorize } from '#services/authorizer/authorize.ts';

const issuer = 'https://exchange.example.com';
const methodArn = 'arn:aws:execute-api:eu-central-1:333333333333:api123/prod/GET/api/users/me';

let server: Server;
let published: { status: number; keys: JWK[] };
let fetches: number;
let url: string;
const ours = await keyPair();
const foreign = await keyPair();

async function keyPair() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { publicKey, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'EdDSA' }, kid };
}

beforeAll(async () => {
  server = createServer((_request, response) => {
    fetches++;
    response.writeHead(published.status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ keys: published.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  published = { status: 200, keys: [ours.jwk] };
  fetches = 0;
});

const nowSeconds = () => Math.floor(Date.now() / 1_000);

interface Changes {
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: Parameters<SignJWT['sign']>[0];
}

/** A token as accounts signs it, but for what is changed. */
function token({ claims, header, key = ours.privateKey }: Changes = {}): Promise<string> {
  const now = nowSeconds();
  return new SignJWT({
    sub: '42',
    iss: issuer,
    aud: 'crossbook',
    jti: 'a-token',
    sid: 'a-session',
    roles: ['user'],
    iat: now,
    nbf: now,
    exp: now + 900,
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: ours.kid, ...header })
    .sign(key);
}

/** Asks as API Gateway does, and keeps what is logged. */
async function ask(headers: Record<string, string> | null, keys = remoteKeys(url)) {
  const lines: string[] = [];
  const log = {
    info: (fields: object, text: string) => lines.push(JSON.stringify({ ...fields, text })),
  } as unknown as Log;
  const result = await authorize({ methodArn, headers }, { keys, issuer, log });
  return { result, logged: lines.join('\n') };
}

const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const effectOf = ({ policyDocument }: AuthorizerResult) => policyDocument.Statement[0].Effect;

describe('a valid token', () => {
  it('may call the one method that was asked for, as the account it names', async () => {
    const { result, logged } = await ask(bearer(await token()));
    expect(result).toEqual({
      principalId: '42',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }],
      },
      context: { accountId: 42, sessionId: 'a-session', roles: 'user' },
    });
    expect(logged).toBe('');
  });

  it('is found whatever the case of header and scheme', async () => {
    const { result } = await ask({ authorization: `bearer ${await token()}` });
    expect(effectOf(result)).toBe('Allow');
  });

  it('may be signed by the second key that is published while keys are changed', async () => {
    published.keys = [foreign.jwk, ours.jwk];
    const { result } = await ask(bearer(await token()));
    expect(effectOf(result)).toBe('Allow');
  });
});

/** Each with the reason that the log must name. */
const bad: Record<string, { readonly make: () => Promise<string>; readonly reason: string }> = {
  'without a signature': {
    make: async () => new UnsecuredJWT({ sub: '42', iss: issuer, aud: 'crossbook' }).encode(),
    reason: 'ERR_',
  },
  'signed with the public key as a shared secret': {
    make: async () =>
      token({
        header: { alg: 'HS256' },
        key: new TextEncoder().encode(await exportSPKI(ours.publicKey)),
      }),
    reason: 'ERR_JOSE_ALG_NOT_ALLOWED',
  },
  'signed by RSA, which we do not use': {
    make: async () => token({ header: { alg: 'RS256' }, key: (await generateKeyPair('RS256')).privateKey }),
    reason: 'ERR_JOSE_ALG_NOT_ALLOWED',
  },
  'that names a key nobody published': {
    make: () => token({ header: { kid: foreign.kid }, key: foreign.privateKey }),
    reason: 'ERR_JWKS_NO_MATCHING_KEY',
  },
  'that names our key but is signed with another': {
    make: () => token({ key: foreign.privateKey }),
    reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  },
  'that brings its own key': {
    make: () => token({ header: { jwk: foreign.jwk }, key: foreign.privateKey }),
    reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  },
  'without a key id': { make: () => token({ header: { kid: undefined } }), reason: 'INCOMPLETE' },
  'of another type': {
    make: () => token({ header: { typ: 'JWT' } }),
    reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED typ',
  },
  'that has expired': {
    make: () => token({ claims: { exp: nowSeconds() - 1 } }),
    reason: 'ERR_JWT_EXPIRED exp',
  },
  'without an expiry': { make: () => token({ claims: { exp: undefined } }), reason: 'INCOMPLETE' },
  'that is not valid yet': {
    make: () => token({ claims: { nbf: nowSeconds() + 60 } }),
    reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED nbf',
  },
  'for another audience': {
    make: () => token({ claims: { aud: 'elsewhere' } }),
    reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED aud',
  },
  'of another issuer': {
    make: () => token({ claims: { iss: 'https://elsewhere.example' } }),
    reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED iss',
  },
  'without a session': { make: () => token({ claims: { sid: undefined } }), reason: 'INCOMPLETE' },
  'of no account': { make: () => token({ claims: { sub: 'root' } }), reason: 'INCOMPLETE' },
  'that is garbage': { make: async () => 'garbage.garbage.garbage', reason: 'ERR_J' },
  'cut off at its end': { make: async () => (await token()).slice(0, -8), reason: 'ERR_JWS' },
};

describe('a token', () => {
  for (const [kind, { make, reason }] of Object.entries(bad))
    it(`${kind} is refused, with a reason in the log and nothing of the token`, async () => {
      const text = await make();
      const { result, logged } = await ask(bearer(text));
      expect(result).toEqual({
        principalId: 'nobody',
        policyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: methodArn }],
        },
      });
      expect(JSON.parse(logged).reason).toMatch(new RegExp(`^${reason}`));
      for (const part of text.split('.').filter((part) => part !== ''))
        expect(logged.includes(part)).toBe(false);
    });

  it('that points to keys elsewhere makes nobody fetch them', async () => {
    let fetched = 0;
    const evil = createServer((_request, response) => {
      fetched++;
      response.end(JSON.stringify({ keys: [foreign.jwk] }));
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const elsewhere = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/keys`;
    const header = { jku: elsewhere, x5u: elsewhere, kid: foreign.kid };
    const { result } = await ask(bearer(await token({ header, key: foreign.privateKey })));
    await new Promise((resolve) => evil.close(resolve));
    expect(effectOf(result)).toBe('Deny');
    expect(fetched).toBe(0);
  });
});

describe('a request', () => {
  const none: Record<string, Record<string, string> | null> = {
    'without headers': null,
    'without the header Authorization': { Accept: 'application/json' },
    'with another scheme': { Authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
    'with a scheme and no token': { Authorization: 'Bearer ' },
    'with two tokens': { Authorization: 'Bearer one two' },
  };
  for (const [kind, headers] of Object.entries(none))
    it(`${kind} is refused before any key is fetched`, async () => {
      const { result, logged } = await ask(headers);
      expect(effectOf(result)).toBe('Deny');
      expect(JSON.parse(logged).reason).toBe('NO_BEARER_TOKEN');
      expect(fetches).toBe(0);
    });
});

describe('the key set', () => {
  it('is fetched once for many tokens, however many name keys that nobody knows', async () => {
    const keys = remoteKeys(url);
    for (let count = 0; count < 5; count++) {
      await ask(bearer(await token()), keys);
      await ask(bearer(await token({ header: { kid: foreign.kid }, key: foreign.privateKey })), keys);
    }
    expect(fetches).toBe(1);
  });

  it('that answers with an error is no reason to call a good token bad: the function fails', async () => {
    published.status = 500;
    await expect(ask(bearer(await token()))).rejects.toThrow(KeysUnavailable);
  });

  it('that nobody serves makes the function fail, without a word of the token', async () => {
    const text = await token();
    const nowhere = remoteKeys('http://127.0.0.1:1/.well-known/jwks.json');
    const failed = ask(bearer(text), nowhere);
    await expect(failed).rejects.toThrow(KeysUnavailable);
    await failed.catch((error: Error) => expect(error.message.includes(text)).toBe(false));
  });
});
