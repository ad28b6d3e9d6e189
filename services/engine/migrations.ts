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
};
