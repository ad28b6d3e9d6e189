/** Two-factor: a secret in the user's authenticator app, each code of which is good once, and codes for its loss. */
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { openSecret, sealSecret } from '#platform/sealed-secret.ts';
import { refusals } from './refusal.ts';
import { base32, matchingStep, otpauthUri, TOTP_SECRET_BYTES } from './totp.ts';

const RECOVERY_CODES = 10;
/** 80 bits: nothing that can be guessed, so that a plain hash does. */
const RECOVERY_CODE_BYTES = 10;
const TOTP_CODE = /^\d{6}$/;
const RECOVERY_CODE = /^[A-Z2-7]{16}$/;

/** Which kind of code was right. */
export type CodeKind = 'totp' | 'recovery';

export class TwoFactor {
  readonly #encryptionKey: Buffer;
  /** As the authenticator app shows it. */
  readonly #issuer: string;

  constructor(encryptionKey: Buffer, issuer: string) {
    this.#encryptionKey = encryptionKey;
    this.#issuer = issuer;
  }

  /**
   * Makes a secret, which replaces one that was never confirmed.
   * @throws {Refusal} 409 when two-factor is on.
   */
  async start(
    db: Kysely<Database>,
    account: AccountId,
    email: string,
  ): Promise<{ readonly secret: string; readonly uri: string }> {
    const bytes = randomBytes(TOTP_SECRET_BYTES);
    const sealed = sealSecret(this.#encryptionKey, sealedFor(account), bytes.toString('hex'));
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('accounts.two_factor')
      .values({ account_id: account, sealed_secret: sealed, enabled_at: null })
      .onConflict((conflict) =>
        conflict
          .column('account_id')
          .doUpdateSet({ sealed_secret: sealed })
          .where('accounts.two_factor.enabled_at', 'is', null),
      )
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) throw refusals.twoFactorIsOn();
    const secret = base32(bytes);
    return { secret, uri: otpauthUri(this.#issuer, email, secret) };
  }

  /**
   * Turns it on once a code shows that the app has the secret. Returns the recovery codes, which are not told again;
   * undefined when the code is wrong.
   */
  async enable(db: Kysely<Database>, account: AccountId, code: string): Promise<string[] | undefined> {
    const step = await this.#stepOf(db, account, code);
    if (step === undefined) return undefined;
    const { numUpdatedRows } = await db
      .updateTable('accounts.two_factor')
      .set({ enabled_at: systemClock.nowUs() as TimeUs, last_step: step })
      .where('account_id', '=', account)
      .where('enabled_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw refusals.twoFactorIsOn();
    return this.renewRecoveryCodes(db, account);
  }

  async disable(db: Kysely<Database>, account: AccountId): Promise<void> {
    await db.deleteFrom('accounts.recovery_codes').where('account_id', '=', account).execute();
    await db.deleteFrom('accounts.two_factor').where('account_id', '=', account).execute();
  }

  /** New ones; the old ones are no longer good. */
  async renewRecoveryCodes(db: Kysely<Database>, account: AccountId): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, () => base32(randomBytes(RECOVERY_CODE_BYTES)));
    await db.deleteFrom('accounts.recovery_codes').where('account_id', '=', account).execute();
    await db
      .insertInto('accounts.recovery_codes')
      .values(codes.map((code) => ({ account_id: account, code_hash: hashOf(code) })))
      .execute();
    return codes.map((code) => code.replace(/(.{4})(?=.)/g, '$1-'));
  }

  /**
   * Uses a code of the app, or a recovery code, up: the next time it is wrong. Of two requests at once with the same
   * code one succeeds. Undefined when it is wrong, or two-factor is off.
   */
  async use(db: Kysely<Database>, account: AccountId, code: string): Promise<CodeKind | undefined> {
    const recoveryCode = code.replaceAll(/[\s-]/g, '').toUpperCase();
    if (RECOVERY_CODE.test(recoveryCode)) {
      const { numDeletedRows } = await db
        .deleteFrom('accounts.recovery_codes')
        .where('account_id', '=', account)
        .where('code_hash', '=', hashOf(recoveryCode))
        .executeTakeFirst();
      return numDeletedRows === 1n ? 'recovery' : undefined;
    }
    const step = await this.#stepOf(db, account, code);
    if (step === undefined) return undefined;
    const { numUpdatedRows } = await db
      .updateTable('accounts.two_factor')
      .set({ last_step: step })
      .where('account_id', '=', account)
      .where('enabled_at', 'is not', null)
      .where('last_step', '<', sql<number>`${step}`)
      .executeTakeFirst();
    return numUpdatedRows === 1n ? 'totp' : undefined;
  }

  async #stepOf(db: Kysely<Database>, account: AccountId, code: string): Promise<number | undefined> {
    if (!TOTP_CODE.test(code)) return undefined;
    const row = await db
      .selectFrom('accounts.two_factor')
      .select('sealed_secret')
      .where('account_id', '=', account)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const secret = openSecret(this.#encryptionKey, sealedFor(account), row.sealed_secret);
    return matchingStep(Buffer.from(secret, 'hex'), code, Date.now());
  }
}

/** A secret that is moved to another account's row does not open. */
const sealedFor = (account: AccountId) => `two-factor:${account}`;

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
