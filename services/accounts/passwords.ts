/**
 * Passwords at rest: Argon2id (RFC 9106) as a PHC string, which carries its parameters, so that they can be raised
 * without locking anybody out. https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 */
import assert from 'node:assert/strict';
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { refusals } from './refusal.ts';

/**
 * 19 MiB, two passes, one lane: the least that OWASP advises, some 30 ms of one core.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashes under way and waiting; at four threads the last of them waits for half a second. */
const PENDING_MAX = 64;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const derive = promisify(argon2);
/** No password gives it: it stands in for the hash of a user who does not exist. */
const NOBODYS = phcString(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));

export class Passwords {
  #pending = 0;

  /**
   * The PHC string of a password, under a salt of its own.
   * @throws {Refusal} 503 when too many wait.
   */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return phcString(salt, await this.#derive(password, salt, COST, HASH_BYTES));
  }

  /**
   * Whether `stored` is of this password; without one it does the same work and says no.
   * @throws {Refusal} 503 when too many wait.
   */
  async matches(password: string, stored: string = NOBODYS): Promise<boolean> {
    const match = PHC.exec(stored);
    assert(match !== null, 'a stored password is no PHC string of Argon2id');
    const [memory, passes, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
    const [salt, hash] = match.slice(4).map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];
    const derived = await this.#derive(password, salt, { memory, passes, parallelism }, hash.length);
    return timingSafeEqual(derived, hash);
  }

  async #derive(password: string, nonce: Buffer, cost: typeof COST, tagLength: number): Promise<Buffer> {
    if (this.#pending >= PENDING_MAX) throw refusals.busy();
    this.#pending++;
    try {
      // The same characters may come composed or not, by keyboard: NIST SP 800-63B, section 5.1.1.2.
      return await derive('argon2id', { ...cost, message: password.normalize('NFKC'), nonce, tagLength });
    } finally {
      this.#pending--;
    }
  }
}

function phcString(salt: Buffer, hash: Buffer): string {
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** PHC strings have base64 without padding. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
