/** The public keys that clients may sign with: https://developers.binance.com/docs/binance-spot-api-docs/faqs/api_key_types */
import { createPublicKey, type KeyObject } from 'node:crypto';

export type ApiKeyType = 'HMAC' | 'ED25519' | 'RSA';

const RSA_BITS = { min: 2048, max: 4096 };
/** Anything else could be a private key, which must not come here. */
const SPKI_PEM = /^\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/;

/** The key in its one way of writing, or what is wrong with it. */
export type PublicKeyReading = { readonly pem: string } | { readonly fault: string };

export function readPublicKey(type: Exclude<ApiKeyType, 'HMAC'>, text: string): PublicKeyReading {
  if (text.includes('PRIVATE KEY'))
    return {
      fault: 'is a private key, which is no longer secret now: make a new pair, send the public half',
    };
  if (!SPKI_PEM.test(text)) return { fault: 'must be a PEM text from -----BEGIN PUBLIC KEY----- on' };
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch {
    return { fault: 'is no public key: copy the whole PEM text' };
  }
  if (key.asymmetricKeyType !== type.toLowerCase()) return { fault: `is not a key of ${type}` };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? RSA_BITS.min;
  if (bits < RSA_BITS.min || bits > RSA_BITS.max)
    return { fault: `must have from ${RSA_BITS.min} to ${RSA_BITS.max} bits` };
  return { pem: key.export({ type: 'spki', format: 'pem' }).toString() };
}
