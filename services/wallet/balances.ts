/** What an account has, as the engine says. */
import type { EventOf } from '#domain/events.ts';
import type { AccountId } from '#domain/ids.ts';
import { type EngineClient, EngineUnavailable } from '#platform/engine-client.ts';
import { refusals } from './refusal.ts';

/** Of each asset that the account has ever had. @throws {Refusal} 503 while the engine does not answer. */
export async function balancesOf(
  engine: EngineClient,
  account: AccountId,
): Promise<readonly EventOf<'balance'>[]> {
  const { records } = await engine.ask({ type: 'balances', account }).catch((error) => {
    throw error instanceof EngineUnavailable ? refusals.exchangeUnavailable(error) : error;
  });
  return records.filter((record) => record.type === 'balance');
}
