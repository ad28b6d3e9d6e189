/** The ledger's tables, and what holds them to their sum. */
import { type Migration, sql } from 'kysely';
import { FEE_ACCOUNT } from '#domain/ids.ts';
import { LEDGER_KINDS } from '#domain/ledger.ts';

export const ledgerMigration: Migration = {
  up: async (db) => {
    await sql`
      create table projector.markets (
        market_id int primary key,
        symbol text not null,
        base_asset_id int not null,
        quote_asset_id int not null
      )
    `.execute(db);
    await sql`create type projector.ledger_kind as enum (${sql.join(LEDGER_KINDS.map((kind) => sql.lit(kind)))})`.execute(
      db,
    );
    await sql`
      create table projector.ledger_movements (
        seq int8 not null,
        happened_at int8 not null,
        amount int8 not null check (amount > 0),
        fee int8 not null check (fee >= 0 and fee <= amount),
        from_balance int8 not null,
        to_balance int8 not null,
        trade_id int8,
        entry int not null,
        asset_id int not null,
        from_account int not null,
        to_account int not null,
        from_kind projector.ledger_kind not null,
        to_kind projector.ledger_kind not null,
        market_id int,
        event text not null,
        reference text,
        primary key (seq, entry, asset_id)
      )
    `.execute(db);
    for (const side of ['from', 'to']) {
      const account = sql.ref(`${side}_account`);
      await sql`
        create index ${sql.ref(`ledger_movements_${side}`)}
          on projector.ledger_movements (${account}, asset_id, happened_at, seq, entry)
          where ${account} > 0
      `.execute(db);
    }
    await sql`
      create index ledger_movements_reference on projector.ledger_movements (reference)
        where reference is not null
    `.execute(db);
    await sql`
      create view projector.ledger_postings as
        select seq, entry, event, asset_id, from_kind as kind, from_account as account_id, -amount as amount
          from projector.ledger_movements
        union all
        select seq, entry, event, asset_id, to_kind, to_account, amount - fee from projector.ledger_movements
        union all
        select seq, entry, event, asset_id, 'fees', ${sql.lit(FEE_ACCOUNT)}, fee from projector.ledger_movements
          where fee > 0
    `.execute(db);
    await sql`
      create table projector.ledger_balances (
        balance int8 not null,
        account_id int not null,
        asset_id int not null,
        kind projector.ledger_kind not null,
        primary key (account_id, asset_id, kind),
        check (case kind when 'custody' then balance <= 0 else balance >= 0 end)
      ) with (fillfactor = 50)
    `.execute(db);
    await sql`
      create function projector.refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '%.% is append-only: what was wrong is made good by another movement',
          tg_table_schema, tg_table_name;
      end $$
    `.execute(db);
    await sql`
      create trigger append_only before update or delete on projector.ledger_movements
        for each statement execute function projector.refuse_change()
    `.execute(db);
    await createBalancing(db);
    await createBeginning(db);
    await sql`select projector.begin_again()`.execute(db);
  },
};

type Schema = Parameters<Migration['up']>[0];

/**
 * No transaction may change the sum of an asset's balances, whichever statements it changes them by. Each statement is
 * looked at as a whole, which costs a tenth of a look at each row, and what it leaves open is noted; at the commit
 * nothing may be left of it.
 */
async function createBalancing(db: Schema): Promise<void> {
  await sql`
    create table projector.ledger_imbalances (
      asset_id int primary key,
      amount numeric not null
    )
  `.execute(db);
  await sql`
    create function projector.note_imbalance() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        insert into projector.ledger_imbalances as noted
          select asset_id, sum(balance) from after_it group by asset_id having sum(balance) <> 0
        on conflict (asset_id) do update set amount = noted.amount + excluded.amount;
      else
        insert into projector.ledger_imbalances as noted
          select asset_id, sum(change) from (
            select asset_id, balance as change from after_it
            union all
            select asset_id, -balance from before_it
          ) changes group by asset_id having sum(change) <> 0
        on conflict (asset_id) do update set amount = noted.amount + excluded.amount;
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger note_new after insert on projector.ledger_balances
      referencing new table as after_it for each statement execute function projector.note_imbalance()
  `.execute(db);
  await sql`
    create trigger note_changed after update on projector.ledger_balances
      referencing old table as before_it new table as after_it
      for each statement execute function projector.note_imbalance()
  `.execute(db);
  await sql`
    create trigger never_gone before delete on projector.ledger_balances
      for each statement execute function projector.refuse_change()
  `.execute(db);
  await sql`
    create function projector.refuse_imbalance() returns trigger language plpgsql as $$
    declare
      rest numeric;
    begin
      delete from projector.ledger_imbalances noted where noted.asset_id = new.asset_id
        returning amount into rest;
      if rest <> 0 then
        raise exception 'the balances of asset % would sum to % more than before, and have to sum to zero',
          new.asset_id, rest using errcode = 'check_violation';
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`
    create constraint trigger balanced after insert or update on projector.ledger_imbalances
      deferrable initially deferred for each row execute function projector.refuse_imbalance()
  `.execute(db);
}

/**
 * Forgets all read models, so that they are made again from the first event: here, since the ledger begins with the
 * first deposit, and whenever they are not believed any more (`docs/runbook.md`).
 */
async function createBeginning(db: Schema): Promise<void> {
  await sql`
    create function projector.begin_again() returns void language sql as $$
      truncate projector.orders, projector.order_lists, projector.amendments, projector.prevented_matches,
        projector.trades, projector.candles, projector.markets, projector.ledger_movements,
        projector.ledger_balances;
      update projector.position set seq = 0;
    $$
  `.execute(db);
}
