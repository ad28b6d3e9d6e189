/** Passwords at rest: Argon2id, as a PHC string. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** 19 MiB, two passes, one lane: the least that OWASP advises, some 30 ms of one core. */
const MEMORY_KIB = 19 * 1024;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PREFIX = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$`;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await argon2id(password, salt);
  return `${PREFIX}${unpadded(salt)}$${unpadded(hash)}`;
}

/** Compares in constant time. Without a stored hash it does the same work and says no. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [salt, hash] = stored?.startsWith(PREFIX) ? stored.slice(PREFIX.length).split('$') : [];
  const derived = await argon2id(password, salt ? Buffer.from(salt, 'base64') : Buffer.alloc(SALT_BYTES));
  return hash !== undefined && timingSafeEqual(derived, Buffer.from(hash, 'base64'));
}

function argon2id(password: string, nonce: Buffer): Promise<Buffer> {
  const parameters = { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES, tagLength: HASH_BYTES };
  return derive('argon2id', { message: password, nonce, ...parameters });
}

/** PHC strings have base64 without padding. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
