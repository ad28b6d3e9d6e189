/** Every way that a token can be wrong, made from a real one by bending one thing at a time. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { World } from './world.ts';

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

export const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** Makes tokens with the key of the exchange itself, or with others. */
export class Forge {
  readonly world: World;
  /** Of the plain user's real token. */
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly foreign = generateKeyPairSync('ed25519');
  readonly foreignRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  /** Where a key set of the foreign key is, for a token to point to. */
  readonly foreignUrl: string;
  readonly #ours: KeyObject;

  constructor(world: World, foreignUrl: string) {
    this.world = world;
    this.foreignUrl = foreignUrl;
    [this.header, this.claims] = world.plain.token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString())) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    this.#ours = createPrivateKey(world.exchange.accounts.signingKey);
  }

  token(headerChanges: object, claimChanges: object, signer: Signer = signedBy(this.#ours)): string {
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const header = part({ ...this.header, ...headerChanges });
    const payload = `${header}.${part({ ...this.claims, ...claimChanges })}`;
    return `${payload}.${signer(Buffer.from(payload)).toString('base64url')}`;
  }

  byForeignKey(headerChanges: object): string {
    return this.token(headerChanges, {}, signedBy(this.foreign.privateKey));
  }

  get publicKey(): KeyObject {
    return createPublicKey(this.#ours);
  }
}

const rsaSigned =
  ({ foreignRsa }: Forge): Signer =>
  (payload) =>
    sign('sha256', payload, foreignRsa.privateKey);
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' });

/** By what is wrong; undefined for none at all. */
export const attacks: Readonly<Record<string, (forge: Forge) => string | undefined>> = {
  'no token': () => undefined,
  'an empty token': () => '',
  'something else': () => 'x.y.z',
  'algorithm none': (forge) => forge.token({ alg: 'none' }, {}, unsigned),
  'algorithm NONE': (forge) => forge.token({ alg: 'NONE' }, {}, unsigned),
  'no signature': (forge) => forge.token({}, {}, unsigned),
  'an HMAC under our public key as PEM': (forge) =>
    forge.token(
      { alg: 'HS256' },
      {},
      hmacWith(forge.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    ),
  'an HMAC under our raw public key': (forge) =>
    forge.token({ alg: 'HS256' }, {}, hmacWith(Buffer.from(jwkOf(forge.publicKey).x!, 'base64url'))),
  'an HMAC under our public key as JWK': (forge) =>
    forge.token({ alg: 'HS256' }, {}, hmacWith(JSON.stringify(jwkOf(forge.publicKey)))),
  'an RSA signature under our kid': (forge) => forge.token({ alg: 'RS256' }, {}, rsaSigned(forge)),
  'our algorithm and an RSA signature': (forge) => forge.token({}, {}, rsaSigned(forge)),
  'an embedded certificate': (forge) => forge.byForeignKey({ x5c: ['MIIB'], x5t: 'AAAA' }),
  'a foreign key under our kid': (forge) => forge.byForeignKey({}),
  'a foreign key under a kid of its own': (forge) => forge.byForeignKey({ kid: 'foreign' }),
  'a foreign key that it brings along': (forge) =>
    forge.byForeignKey({ jwk: jwkOf(forge.foreign.publicKey) }),
  'a foreign key that it points to': (forge) =>
    forge.byForeignKey({ kid: 'foreign', jku: forge.foreignUrl, x5u: forge.foreignUrl }),
  'another kid': (forge) => forge.token({ kid: 'other' }, {}),
  'no kid': (forge) => forge.token({ kid: undefined }, {}),
  'another type': (forge) => forge.token({ typ: 'JWT' }, {}),
  'no type': (forge) => forge.token({ typ: undefined }, {}),
  'a critical header that nobody knows': (forge) => forge.token({ crit: ['odd'], odd: 1 }, {}),
  'an end in the past': (forge) => forge.token({}, { exp: nowSeconds() - 1 }),
  'no end': (forge) => forge.token({}, { exp: undefined }),
  'a beginning in the future': (forge) => forge.token({}, { nbf: nowSeconds() + 60 }),
  'another audience': (forge) => forge.token({}, { aud: 'elsewhere' }),
  'no audience': (forge) => forge.token({}, { aud: undefined }),
  'another issuer': (forge) => forge.token({}, { iss: 'https://evil.example' }),
  'no issuer': (forge) => forge.token({}, { iss: undefined }),
  'no beginning': (forge) => forge.token({}, { nbf: undefined }),
  'no name of its own': (forge) => forge.token({}, { jti: undefined }),
  'no session': (forge) => forge.token({}, { sid: undefined }),
  'a session that does not exist': (forge) => forge.token({}, { sid: 'A'.repeat(22) }),
  'a session that is somebody else’s': (forge) =>
    forge.token({}, { sub: String(forge.world.stranger.account) }),
  'a list for a session': (forge) => forge.token({}, { sid: [forge.claims.sid] }),
  'no roles': (forge) => forge.token({}, { roles: undefined }),
  'the refresh token': ({ world }) => world.plain.refreshToken,
  'no subject': (forge) => forge.token({}, { sub: undefined }),
  'a subject that is no account': (forge) => forge.token({}, { sub: '1 or 1=1' }),
  'the account of the fees': (forge) => forge.token({}, { sub: '0' }),
  'changed claims under the old signature': (forge) => {
    const [header, , signature] = forge.token({}, {}).split('.');
    const other = forge.token({}, { sub: String(forge.world.plain.account + 1) });
    return `${header}.${other.split('.')[1]}.${signature}`;
  },
};
