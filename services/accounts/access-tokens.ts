/** Signs access tokens, and publishes the keys to verify them with. */
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import {
  type AccessToken,
  type Role,
  readAccessToken,
  rolesUpTo,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_TYPE,
} from '#platform/access-token.ts';
import type { Session } from '#platform/sessions/session-store.ts';

export interface AccessTokenOptions {
  /** Ed25519 private key, PKCS#8 PEM. */
  readonly signingKey: string;
  /**
   * A second Ed25519 public key, SPKI PEM, that is published and accepted and signs nothing: the next one before a
   * change of keys, the last one after it. Empty for none.
   */
  readonly otherPublicKey: string;
  readonly issuer: string;
  readonly lifetimeMs: number;
}

export class AccessTokens {
  /** What `/.well-known/jwks.json` says; the key that signs stands first. */
  readonly keySet: JSONWebKeySet;
  readonly #privateKey: KeyObject;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;
  readonly #options: AccessTokenOptions;

  /** @throws when a key is not of Ed25519, or is on the wrong side. */
  constructor(options: AccessTokenOptions) {
    this.#options = options;
    this.#privateKey = createPrivateKey(options.signingKey);
    const keys = [publicJwk(createPublicKey(this.#privateKey), 'TOKEN_SIGNING_KEY')];
    if (options.otherPublicKey !== '') {
      const isPublic = options.otherPublicKey.includes('-----BEGIN PUBLIC KEY-----');
      assert(isPublic, 'TOKEN_OTHER_PUBLIC_KEY is no public key: give the SPKI PEM, not the private key');
      keys.push(publicJwk(createPublicKey(options.otherPublicKey), 'TOKEN_OTHER_PUBLIC_KEY'));
    }
    this.keySet = { keys };
    this.#keys = createLocalJWKSet(this.keySet);
  }

  get lifetimeSeconds(): number {
    return Math.floor(this.#options.lifetimeMs / 1_000);
  }

  issue(session: Session, role: Role): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const otpAt = session.otpAt === null ? {} : { otp_at: Math.floor(session.otpAt / 1_000_000) };
    return new SignJWT({ sid: session.id, roles: rolesUpTo[role], ...otpAt })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: this.keySet.keys[0]!.kid! })
      .setSubject(String(session.account))
      .setIssuer(this.#options.issuer)
      .setAudience(TOKEN_AUDIENCE)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setNotBefore(nowSeconds)
      .setExpirationTime(nowSeconds + this.lifetimeSeconds)
      .sign(this.#privateKey);
  }

  /** What a valid token says, or undefined; whether its session still exists is another question. */
  read(token: string): Promise<AccessToken | undefined> {
    return readAccessToken(token, this.#keys, this.#options.issuer);
  }
}

/** With its thumbprint as `kid`, so that the same key has the same name everywhere: RFC 7638 and RFC 8037. */
function publicJwk(key: KeyObject, name: string): JWK {
  assert.equal(key.asymmetricKeyType, 'ed25519', `${name} is not a key of Ed25519`);
  const { crv, kty, x } = key.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  return { kty: kty!, crv: crv!, x: x!, kid, use: 'sig', alg: TOKEN_ALGORITHM };
}
