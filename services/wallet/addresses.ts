/** The address book: where an account may withdraw to. */
import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Asset } from './assets.ts';
import type { Custody } from './custody.ts';
import { refusals } from './refusal.ts';

const ADDRESSES_MAX = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type Address = Selectable<Database['wallet.addresses']>;

/** How an entry of an address book is named: by its id, or by what it says. */
export type AddressName = { readonly id: string } | { readonly address: string };

export const isUuid = (text: string) => UUID.test(text);

/** The oldest first. */
export function listAddresses(db: Kysely<Database>, account: AccountId): Promise<Address[]> {
  return db
    .selectFrom('wallet.addresses')
    .selectAll()
    .where('account_id', '=', account)
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .execute();
}

/** It can be withdrawn to once the cool-down is over: whoever has got hold of a session is noticed before. */
export async function addAddress(
  { db, custody, coolDownMs }: { db: Kysely<Database>; custody: Custody; coolDownMs: number },
  account: AccountId,
  { asset, address, label }: { asset: Asset; address: string; label: string },
): Promise<Address> {
  if (!custody.isAddress(asset.name, address))
    throw refusals.invalidField('address', `is no address of ${asset.name}: check each character`);
  if ((await listAddresses(db, account)).length >= ADDRESSES_MAX)
    throw refusals.tooManyAddresses(ADDRESSES_MAX);
  const now = systemClock.nowUs();
  const added = await db
    .insertInto('wallet.addresses')
    .values({
      id: randomUUID(),
      account_id: account,
      asset: asset.name,
      address,
      label,
      created_at: now as TimeUs,
      usable_at: (now + coolDownMs * 1_000) as TimeUs,
      removed_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'asset', 'address']).where('removed_at', 'is', null).doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
  if (added === undefined) throw refusals.addressExists();
  return added;
}

/** Withdrawals to it that are under way go on. @throws {Refusal} 404. */
export async function removeAddress(db: Kysely<Database>, account: AccountId, id: string): Promise<void> {
  if (!isUuid(id)) throw refusals.unknownAddress();
  const removed = await db
    .updateTable('wallet.addresses')
    .set({ removed_at: systemClock.nowUs() as TimeUs })
    .where('id', '=', id)
    .where('account_id', '=', account)
    .where('removed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (removed === undefined) throw refusals.unknownAddress();
}

/**
 * The account's address for this asset; with `wasUsable` whatever has become of it since.
 * @throws {Refusal} 404, 409 while it is new.
 */
export async function usableAddress(
  db: Kysely<Database>,
  account: AccountId,
  asset: Asset,
  name: AddressName,
  wasUsable: boolean,
): Promise<Address> {
  const found = await db
    .selectFrom('wallet.addresses')
    .selectAll()
    .where((where) => ('id' in name ? where('id', '=', name.id) : where('address', '=', name.address)))
    .where('account_id', '=', account)
    .where('asset', '=', asset.name)
    // What was removed and added again is there more than once; no time counts as the latest.
    .orderBy('removed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (found === undefined || (found.removed_at !== null && !wasUsable)) throw refusals.unknownAddress();
  if (wasUsable) return found;
  const coolsForMs = (found.usable_at - systemClock.nowUs()) / 1_000;
  if (coolsForMs > 0) throw refusals.addressCoolingDown(coolsForMs);
  return found;
}
