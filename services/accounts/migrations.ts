/** The schema `accounts`: people, what proves who they are, and their API keys. */
import { type Kysely, sql } from 'kysely';
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
  '0002-security': {
    up: async (db) => {
      await sql`
        alter table accounts.users
          add column email_verified_at int8,
          add column role text not null default 'user' check (role in ('user', 'operator', 'admin')),
          add column frozen_at int8,
          add column security_epoch int8 not null default 0
      `.execute(db);
      // Whoever is here already was asked for no proof, and keeps what they could do.
      await sql`update accounts.users set email_verified_at = created_at`.execute(db);
      await sql`
        create table accounts.email_tokens (
          token_hash bytea primary key,
          account_id int8 not null references accounts.users,
          purpose text not null check (purpose in ('verify', 'reset')),
          expires_at int8 not null
        )
      `.execute(db);
      await sql`create index email_tokens_of_account on accounts.email_tokens (account_id)`.execute(db);
      await sql`
        create table accounts.sessions (
          account_id int8 not null,
          session_id text not null,
          security_epoch int8 not null,
          refresh_hash text not null,
          created_at int8 not null,
          refreshed_at int8 not null,
          expires_at int8 not null,
          otp_at int8,
          address text not null,
          user_agent text not null,
          primary key (account_id, session_id)
        )
      `.execute(db);
      await sql`
        create table accounts.two_factor (
          account_id int8 primary key references accounts.users,
          sealed_secret bytea not null,
          enabled_at int8,
          last_step int8 not null default 0
        )
      `.execute(db);
      await sql`
        create table accounts.recovery_codes (
          account_id int8 not null references accounts.users,
          code_hash bytea not null,
          primary key (account_id, code_hash)
        )
      `.execute(db);
      await createSecurityEvents(db);
      await extendApiKeys(db);
    },
  },
};

/** Rows are added and never changed, whoever asks: the trigger holds for the service's own mistakes too. */
async function createSecurityEvents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table accounts.security_events (
      id int8 generated always as identity primary key,
      account_id int8,
      actor_id int8,
      event text not null,
      detail text not null,
      address text not null,
      user_agent text not null,
      happened_at int8 not null
    )
  `.execute(db);
  await sql`create index security_events_of_account on accounts.security_events (account_id, id)`.execute(db);
  await sql`
    create function accounts.refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'accounts.security_events is append only';
      end
    $$
  `.execute(db);
  await sql`
    create trigger append_only before update or delete or truncate on accounts.security_events
      for each statement execute function accounts.refuse_change()
  `.execute(db);
}

/** Keys of three kinds, bound to addresses; whoever keeps keys in memory hears of a change when it commits. */
async function extendApiKeys(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table accounts.api_keys
      alter column sealed_secret drop not null,
      add column key_type text not null default 'HMAC' check (key_type in ('HMAC', 'ED25519', 'RSA')),
      add column public_key text,
      add column can_withdraw boolean not null default false,
      add column ip_allow_list text[] not null default '{}',
      add constraint secret_or_public_key check (
        case when key_type = 'HMAC' then sealed_secret is not null and public_key is null
             else sealed_secret is null and public_key is not null end
      )
  `.execute(db);
  await sql`
    create table accounts.api_key_uses (
      api_key text primary key,
      used_at int8 not null,
      address text not null
    )
  `.execute(db);
  await sql`
    create function accounts.tell_of_api_key() returns trigger language plpgsql as $$
      begin
        perform pg_notify('api_keys', new.api_key);
        return null;
      end
    $$
  `.execute(db);
  await sql`
    create trigger tell_of_change after update on accounts.api_keys
      for each row execute function accounts.tell_of_api_key()
  `.execute(db);
  await sql`
    create function accounts.tell_of_frozen() returns trigger language plpgsql as $$
      begin
        perform pg_notify('api_keys', api_key) from accounts.api_keys
          where account_id = new.account_id and revoked_at is null;
        return null;
      end
    $$
  `.execute(db);
  await sql`
    create trigger tell_of_frozen after update of frozen_at on accounts.users
      for each row execute function accounts.tell_of_frozen()
  `.execute(db);
}
