/** Whether an account may let money go: neither frozen nor with a deposit that has vanished; and how much today. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { AccountId, TimeUs, Units } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Asset } from './assets.ts';

export const DAY_US = 24 * 60 * 60 * 1_000_000;
/** Nothing of these has left or will. */
const STAYED = ['canceling', 'canceled', 'rejecting', 'rejected', 'failing', 'failed', 'refused'] as const;

/** The account's tier; until the transaction ends, nothing else that it asks for is weighed against its limits. */
export async function lockAccount(transaction: Transaction<Database>, account: AccountId): Promise<number> {
  await transaction
    .insertInto('wallet.accounts')
    .values({ account_id: account })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { tier } = await transaction
    .selectFrom('wallet.accounts')
    .select('tier')
    .where('account_id', '=', account)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return tier;
}

export async function tierOf(db: Kysely<Database>, account: AccountId): Promise<number> {
  const row = await db
    .selectFrom('wallet.accounts')
    .select('tier')
    .where('account_id', '=', account)
    .executeTakeFirst();
  return row?.tier ?? 0;
}

/** What has left or is about to within the last 24 hours, by withdrawal and transfer together. */
export async function unitsToday(db: Kysely<Database>, account: AccountId, asset: Asset): Promise<number> {
  const since = (systemClock.nowUs() - DAY_US) as TimeUs;
  const { units } = await db
    .selectNoFrom(({ selectFrom }) => [
      sql<number>`
        coalesce(${selectFrom('wallet.withdrawals')
          .select(sql<number>`sum(amount)`.as('sum'))
          .where('account_id', '=', account)
          .where('asset', '=', asset.name)
          .where('created_at', '>', since)
          .where('status', 'not in', STAYED)}, 0)::int8
        + coalesce(${selectFrom('wallet.transfers')
          .select(sql<number>`sum(amount)`.as('sum'))
          .where('account_id', '=', account)
          .where('asset', '=', asset.name)
          .where('created_at', '>', since)
          .where('status', '!=', 'refused')}, 0)::int8
      `.as('units'),
    ])
    .executeTakeFirstOrThrow();
  return units;
}

/** A deposit of the account was credited and is not on its chain, or is lost, and no operator has released it. */
export async function hasMissingDeposit(db: Kysely<Database>, account: AccountId): Promise<boolean> {
  const found = await db
    .selectFrom('wallet.deposits')
    .select('id')
    .where('account_id', '=', account)
    .where('released_at', 'is', null)
    .where((deposit) =>
      deposit.or([deposit('status', 'in', ['missing', 'reversing']), deposit('lost_at', 'is not', null)]),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether what the account asked for before may go on: otherwise it waits, and nothing new is taken. */
export async function mayLetGo(db: Kysely<Database>, account: AccountId): Promise<boolean> {
  return !((await isFrozen(db, account)) || (await hasMissingDeposit(db, account)));
}

async function isFrozen(db: Kysely<Database>, account: AccountId): Promise<boolean> {
  const user = await db
    .selectFrom('accounts.users')
    .select('frozen_at')
    .where('account_id', '=', account)
    .executeTakeFirst();
  return user === undefined || user.frozen_at !== null;
}

export async function exists(db: Kysely<Database>, account: AccountId): Promise<boolean> {
  const user = await db
    .selectFrom('accounts.users')
    .select('account_id')
    .where('account_id', '=', account)
    .executeTakeFirst();
  return user !== undefined;
}

export async function setTier(db: Kysely<Database>, account: AccountId, tier: number): Promise<void> {
  await db
    .insertInto('wallet.accounts')
    .values({ account_id: account, tier })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ tier }))
    .execute();
}

/** What is left of a limit; 0 when it was lowered below what has left. */
export const leftOf = (dailyMax: Units, units: number): Units => Math.max(0, dailyMax - units) as Units;
