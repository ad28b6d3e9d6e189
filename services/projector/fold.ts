/** What a run of events changes in the read models. Pure: `write-changes.ts` brings it to PostgreSQL. */
import type { Insertable } from 'kysely';
import type { FrameRecord, Message } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import type { TimeUs } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';

const MINUTE_US = 60_000_000;

export type OrderRow = Insertable<Database['projector.orders']>;
export type TradeRow = Insertable<Database['projector.trades']>;
/** The trades of these events alone; a minute that began before them has a row already, to be added to. */
export type CandleRow = Insertable<Database['projector.candles']>;

export interface Changes {
  /** Each order once, as it stands after the last event. */
  readonly orders: readonly OrderRow[];
  readonly trades: readonly TradeRow[];
  /** Each minute of each market once. */
  readonly candles: readonly CandleRow[];
}

/** The events that the read models are made of. */
export const FOLDED_TYPES: ReadonlySet<Message['type']> = new Set(['order', 'trade'] as const);

/** `records` are committed events in order; those that no read model shows are passed over. */
export function fold(records: readonly FrameRecord[]): Changes {
  const orders = new Map<number, OrderRow>();
  const trades: TradeRow[] = [];
  const candles = new Map<string, Candle>();
  for (const { timeUs, message } of records) {
    const at = timeUs as TimeUs;
    if (message.type === 'order') {
      orders.set(message.orderId, orderRow(message, at));
    } else if (message.type === 'trade') {
      trades.push(tradeRow(message, at));
      addToCandle(candles, message, at);
    }
  }
  return {
    orders: [...orders.values()],
    trades,
    candles: [...candles.values()].map(candleRow),
  };
}

function orderRow(order: EventOf<'order'>, at: TimeUs): OrderRow {
  return {
    order_id: order.orderId,
    account_id: order.account,
    market_id: order.market,
    client_order_id: order.clientOrderId,
    side: order.side,
    order_type: order.orderType,
    time_in_force: order.timeInForce,
    status: order.status,
    price: order.price,
    quantity: order.quantity,
    quote_order_qty: order.quoteOrderQty,
    executed_quantity: order.executedQuantity,
    executed_quote: order.executedQuote,
    created_at: order.createdAt,
    updated_at: at,
  };
}

function tradeRow(trade: EventOf<'trade'>, at: TimeUs): TradeRow {
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
    traded_at: at,
  };
}

type Prices = Pick<CandleRow, 'open' | 'high' | 'low' | 'close'>;
type Ids = Pick<CandleRow, 'market_id' | 'opened_at' | 'first_trade_id' | 'last_trade_id'>;

/** Volumes are summed as bigints: the quantities of a minute together can pass 2^53. */
interface Candle extends Prices, Ids {
  base: bigint;
  quote: bigint;
  takerBuyBase: bigint;
  takerBuyQuote: bigint;
}

function addToCandle(candles: Map<string, Candle>, trade: EventOf<'trade'>, at: TimeUs): void {
  const { market, price, tradeId } = trade;
  const openedAt = (at - (at % MINUTE_US)) as TimeUs;
  const key = `${market}:${openedAt}`;
  let candle = candles.get(key);
  if (candle === undefined) {
    const ids = { market_id: market, opened_at: openedAt, first_trade_id: tradeId, last_trade_id: tradeId };
    const prices = { open: price, high: price, low: price, close: price };
    candle = { ...ids, ...prices, base: 0n, quote: 0n, takerBuyBase: 0n, takerBuyQuote: 0n };
    candles.set(key, candle);
  }
  if (price > candle.high) candle.high = price;
  if (price < candle.low) candle.low = price;
  candle.close = price;
  candle.last_trade_id = tradeId;
  candle.base += BigInt(trade.quantity);
  candle.quote += BigInt(trade.quoteQuantity);
  if (trade.takerSide === 'BUY') {
    candle.takerBuyBase += BigInt(trade.quantity);
    candle.takerBuyQuote += BigInt(trade.quoteQuantity);
  }
}

function candleRow({ base, quote, takerBuyBase, takerBuyQuote, ...row }: Candle): CandleRow {
  return {
    ...row,
    base_volume: String(base),
    quote_volume: String(quote),
    taker_buy_base: String(takerBuyBase),
    taker_buy_quote: String(takerBuyQuote),
  };
}
