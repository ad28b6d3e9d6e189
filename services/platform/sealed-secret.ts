/**
 * Secrets at rest. The HMAC secret of an API key has to be known in full to check a signature, so it is encrypted,
 * with AES-256-GCM, and bound to its API key: a sealed secret moved to another key's row does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Stands first, so that another key or algorithm can follow. */
const VERSION = 1;
const HEADER_BYTES = 1 + NONCE_BYTES;

/** The sealed bytes, or the key for them, are not what they should be. */
export class SealError extends Error {
  override name = 'SealError';
}

/**
 * The encryption key that `text` writes in hexadecimal.
 * @throws {SealError} unless it is 64 digits.
 */
export function sealingKey(text: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new SealError('the encryption key of API secrets is not 64 hex digits');
  return Buffer.from(text, 'hex');
}

/** `version | nonce | tag | ciphertext`. */
export function sealSecret(key: Buffer, apiKey: string, secret: string): Buffer {
  const header = Buffer.concat([Buffer.of(VERSION), randomBytes(NONCE_BYTES)]);
  const cipher = createCipheriv(ALGORITHM, key, header.subarray(1), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(apiKey));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([header, cipher.getAuthTag(), sealed]);
}

/** @throws {SealError} when it was sealed under another key, for another API key, or was changed since. */
export function openSecret(key: Buffer, apiKey: string, sealed: Buffer): string {
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION)
    throw new SealError('these bytes are no sealed secret');
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, HEADER_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(apiKey));
  decipher.setAuthTag(sealed.subarray(HEADER_BYTES, HEADER_BYTES + TAG_BYTES));
  try {
    return (
      decipher.update(sealed.subarray(HEADER_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch (cause) {
    throw new SealError('the sealed secret does not open with this key', { cause });
  }
}
