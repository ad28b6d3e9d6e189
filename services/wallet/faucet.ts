/** Money that is worth nothing, given away where nothing is real: so much at a time, and so much in a day. */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs, Units } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Asset } from './assets.ts';
import { refusals } from './refusal.ts';
import { DAY_US, leftOf, lockAccount } from './standing.ts';

/**
 * Counts what is about to be given; requests of one account wait for each other at its row. What is counted and then
 * not paid stays counted: whoever runs dry waits for a day.
 * @throws {Refusal} 400 for more than is given at a time, 409 for more than is left for the last 24 hours.
 */
export async function countGift(
  db: Kysely<Database>,
  account: AccountId,
  { name, scale, faucetMax, faucetDailyMax }: Asset,
  amount: Units,
): Promise<void> {
  const shown = (units: Units) => formatDecimal(units, scale);
  if (amount > faucetMax) throw refusals.invalidField('amount', `must be at most ${shown(faucetMax)}`);
  await db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, account);
    const now = systemClock.nowUs();
    const { given } = await transaction
      .selectFrom('wallet.gifts')
      .select(({ fn }) => fn.sum<string | null>('amount').as('given'))
      .where('account_id', '=', account)
      .where('asset', '=', name)
      .where('given_at', '>', (now - DAY_US) as TimeUs)
      .executeTakeFirstOrThrow();
    const left = leftOf(faucetDailyMax, Number(given ?? 0));
    if (amount > left) throw refusals.overFaucetLimit(shown(left), name);
    await transaction
      .insertInto('wallet.gifts')
      .values({ account_id: account, asset: name, amount, given_at: now as TimeUs })
      .execute();
  });
}
