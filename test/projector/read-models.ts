/** The read models as they are, and as they should be after a run of events. */
import type { Kysely } from 'kysely';
import type { Frame, FrameRecord } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import type { Database } from '#platform/database.ts';
import { expectedLedger, storedLedger } from './ledger/expected-ledger.ts';

export async function storedReadModels(db: Kysely<Database>) {
  const [position, orders, orderLists, amendments, preventedMatches, trades, candles, ledger] =
    await Promise.all([
      db.selectFrom('projector.position').select('seq').executeTakeFirstOrThrow(),
      db.selectFrom('projector.orders').selectAll().orderBy('order_id').execute(),
      db.selectFrom('projector.order_lists').selectAll().orderBy('order_list_id').execute(),
      db.selectFrom('projector.amendments').selectAll().orderBy('seq').execute(),
      db
        .selectFrom('projector.prevented_matches')
        .selectAll()
        .orderBy('market_id')
        .orderBy('prevented_match_id')
        .execute(),
      db.selectFrom('projector.trades').selectAll().orderBy('market_id').orderBy('trade_id').execute(),
      db.selectFrom('projector.candles').selectAll().orderBy('market_id').orderBy('opened_at').execute(),
      storedLedger(db),
    ]);
  return { seq: position.seq, orders, orderLists, amendments, preventedMatches, trades, candles, ledger };
}

type Trade = EventOf<'trade'> & { readonly timeUs: number };

/** Told from all events at once, market by market and minute by minute, without any running state. */
export function expectedReadModels(frames: readonly Frame[]) {
  const records = frames.flatMap((frame) => frame.records);
  const orders = new Map<number, object>();
  const trades: Trade[] = [];
  for (const { timeUs, message } of records) {
    if (message.type === 'trade') trades.push({ ...message, timeUs });
    if (message.type !== 'order') continue;
    orders.set(message.orderId, {
      order_id: message.orderId,
      account_id: message.account,
      market_id: message.market,
      client_order_id: message.clientOrderId,
      side: message.side,
      order_type: message.orderType,
      time_in_force: message.timeInForce,
      status: message.status,
      price: message.price,
      quantity: message.quantity,
      quote_order_qty: message.quoteOrderQty,
      executed_quantity: message.executedQuantity,
      executed_quote: message.executedQuote,
      self_trade_prevention: message.selfTradePrevention,
      ...preventedOf(message.orderId, records),
      stop_price: message.stopPrice,
      trailing_delta: message.trailingDelta,
      iceberg_quantity: message.icebergQuantity,
      order_list_id: message.orderListId,
      created_at: message.createdAt,
      working_at: message.workingAt,
      updated_at: timeUs,
    });
  }
  trades.sort((a, b) => a.market - b.market || a.tradeId - b.tradeId);
  const minuteOf = (trade: Trade) => Math.floor(trade.timeUs / 60e6) * 60e6;
  const minutes = Map.groupBy(trades, (trade) => `${trade.market} ${minuteOf(trade)}`);
  return {
    seq: frames.at(-1)?.lastSeq ?? 0,
    orders: [...orders.entries()].sort(([a], [b]) => a - b).map(([, row]) => row),
    orderLists: orderListRows(records),
    amendments: amendmentRows(records),
    preventedMatches: preventedMatchRows(records),
    trades: trades.map(tradeRow),
    candles: [...minutes.values()].map((inMinute) => candleRow(inMinute, minuteOf(inMinute[0]!))),
    ledger: expectedLedger(records),
  };
}

