import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_TYPE } from '#platform/access-token.ts';

/**
 * Why a token was refused, as jose's code and the claim at fault, such as `ERR_JWT_EXPIRED exp`; nothing of the token
 * itself. For the log alone: `readAccessToken` has decided already, and says no more than that.
 */
export async function refusalReason(token: string, keys: JWTVerifyGetKey, issuer: string): Promise<string> {
  try {
    await jwtVerify(token, keys, {
      algorithms: [TOKEN_ALGORITHM],
      typ: TOKEN_TYPE,
      issuer,
      audience: TOKEN_AUDIENCE,
    });
    return 'INCOMPLETE';
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
      return `${error.code} ${error.claim}`;
    return error instanceof errors.JOSEError ? error.code : 'UNKNOWN';
  }
}
