/** Sessions in PostgreSQL, for an exchange without DynamoDB. */
import type { Kysely, Selectable } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Database } from '../database.ts';
import type { Client, Session, SessionStore } from './session-store.ts';

type Row = Selectable<Database['accounts.sessions']>;

export class PostgresSessions implements SessionStore {
  readonly #db: Kysely<Database>;

  /** `db` is closed by whoever gives it. */
  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async add(session: Session): Promise<void> {
    // Nobody else deletes what has expired, so that an account's sessions are swept when it gets another.
    await this.#db
      .deleteFrom('accounts.sessions')
      .where('account_id', '=', session.account)
      .where('expires_at', '<=', session.createdAt)
      .execute();
    await this.#db.insertInto('accounts.sessions').values(rowOf(session)).execute();
  }

  async find(account: AccountId, id: string): Promise<Session | undefined> {
    const row = await this.#db
      .selectFrom('accounts.sessions')
      .selectAll()
      .where('account_id', '=', account)
      .where('session_id', '=', id)
      .executeTakeFirst();
    return row && sessionOf(row);
  }

  async ofAccount(account: AccountId): Promise<Session[]> {
    const rows = await this.#db
      .selectFrom('accounts.sessions')
      .selectAll()
      .where('account_id', '=', account)
      .execute();
    return rows.map(sessionOf);
  }

  async rotate(session: Session, to: string, at: TimeUs, client: Client): Promise<Session | undefined> {
    const row = await this.#db
      .updateTable('accounts.sessions')
      .set({ refresh_hash: to, refreshed_at: at, address: client.address, user_agent: client.userAgent })
      .where('account_id', '=', session.account)
      .where('session_id', '=', session.id)
      .where('refresh_hash', '=', session.refreshHash)
      .returningAll()
      .executeTakeFirst();
    return row && sessionOf(row);
  }

  async setOtpAt(account: AccountId, id: string, at: TimeUs): Promise<Session | undefined> {
    const row = await this.#db
      .updateTable('accounts.sessions')
      .set({ otp_at: at })
      .where('account_id', '=', account)
      .where('session_id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && sessionOf(row);
  }

  async remove(account: AccountId, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('accounts.sessions')
      .where('account_id', '=', account)
      .where('session_id', '=', id)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  async close(): Promise<void> {}
}

function rowOf(session: Session): Row {
  return {
    account_id: session.account,
    session_id: session.id,
    security_epoch: session.securityEpoch,
    refresh_hash: session.refreshHash,
    created_at: session.createdAt,
    refreshed_at: session.refreshedAt,
    expires_at: session.expiresAt,
    otp_at: session.otpAt,
    address: session.address,
    user_agent: session.userAgent,
  };
}

function sessionOf(row: Row): Session {
  return {
    account: row.account_id,
    id: row.session_id,
    securityEpoch: row.security_epoch,
    refreshHash: row.refresh_hash,
    createdAt: row.created_at,
    refreshedAt: row.refreshed_at,
    expiresAt: row.expires_at,
    otpAt: row.otp_at,
    address: row.address,
    userAgent: row.user_agent,
  };
}
