/** What the engine says of balances, and how far it has come. */
import type { EventOf } from '#domain/events.ts';
import type { AccountId } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { type EngineClient, EngineUnavailable } from '#platform/engine-client.ts';
import { refusals } from './refusal.ts';

/** @throws {Refusal} 503 while the engine does not answer. */
export function ask(engine: EngineClient, query: Query): ReturnType<EngineClient['ask']> {
  return engine.ask(query).catch((error: unknown) => {
    throw error instanceof EngineUnavailable ? refusals.exchangeUnavailable(error) : error;
  });
}

/** Of each asset that the account has ever had. @throws {Refusal} 503 while the engine does not answer. */
export async function balancesOf(
  engine: EngineClient,
  account: AccountId,
): Promise<readonly EventOf<'balance'>[]> {
  const { records } = await ask(engine, { type: 'balances', account });
  return records.filter((record) => record.type === 'balance');
}