/** All that self-trade prevention took out of an order, and the last match that did. */
function preventedOf(orderId: number, records: readonly FrameRecord[]) {
  const matches = records.flatMap(({ message }) => {
    if (message.type !== 'preventedMatch') return [];
    const { takerOrderId, makerOrderId, preventedMatchId } = message;
    const taken = takerOrderId === orderId ? message.takerPreventedQuantity : 0;
    const made = makerOrderId === orderId ? message.makerPreventedQuantity : 0;
    return taken + made > 0 ? { preventedMatchId, quantity: taken + made } : [];
  });
  return {
    prevented_quantity: matches.reduce((total, { quantity }) => total + quantity, 0),
    prevented_match_id: matches.at(-1)?.preventedMatchId ?? null,
  };
}

function orderListRows(records: readonly FrameRecord[]) {
  const lists = new Map<number, object>();
  for (const { timeUs, message } of records) {
    if (message.type !== 'orderList') continue;
    lists.set(message.orderListId, {
      order_list_id: message.orderListId,
      account_id: message.account,
      market_id: message.market,
      list_client_order_id: message.listClientOrderId,
      kind: message.kind,
      status: message.status,
      first_order_id: message.firstOrderId,
      second_order_id: message.secondOrderId,
      third_order_id: message.thirdOrderId,
      created_at: message.createdAt,
      updated_at: timeUs,
    });
  }
  return [...lists.entries()].sort(([a], [b]) => a - b).map(([, row]) => row);
}

function amendmentRows(records: readonly FrameRecord[]) {
  return records.flatMap(({ id, timeUs, message }, at) => {
    if (message.type !== 'amended') return [];
    const after = records[at + 1]!.message as EventOf<'order'>;
    return {
      seq: id,
      order_id: message.orderId,
      account_id: message.account,
      market_id: message.market,
      client_order_id_before: message.clientOrderIdBefore,
      client_order_id: after.clientOrderId,
      quantity_before: message.quantityBefore,
      quantity: message.quantity,
      amended_at: timeUs,
    };
  });
}

function preventedMatchRows(records: readonly FrameRecord[]) {
  return records
    .flatMap(({ timeUs, message }) => (message.type === 'preventedMatch' ? { ...message, timeUs } : []))
    .sort((a, b) => a.market - b.market || a.preventedMatchId - b.preventedMatchId)
    .map((match) => ({
      market_id: match.market,
      prevented_match_id: match.preventedMatchId,
      account_id: match.account,
      mode: match.mode,
      price: match.price,
      taker_order_id: match.takerOrderId,
      maker_order_id: match.makerOrderId,
      taker_prevented_quantity: match.takerPreventedQuantity,
      maker_prevented_quantity: match.makerPreventedQuantity,
      prevented_at: match.timeUs,
    }));
}

function tradeRow(trade: Trade) {
  return {
    market_id: trade.market,
    trade_id: trade.tradeId,
    aggregate_id: trade.aggregateId,
    price: trade.price,
    quantity: trade.quantity,
    quote_quantity: trade.quoteQuantity,
    taker_side: trade.takerSide,
    maker_order_id: trade.makerOrderId,
    taker_order_id: trade.takerOrderId,
    maker_account: trade.makerAccount,
    taker_account: trade.takerAccount,
    maker_fee: trade.makerFee,
    taker_fee: trade.takerFee,
    traded_at: trade.timeUs,
  };
}

function candleRow(trades: readonly Trade[], openedAt: number) {
  const prices = trades.map(({ price }) => price);
  const bought = trades.filter(({ takerSide }) => takerSide === 'BUY');
  const sum = (of: readonly Trade[], field: 'quantity' | 'quoteQuantity') =>
    String(of.reduce((total, trade) => total + BigInt(trade[field]), 0n));
  return {
    market_id: trades[0]!.market,
    opened_at: openedAt,
    open: prices[0],
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1),
    base_volume: sum(trades, 'quantity'),
    quote_volume: sum(trades, 'quoteQuantity'),
    taker_buy_base: sum(bought, 'quantity'),
    taker_buy_quote: sum(bought, 'quoteQuantity'),
    first_trade_id: trades[0]!.tradeId,
    last_trade_id: trades.at(-1)!.tradeId,
  };
}
