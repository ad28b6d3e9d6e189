/** The record of what concerns an account's security; its owner may read it, nobody can change it. */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Client } from '#platform/sessions/session-store.ts';

/** Most events of one answer. */
export const EVENTS_MAX = 100;

export type SecurityEventName =
  | 'signed-up'
  | 'sign-up-repeated'
  | 'email-verified'
  | 'logged-in'
  | 'log-in-failed'
  | 'one-time-code-failed'
  | 'recovery-code-used'
  | 'stepped-up'
  | 'logged-out'
  | 'session-ended'
  | 'all-sessions-ended'
  | 'refresh-token-reused'
  | 'password-changed'
  | 'password-failed'
  | 'password-reset-requested'
  | 'password-reset'
  | 'two-factor-started'
  | 'two-factor-enabled'
  | 'two-factor-disabled'
  | 'two-factor-reset'
  | 'recovery-codes-renewed'
  | 'api-key-created'
  | 'api-key-revoked'
  | 'frozen'
  | 'unfrozen'
  | 'role-changed';

export interface SecurityEvent {
  readonly event: SecurityEventName;
  /** Undefined when an attempt named nobody: it is recorded all the same, in the same time. */
  readonly account: AccountId | undefined;
  readonly client: Client;
  /** Who did it, when that was somebody else. */
  readonly actor?: AccountId;
  /** Which key, which session, why; never a secret. */
  readonly detail?: string;
}

export async function recordEvent(
  db: Kysely<Database>,
  { event, account, client, actor, detail = '' }: SecurityEvent,
): Promise<void> {
  await db
    .insertInto('accounts.security_events')
    .values({
      account_id: account ?? null,
      actor_id: actor ?? null,
      event,
      detail,
      address: client.address,
      user_agent: client.userAgent,
      happened_at: systemClock.nowUs() as TimeUs,
    })
    .execute();
}

export interface ShownEvent {
  readonly id: number;
  readonly event: string;
  readonly detail: string;
  readonly address: string;
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly happenedAt: number;
}

/** The newest first; with `before`, those of smaller ids. */
export async function listEvents(
  db: Kysely<Database>,
  account: AccountId,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<ShownEvent[]> {
  let query = db
    .selectFrom('accounts.security_events')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('id', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('id', '<', before);
  return (await query.execute()).map((row) => ({
    id: row.id,
    event: row.event,
    detail: row.detail,
    // Where the staff sits is no business of the user.
    address: row.actor_id === null ? row.address : '',
    userAgent: row.actor_id === null ? row.user_agent : '',
    happenedAt: Math.floor(row.happened_at / 1_000),
  }));
}
