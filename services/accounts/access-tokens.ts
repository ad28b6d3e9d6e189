/** Access tokens: JWTs signed with Ed25519, which say whose account a request is for and nothing else. */
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { JOSEError } from 'jose/errors';
import type { AccountId } from '#domain/ids.ts';

const ALGORITHM = 'EdDSA';
/** Tells an access token from any other that the same key may sign one day: RFC 9068, section 2.1. */
const TYPE = 'at+jwt';
const AUDIENCE = 'crossbook';

export interface AccessTokenOptions {
  /** Ed25519 private key, PKCS#8 PEM. */
  readonly signingKey: string;
  readonly issuer: string;
  readonly lifetimeMs: number;
}

export class AccessTokens {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #options: AccessTokenOptions;

  /** @throws when the key is not an Ed25519 private key. */
  constructor(options: AccessTokenOptions) {
    this.#options = options;
    this.#privateKey = createPrivateKey(options.signingKey);
    assert.equal(
      this.#privateKey.asymmetricKeyType,
      'ed25519',
      'the key that signs tokens is not of Ed25519',
    );
    this.#publicKey = createPublicKey(this.#privateKey);
    const der = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = createHash('sha256').update(der).digest('base64url').slice(0, 16);
  }

  get lifetimeSeconds(): number {
    return Math.floor(this.#options.lifetimeMs / 1_000);
  }

  issue(account: AccountId): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: this.#keyId })
      .setSubject(String(account))
      .setIssuer(this.#options.issuer)
      .setAudience(AUDIENCE)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + this.lifetimeSeconds)
      .sign(this.#privateKey);
  }

  /**
   * The account of a valid token, or undefined. Only our algorithm, type, key, issuer and audience count; a key
   * that the token itself offers (`jwk`, `jku`, `x5u`) is never looked at.
   */
  async accountOf(token: string): Promise<AccountId | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#publicKey, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: this.#options.issuer,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      if (protectedHeader.kid !== this.#keyId || !/^[1-9]\d{0,14}$/.test(payload.sub!)) return undefined;
      return Number(payload.sub) as AccountId;
    } catch (error) {
      if (!(error instanceof JOSEError)) throw error;
      return undefined;
    }
  }
}
