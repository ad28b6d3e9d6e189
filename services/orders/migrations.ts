/** The schema `orders`: what this service keeps itself. */
import { type Kysely, sql } from 'kysely';
import type { Migrations } from '#platform/postgres.ts';

/** Tasks that serve a listen key hear when it is closed. */
export const LISTEN_KEYS_CHANNEL = 'listen_keys';

export const migrations: Migrations = {
  '0001-listen-keys': { up: createListenKeys },
};

async function createListenKeys(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table orders.listen_keys (
      key_hash bytea primary key,
      account_id int8 not null unique,
      api_key text not null,
      sealed_key bytea not null,
      expires_at int8 not null
    )
  `.execute(db);
}
