/** The endpoints of this service, and what they work with. */
import type { Kysely } from 'kysely';
import type { AccountId, Units } from '#domain/ids.ts';
import { parseDecimal } from '#domain/money.ts';
import type { Database } from '#platform/database.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import { type PeopleDeps, peopleEndpoints } from '#platform/people-api/endpoint.ts';
import type { ReadBarrier } from '#platform/read-barrier.ts';
import type { Asset, Assets } from './assets.ts';
import type { Custody, IncomingOutput, OutputId } from './custody.ts';
import { refusals } from './refusal.ts';
import { requests } from './requests.ts';
import { routes } from './routes.ts';

export interface WalletDeps extends PeopleDeps {
  readonly db: Kysely<Database>;
  readonly engine: EngineClient;
  readonly barrier: ReadBarrier;
  readonly assets: Assets;
  readonly custody: Custody;
  /** Of a new address in an address book. */
  readonly coolDownMs: number;
  /** Sends money of the sandbox chain to an address; undefined where nothing is given away. */
  readonly faucet: ((payment: Omit<IncomingOutput, keyof OutputId>) => Promise<unknown>) | undefined;
}

export const { open, authenticated } = peopleEndpoints(routes, requests);

/** @throws {Refusal} for what is no amount of the asset, or none at all. */
export function unitsOf(text: string, { scale }: Asset): Units {
  const amount = parseDecimal(text, scale);
  if (amount === 'precision') throw refusals.invalidField('amount', `must have at most ${scale} decimals`);
  if (typeof amount === 'string') throw refusals.invalidField('amount', 'is too much');
  if (amount === 0) throw refusals.invalidField('amount', 'must be more than nothing');
  return amount as Units;
}

/** The account that a path names. @throws {Refusal} 404. */
export function accountOf(text = ''): AccountId {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw refusals.unknownAccount();
  return Number(text) as AccountId;
}
