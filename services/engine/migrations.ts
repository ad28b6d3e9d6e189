/** The schema `engine`: the journal of all commands, and the row that says where it ends and who may go on. */
import { sql } from 'kysely';
import type { Migrations } from '#platform/postgres.ts';

export const migrations: Migrations = {
  '0001-journal': {
    up: async (db) => {
      await sql`
        create table engine.head (
          shard int primary key,
          epoch int8 not null,
          last_seq int8 not null,
          digest bytea not null
        )
      `.execute(db);
      // A journal starts with nothing: sequence 0, and a digest of zeros for the first batch to cover.
      await sql`
        insert into engine.head values (0, 0, 0, decode(repeat('00', 32), 'hex'))
      `.execute(db);
      await sql`
        create table engine.journal (
          shard int not null,
          first_seq int8 not null,
          last_seq int8 not null check (last_seq >= first_seq),
          epoch int8 not null,
          commands bytea not null,
          digest bytea not null,
          primary key (shard, first_seq)
        )
      `.execute(db);
      // Compressing a batch takes longer than writing it.
      await sql`
        alter table engine.journal alter column commands set storage external
      `.execute(db);
    },
  },

  /** Leaders have an address and a lease, and the journal has a partition a day. */
  '0002-leadership': {
    up: async (db) => {
      await sql`
        do $$ begin
          if exists (select from engine.journal) then
            raise exception 'this journal was written before leaders had leases, and its digests cannot be continued: start with an empty database (npm run reset does that on a laptop)';
          end if;
        end $$
      `.execute(db);
      await sql`
        alter table engine.head
          add column leader text not null default '',
          add column deployment text not null default '',
          add column successor text not null default '',
          add column beat int8 not null default 0,
          add column published int8 not null default 0
      `.execute(db);
      await sql`drop table engine.journal`.execute(db);
      await sql`
        create table engine.journal (
          shard int not null,
          first_seq int8 not null,
          last_seq int8 not null check (last_seq >= first_seq),
          epoch int8 not null,
          time_us int8 not null,
          day int not null check (day = time_us / 86400000000),
          commands bytea not null,
          digest bytea not null,
          primary key (shard, first_seq, day)
        ) partition by list (day)
      `.execute(db);
      await sql`
        alter table engine.journal alter column commands set storage external
      `.execute(db);
    },
  },
};
