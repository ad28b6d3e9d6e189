/** The schema `accounts`: people and their API keys. */
import { sql } from 'kysely';
import type { Migrations } from '#platform/postgres.ts';

export const migrations: Migrations = {
  '0001-users': {
    up: async (db) => {
      // Account 0 collects the exchange's fees; people's accounts start at 1.
      await sql`
        create table accounts.users (
          account_id int8 generated always as identity primary key,
          email text not null unique check (email = lower(email)),
          password_hash text not null,
          created_at int8 not null
        )
      `.execute(db);
      await sql`
        create table accounts.api_keys (
          id int8 generated always as identity primary key,
          account_id int8 not null references accounts.users,
          label text not null,
          api_key text not null unique,
          sealed_secret bytea not null,
          can_trade boolean not null,
          created_at int8 not null,
          revoked_at int8
        )
      `.execute(db);
      await sql`create index api_keys_of_account on accounts.api_keys (account_id)`.execute(db);
    },
  },
};
