/** What was proven, and what it takes to prove it to each account. */
import { type Migration, sql } from 'kysely';

export const reservesMigration: Migration = {
  up: async (db) => {
    await sql`
      create table wallet.reserve_reports (
        seq int8 primary key,
        made_at int8 not null
      )
    `.execute(db);
    await sql`
      create table wallet.reserve_roots (
        seq int8 not null references wallet.reserve_reports,
        asset text not null,
        scale int not null,
        leaves int not null check (leaves > 0),
        owed int8 not null check (owed > 0),
        held int8 not null,
        hash text not null,
        primary key (seq, asset)
      )
    `.execute(db);
    await sql`
      create table wallet.reserve_leaves (
        seq int8 not null,
        account_id int8 not null,
        asset text not null,
        index int not null,
        amount int8 not null check (amount > 0),
        salt bytea not null,
        primary key (seq, account_id, asset)
      )
    `.execute(db);
    await sql`
      create table wallet.reserve_nodes (
        seq int8 not null,
        asset text not null,
        level int not null,
        index int not null,
        sum int8 not null,
        hash bytea not null,
        primary key (seq, asset, level, index)
      )
    `.execute(db);
  },
};
