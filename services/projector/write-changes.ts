/** Brings folded changes to PostgreSQL, many rows a statement. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '#platform/database.ts';
import type {
  AmendmentRow,
  CandleRow,
  Changes,
  OrderListRow,
  OrderRow,
  PreventedMatchRow,
  TradeRow,
} from './fold.ts';
import { type Columns, chunks, rowsOf } from './rows.ts';

const orderColumns: Columns<OrderRow> = {
  order_id: 'int8',
  account_id: 'int8',
  market_id: 'int',
  client_order_id: 'text',
  side: 'text',
  order_type: 'text',
  time_in_force: 'text',
  status: 'text',
  price: 'int8',
  quantity: 'int8',
  quote_order_qty: 'int8',
  executed_quantity: 'int8',
  executed_quote: 'int8',
  self_trade_prevention: 'text',
  prevented_quantity: 'int8',
  prevented_match_id: 'int8',
  stop_price: 'int8',
  trailing_delta: 'int',
  iceberg_quantity: 'int8',
  order_list_id: 'int8',
  created_at: 'int8',
  working_at: 'int8',
  updated_at: 'int8',
};

const orderListColumns: Columns<OrderListRow> = {
  order_list_id: 'int8',
  account_id: 'int8',
  market_id: 'int',
  list_client_order_id: 'text',
  kind: 'text',
  status: 'text',
  first_order_id: 'int8',
  second_order_id: 'int8',
  third_order_id: 'int8',
  created_at: 'int8',
  updated_at: 'int8',
};

const amendmentColumns: Columns<AmendmentRow> = {
  seq: 'int8',
  order_id: 'int8',
  account_id: 'int8',
  market_id: 'int',
  client_order_id_before: 'text',
  client_order_id: 'text',
  quantity_before: 'int8',
  quantity: 'int8',
  amended_at: 'int8',
};

const preventedMatchColumns: Columns<PreventedMatchRow> = {
  market_id: 'int',
  prevented_match_id: 'int8',
  account_id: 'int8',
  mode: 'text',
  price: 'int8',
  taker_order_id: 'int8',
  maker_order_id: 'int8',
  taker_prevented_quantity: 'int8',
  maker_prevented_quantity: 'int8',
  prevented_at: 'int8',
};

const tradeColumns: Columns<TradeRow> = {
  market_id: 'int',
  trade_id: 'int8',
  aggregate_id: 'int8',
  price: 'int8',
  quantity: 'int8',
  quote_quantity: 'int8',
  taker_side: 'text',
  maker_order_id: 'int8',
  taker_order_id: 'int8',
  maker_account: 'int8',
  taker_account: 'int8',
  maker_fee: 'int8',
  taker_fee: 'int8',
  traded_at: 'int8',
};

const candleColumns: Columns<CandleRow> = {
  market_id: 'int',
  opened_at: 'int8',
  open: 'int8',
  high: 'int8',
  low: 'int8',
  close: 'int8',
  base_volume: 'numeric',
  quote_volume: 'numeric',
  taker_buy_base: 'numeric',
  taker_buy_quote: 'numeric',
  first_trade_id: 'int8',
  last_trade_id: 'int8',
};

/** Must run in the transaction that moves the position: a second time, trades collide and volumes double. */
export async function writeChanges(db: Kysely<Database>, changes: Changes): Promise<void> {
  for (const orders of chunks(changes.orders)) {
    await sql`
      insert into projector.orders as stored ${rowsOf(orders, orderColumns)}
      on conflict (order_id) do update set
        client_order_id = excluded.client_order_id,
        status = excluded.status,
        quantity = excluded.quantity,
        executed_quantity = excluded.executed_quantity,
        executed_quote = excluded.executed_quote,
        prevented_quantity = excluded.prevented_quantity,
        prevented_match_id = coalesce(excluded.prevented_match_id, stored.prevented_match_id),
        working_at = excluded.working_at,
        updated_at = excluded.updated_at
    `.execute(db);
  }
  for (const lists of chunks(changes.orderLists)) {
    await sql`
      insert into projector.order_lists ${rowsOf(lists, orderListColumns)}
      on conflict (order_list_id) do update set
        status = excluded.status,
        updated_at = excluded.updated_at
    `.execute(db);
  }
  for (const amendments of chunks(changes.amendments)) {
    await sql`insert into projector.amendments ${rowsOf(amendments, amendmentColumns)}`.execute(db);
  }
  for (const matches of chunks(changes.preventedMatches)) {
    await sql`insert into projector.prevented_matches ${rowsOf(matches, preventedMatchColumns)}`.execute(db);
  }
  for (const trades of chunks(changes.trades)) {
    await sql`insert into projector.trades ${rowsOf(trades, tradeColumns)}`.execute(db);
  }
  for (const candles of chunks(changes.candles)) {
    await sql`
      insert into projector.candles as stored ${rowsOf(candles, candleColumns)}
      on conflict (market_id, opened_at) do update set
        high = greatest(stored.high, excluded.high),
        low = least(stored.low, excluded.low),
        close = excluded.close,
        base_volume = stored.base_volume + excluded.base_volume,
        quote_volume = stored.quote_volume + excluded.quote_volume,
        taker_buy_base = stored.taker_buy_base + excluded.taker_buy_base,
        taker_buy_quote = stored.taker_buy_quote + excluded.taker_buy_quote,
        last_trade_id = excluded.last_trade_id
    `.execute(db);
  }
}
