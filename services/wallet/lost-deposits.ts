/**
 * Deposits that were credited, taken back by their chain, and could not be taken back whole: the money is with somebody
 * else. Nothing leaves the account until an operator has looked, even when the rest has come in meanwhile.
 */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Deposit } from './deposit-steps.ts';
import { refusals } from './refusal.ts';

/** Those that wait for an operator, the oldest first. */
export function listLostDeposits(db: Kysely<Database>, limit: number): Promise<Deposit[]> {
  return db
    .selectFrom('wallet.deposits')
    .selectAll()
    .where('lost_at', 'is not', null)
    .where('released_at', 'is', null)
    .orderBy('lost_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/**
 * Lets money leave the account again. What is still owed of the deposit goes on being taken from what is available.
 * @throws {Refusal} 404 for none that waits, 403 for the operator's own.
 */
export async function releaseDeposit(
  db: Kysely<Database>,
  operator: AccountId,
  id: number,
  reason: string,
): Promise<Deposit> {
  const released = await db
    .updateTable('wallet.deposits')
    .set({
      released_at: systemClock.nowUs() as TimeUs,
      released_by: operator,
      release_reason: reason,
    })
    .where('id', '=', id)
    .where('account_id', '!=', operator)
    .where('lost_at', 'is not', null)
    .where('released_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (released !== undefined) return released;
  const own = await db
    .selectFrom('wallet.deposits')
    .select('id')
    .where('id', '=', id)
    .where('account_id', '=', operator)
    .executeTakeFirst();
  throw own === undefined ? refusals.unknownDeposit() : refusals.ownDeposit();
}
