/**
 * An access token, as every service reads it: a JWT (RFC 9068) that `accounts` signs and publishes the keys for at
 * `/.well-known/jwks.json`.
 */
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { AccountId } from '#domain/ids.ts';

/** The only algorithm there is: `none` and those of shared secrets are not on the list. */
export const TOKEN_ALGORITHM = 'EdDSA';
/** Tells an access token from any other that the same key may sign one day: RFC 9068, section 2.1. */
export const TOKEN_TYPE = 'at+jwt';
export const TOKEN_AUDIENCE = 'crossbook';

/** What a route with `stepUp` takes for a moment ago. */
export const STEP_UP_AGE_SECONDS_MAX = 300;

export type Role = 'user' | 'operator' | 'admin';

/** Each with what stands below it. */
export const rolesUpTo = {
  user: ['user'],
  operator: ['user', 'operator'],
  admin: ['user', 'operator', 'admin'],
} as const satisfies Readonly<Record<Role, readonly Role[]>>;

/** What a valid token says. It stays true of its session only until that ends: see `accounts`. */
export interface AccessToken {
  readonly account: AccountId;
  /** The `sid`: with the account, the key of the session in DynamoDB. */
  readonly sessionId: string;
  readonly roles: readonly string[];
  /** The `otp_at`: when the session last gave a one-time code, in seconds since the epoch; 0 for never. */
  readonly otpAtSeconds: number;
}

/**
 * The token's content when it is valid, else undefined. Only our algorithm, type, keys, issuer and audience count; a
 * key that the token itself offers (`jwk`, `jku`, `x5u`) is never looked at.
 * @param keys jose's `createLocalJWKSet` or `createRemoteJWKSet`.
 * @throws when the keys cannot be had.
 */
export async function readAccessToken(
  token: string,
  keys: JWTVerifyGetKey,
  issuer: string,
): Promise<AccessToken | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: [TOKEN_ALGORITHM],
      typ: TOKEN_TYPE,
      issuer,
      audience: TOKEN_AUDIENCE,
      requiredClaims: ['exp', 'iat', 'nbf', 'sub', 'jti', 'sid'],
    });
    const { sub = '', sid, roles, otp_at: otpAt = 0 } = payload;
    if (protectedHeader.kid === undefined || !/^[1-9]\d{0,14}$/.test(sub)) return undefined;
    if (typeof sid !== 'string' || !Array.isArray(roles) || typeof otpAt !== 'number') return undefined;
    return { account: Number(sub) as AccountId, sessionId: sid, roles, otpAtSeconds: otpAt };
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
    return undefined;
  }
}
