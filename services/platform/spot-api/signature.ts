/**
 * Whether a signature is of a payload: HMAC-SHA-256 in hexadecimal, or Ed25519 or RSA (PKCS#1 v1.5, SHA-256) in base64.
 * The key decides which, never the request.
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
 */
import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

const HMAC_HEX = /^[0-9a-f]{64}$/i;
/** RSA of 4,096 bits has 684 characters. */
const BASE64 = /^[A-Za-z0-9+/]{80,684}={0,2}$/;

/** `payload` has one character per byte. */
export function isSignedBy(verifier: KeyObject, payload: string, signature: string): boolean {
  const bytes = Buffer.from(payload, 'latin1');
  if (verifier.type === 'secret') {
    if (!HMAC_HEX.test(signature)) return false;
    const expected = createHmac('sha256', verifier).update(bytes).digest();
    return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
  }
  if (!BASE64.test(signature)) return false;
  const given = Buffer.from(signature, 'base64');
  return verifier.asymmetricKeyType === 'ed25519'
    ? verify(null, bytes, verifier, given)
    : verify('sha256', bytes, { key: verifier, padding: constants.RSA_PKCS1_PADDING }, given);
}
