/** The schema `wallet`: money that comes from chains, leaves to them, and moves between accounts. */
import { type Kysely, sql } from 'kysely';
import type { Migrations } from '#platform/postgres.ts';
import { reservesMigration } from './reserves/migration.ts';

export const migrations: Migrations = {
  '0001-wallet': {
    up: async (db) => {
      await sql`
        create table wallet.accounts (
          account_id int8 primary key,
          tier int4 not null default 0 check (tier >= 0)
        )
      `.execute(db);
      await createDeposits(db);
      await createWithdrawals(db);
      await createTransfers(db);
      await createSandbox(db);
    },
  },
  '0002-reserves': reservesMigration,
  '0003-lost-deposits': {
    up: async (db) => {
      await sql`
        alter table wallet.deposits
          add lost_at int8,
          add released_at int8,
          add released_by int8 check (released_by <> account_id),
          add release_reason text not null default ''
      `.execute(db);
      await sql`
        create index deposits_lost on wallet.deposits (lost_at) where lost_at is not null and released_at is null
      `.execute(db);
    },
  },
  '0004-gifts': {
    up: async (db) => {
      await sql`
        create table wallet.gifts (
          account_id int8 not null,
          asset text not null,
          amount int8 not null check (amount > 0),
          given_at int8 not null
        )
      `.execute(db);
      await sql`create index gifts_of_account on wallet.gifts (account_id, asset, given_at)`.execute(db);
    },
  },
};

async function createDeposits(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table wallet.deposit_addresses (
      account_id int8 not null,
      asset text not null,
      address text not null,
      primary key (account_id, asset),
      unique (asset, address)
    )
  `.execute(db);
  await sql`
    create table wallet.deposits (
      id int8 generated always as identity primary key,
      account_id int8 not null,
      asset text not null,
      tx_id text not null,
      output int4 not null,
      address text not null,
      amount int8 not null check (amount > 0),
      confirmations int4 not null default 0,
      status text not null default 'pending'
        check (status in ('pending', 'crediting', 'credited', 'missing', 'reversing', 'reversed', 'final', 'gone')),
      credits int4 not null default 0,
      reversed int8 not null default 0 check (reversed between 0 and amount),
      reversals int4 not null default 0,
      reversing int8 check (reversing > 0),
      created_at int8 not null,
      updated_at int8 not null,
      unique (tx_id, output)
    )
  `.execute(db);
  await sql`create index deposits_of_account on wallet.deposits (account_id, id)`.execute(db);
  await sql`
    create index deposits_to_watch on wallet.deposits (id) where status not in ('reversed', 'final', 'gone')
  `.execute(db);
  await sql`create table wallet.notices (source text primary key, last_id int8 not null)`.execute(db);
}

async function createWithdrawals(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table wallet.addresses (
      id uuid primary key,
      account_id int8 not null,
      asset text not null,
      address text not null,
      label text not null,
      created_at int8 not null,
      usable_at int8 not null,
      removed_at int8
    )
  `.execute(db);
  await sql`
    create unique index addresses_of_account on wallet.addresses (account_id, asset, address)
      where removed_at is null
  `.execute(db);
  await sql`
    create table wallet.withdrawals (
      id uuid primary key,
      account_id int8 not null,
      client_id text,
      asset text not null,
      amount int8 not null,
      fee int8 not null check (fee >= 0 and fee < amount),
      address text not null,
      needs_approval bool not null,
      status text not null default 'requested'
        check (status in ('requested', 'pending', 'approved', 'sending', 'sent', 'arrived', 'completed',
          'canceling', 'canceled', 'rejecting', 'rejected', 'failing', 'failed', 'refused')),
      tx_id text,
      reason text not null default '',
      decided_by int8 check (decided_by <> account_id),
      created_at int8 not null,
      updated_at int8 not null,
      unique (account_id, client_id)
    )
  `.execute(db);
  await sql`create index withdrawals_of_account on wallet.withdrawals (account_id, created_at)`.execute(db);
  await sql`
    create index withdrawals_under_way on wallet.withdrawals (created_at)
      where status not in ('completed', 'canceled', 'rejected', 'failed', 'refused')
  `.execute(db);
}

async function createTransfers(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table wallet.transfers (
      id uuid primary key,
      account_id int8 not null,
      to_account int8 not null check (to_account <> account_id),
      client_id text,
      asset text not null,
      amount int8 not null check (amount > 0),
      status text not null default 'requested' check (status in ('requested', 'completed', 'refused')),
      created_at int8 not null,
      updated_at int8 not null,
      unique (account_id, client_id)
    )
  `.execute(db);
  await sql`create index transfers_from on wallet.transfers (account_id, created_at)`.execute(db);
  await sql`create index transfers_to on wallet.transfers (to_account, created_at)`.execute(db);
  await sql`
    create index transfers_under_way on wallet.transfers (created_at) where status = 'requested'
  `.execute(db);
}

async function createSandbox(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table wallet.sandbox_chain (
      id int4 primary key check (id = 1),
      height int8 not null,
      mined_at int8 not null
    )
  `.execute(db);
  await sql`insert into wallet.sandbox_chain values (1, 0, 0)`.execute(db);
  await sql`create sequence wallet.sandbox_transactions`.execute(db);
  await sql`
    create table wallet.sandbox_outputs (
      tx_id text not null,
      output int4 not null,
      asset text not null,
      address text not null,
      amount int8 not null check (amount > 0),
      send_key text unique,
      height int8,
      is_gone bool not null check (not (is_gone and height is not null)),
      primary key (tx_id, output)
    )
  `.execute(db);
  await sql`create index sandbox_waiting on wallet.sandbox_outputs (tx_id) where height is null`.execute(db);
  await sql`
    create table wallet.sandbox_notices (
      id int8 generated always as identity primary key,
      tx_id text not null,
      output int4 not null
    )
  `.execute(db);
}
