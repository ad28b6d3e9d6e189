/** The schema `projector`: the read models, and how far into the journal they have come. */
import { sql } from 'kysely';
import type { Migrations } from '#platform/postgres.ts';
import { ledgerMigration } from './ledger/migration.ts';

export const migrations: Migrations = {
  '0001-read-models': {
    up: async (db) => {
      await sql`
        create table projector.position (
          id int primary key check (id = 0),
          seq int8 not null
        )
      `.execute(db);
      await sql`insert into projector.position values (0, 0)`.execute(db);
      await sql`
        create table projector.orders (
          order_id int8 primary key,
          account_id int8 not null,
          market_id int not null,
          client_order_id text not null,
          side text not null,
          order_type text not null,
          time_in_force text not null,
          status text not null,
          price int8,
          quantity int8 not null,
          quote_order_qty int8,
          executed_quantity int8 not null,
          executed_quote int8 not null,
          created_at int8 not null,
          updated_at int8 not null
        )
      `.execute(db);
      await sql`create index orders_by_id on projector.orders (account_id, market_id, order_id)`.execute(db);
      await sql`create index orders_by_time on projector.orders (account_id, market_id, created_at)`.execute(
        db,
      );
      await sql`
        create index orders_by_client_order_id on projector.orders (account_id, client_order_id, order_id)
      `.execute(db);
      await sql`
        create table projector.trades (
          market_id int not null,
          trade_id int8 not null,
          aggregate_id int8 not null,
          price int8 not null,
          quantity int8 not null,
          quote_quantity int8 not null,
          taker_side text not null,
          maker_order_id int8 not null,
          taker_order_id int8 not null,
          maker_account int8 not null,
          taker_account int8 not null,
          maker_fee int8 not null,
          taker_fee int8 not null,
          traded_at int8 not null,
          primary key (market_id, trade_id)
        )
      `.execute(db);
      await sql`create index trades_by_time on projector.trades (market_id, traded_at)`.execute(db);
      await sql`create index trades_by_aggregate on projector.trades (market_id, aggregate_id)`.execute(db);
      for (const role of ['maker', 'taker']) {
        const account = sql.ref(`${role}_account`);
        const index = (name: string) => sql.ref(`trades_by_${role}${name}`);
        await sql`create index ${index('')} on projector.trades (${account}, market_id, trade_id)`.execute(
          db,
        );
        await sql`
          create index ${index('_time')} on projector.trades (${account}, market_id, traded_at)
        `.execute(db);
        await sql`
          create index ${index('_order')} on projector.trades (${sql.ref(`${role}_order_id`)})
        `.execute(db);
      }
      await sql`
        create table projector.candles (
          market_id int not null,
          opened_at int8 not null,
          open int8 not null,
          high int8 not null,
          low int8 not null,
          close int8 not null,
          base_volume numeric not null,
          quote_volume numeric not null,
          taker_buy_base numeric not null,
          taker_buy_quote numeric not null,
          first_trade_id int8 not null,
          last_trade_id int8 not null,
          primary key (market_id, opened_at)
        )
      `.execute(db);
    },
  },
  '0002-order-types': {
    up: async (db) => {
      // Every order of before could trade from its beginning.
      await sql`
        alter table projector.orders
          add column self_trade_prevention text not null default 'NONE',
          add column prevented_quantity int8 not null default 0,
          add column prevented_match_id int8,
          add column stop_price int8,
          add column trailing_delta int,
          add column iceberg_quantity int8,
          add column order_list_id int8,
          add column working_at int8
      `.execute(db);
      await sql`update projector.orders set working_at = created_at`.execute(db);
      await sql`
        create table projector.order_lists (
          order_list_id int8 primary key,
          account_id int8 not null,
          market_id int not null,
          list_client_order_id text not null,
          kind text not null,
          status text not null,
          first_order_id int8 not null,
          second_order_id int8 not null,
          third_order_id int8,
          created_at int8 not null,
          updated_at int8 not null
        )
      `.execute(db);
      await sql`create index order_lists_by_id on projector.order_lists (account_id, order_list_id)`.execute(
        db,
      );
      await sql`create index order_lists_by_time on projector.order_lists (account_id, created_at)`.execute(
        db,
      );
      await sql`
        create index order_lists_by_client_order_id
          on projector.order_lists (account_id, list_client_order_id, order_list_id)
      `.execute(db);
      await sql`
        create table projector.amendments (
          order_id int8 not null,
          seq int8 not null,
          account_id int8 not null,
          market_id int not null,
          client_order_id_before text not null,
          client_order_id text not null,
          quantity_before int8 not null,
          quantity int8 not null,
          amended_at int8 not null,
          primary key (order_id, seq)
        )
      `.execute(db);
      await sql`
        create table projector.prevented_matches (
          market_id int not null,
          prevented_match_id int8 not null,
          account_id int8 not null,
          mode text not null,
          price int8 not null,
          taker_order_id int8 not null,
          maker_order_id int8 not null,
          taker_prevented_quantity int8 not null,
          maker_prevented_quantity int8 not null,
          prevented_at int8 not null,
          primary key (market_id, prevented_match_id)
        )
      `.execute(db);
      for (const role of ['taker', 'maker']) {
        await sql`
          create index ${sql.ref(`prevented_matches_by_${role}`)}
            on projector.prevented_matches (${sql.ref(`${role}_order_id`)}, prevented_match_id)
        `.execute(db);
      }
    },
  },
  '0003-ledger': ledgerMigration,
};
