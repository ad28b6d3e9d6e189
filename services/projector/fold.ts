/** What a run of events changes in the read models. Pure: `write-changes.ts` brings it to PostgreSQL. */
import type { Insertable } from 'kysely';
import type { FrameRecord, Message } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import type { Seq, TimeUs, Units } from '#domain/ids.ts';
import { LEDGER_EVENTS } from '#domain/ledger.ts';
import type { Database } from '#platform/database.ts';

const MINUTE_US = 60_000_000;

export type OrderRow = Insertable<Database['projector.orders']>;
export type OrderListRow = Insertable<Database['projector.order_lists']>;
export type AmendmentRow = Insertable<Database['projector.amendments']>;
export type PreventedMatchRow = Insertable<Database['projector.prevented_matches']>;
export type TradeRow = Insertable<Database['projector.trades']>;
/** The trades of these events alone; a minute that began before them has a row already, to be added to. */
export type CandleRow = Insertable<Database['projector.candles']>;

export interface Changes {
  /** Each order once, as it stands after the last event. */
  readonly orders: readonly OrderRow[];
  /** Each list once, likewise. */
  readonly orderLists: readonly OrderListRow[];
  readonly amendments: readonly AmendmentRow[];
  readonly preventedMatches: readonly PreventedMatchRow[];
  readonly trades: readonly TradeRow[];
  /** Each minute of each market once. */
  readonly candles: readonly CandleRow[];
}

/** The events that the read models are made of; the last ones are the ledger's (`ledger/`). */
export const FOLDED_TYPES: ReadonlySet<Message['type']> = new Set([
  'order',
  'orderList',
  'amended',
  'preventedMatch',
  'trade',
  'marketListed',
  ...LEDGER_EVENTS,
] as const);

/** `records` are committed events in order; those that no read model shows are passed over. */
export function fold(records: readonly FrameRecord[]): Changes {
  const folding = new Folding();
  for (const record of records) folding.take(record);
  return folding.changes();
}

class Folding {
  readonly #orders = new Map<number, OrderRow>();
  readonly #orderLists = new Map<number, OrderListRow>();
  readonly #amendments: AmendmentRow[] = [];
  readonly #preventedMatches: PreventedMatchRow[] = [];
  readonly #trades: TradeRow[] = [];
  readonly #candles = new Map<string, Candle>();
  /** By order: the last match that took something out of it. */
  readonly #preventedIn = new Map<number, number>();
  /** An amendment precedes the order as it stands afterwards, which alone has the new client order id. */
  #amended: EventOf<'amended'> | undefined;

  take({ id, timeUs, message }: FrameRecord): void {
    const at = timeUs as TimeUs;
    switch (message.type) {
      case 'order':
        this.#takeOrder(message, id as Seq, at);
        break;
      case 'orderList':
        this.#orderLists.set(message.orderListId, orderListRow(message, at));
        break;
      case 'amended':
        this.#amended = message;
        break;
      case 'preventedMatch':
        this.#takePreventedMatch(message, at);
        break;
      case 'trade':
        this.#trades.push(tradeRow(message, at));
        addToCandle(this.#candles, message, at);
        break;
    }
  }

  changes(): Changes {
    return {
      orders: [...this.#orders.values()],
      orderLists: [...this.#orderLists.values()],
      amendments: this.#amendments,
      preventedMatches: this.#preventedMatches,
      trades: this.#trades,
      candles: [...this.#candles.values()].map(candleRow),
    };
  }

  #takeOrder(order: EventOf<'order'>, seq: Seq, at: TimeUs): void {
    const preventedIn = this.#preventedIn.get(order.orderId) ?? null;
    this.#orders.set(order.orderId, orderRow(order, preventedIn, at));
    if (this.#amended?.orderId !== order.orderId) return;
    this.#amendments.push(amendmentRow(this.#amended, order.clientOrderId, seq, at));
    this.#amended = undefined;
  }

  #takePreventedMatch(match: EventOf<'preventedMatch'>, at: TimeUs): void {
    this.#preventedMatches.push(preventedMatchRow(match, at));
    const { preventedMatchId, takerOrderId, takerPreventedQuantity } = match;
    if (match.makerPreventedQuantity > 0) this.#preventedIn.set(match.makerOrderId, preventedMatchId);
    if (takerPreventedQuantity === 0) return;
    this.#preventedIn.set(takerOrderId, preventedMatchId);
    // A taker's row is of the same command; if it goes on and nothing trades, no other event tells of its loss.
    const taker = this.#orders.get(takerOrderId)!;
    this.#orders.set(takerOrderId, {
      ...taker,
      prevented_quantity: (taker.prevented_quantity + takerPreventedQuantity) as Units,
      prevented_match_id: preventedMatchId,
    });
  }
}

function orderRow(order: EventOf<'order'>, preventedIn: number | null, at: TimeUs): OrderRow {
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
    self_trade_prevention: order.selfTradePrevention,
    prevented_quantity: order.preventedQuantity,
    prevented_match_id: preventedIn,
    stop_price: order.stopPrice,
    trailing_delta: order.trailingDelta,
    iceberg_quantity: order.icebergQuantity,
    order_list_id: order.orderListId,
    created_at: order.createdAt,
    working_at: order.workingAt,
    updated_at: at,
  };
}

function orderListRow(list: EventOf<'orderList'>, at: TimeUs): OrderListRow {
  return {
    order_list_id: list.orderListId,
    account_id: list.account,
    market_id: list.market,
    list_client_order_id: list.listClientOrderId,
    kind: list.kind,
    status: list.status,
    first_order_id: list.firstOrderId,
    second_order_id: list.secondOrderId,
    third_order_id: list.thirdOrderId,
    created_at: list.createdAt,
    updated_at: at,
  };
}

function amendmentRow(
  amended: EventOf<'amended'>,
  clientOrderId: string,
  seq: Seq,
  at: TimeUs,
): AmendmentRow {
  return {
    seq,
    order_id: amended.orderId,
    account_id: amended.account,
    market_id: amended.market,
    client_order_id_before: amended.clientOrderIdBefore,
    client_order_id: clientOrderId,
    quantity_before: amended.quantityBefore,
    quantity: amended.quantity,
    amended_at: at,
  };
}

function preventedMatchRow(match: EventOf<'preventedMatch'>, at: TimeUs): PreventedMatchRow {
  return {
    market_id: match.market,
    prevented_match_id: match.preventedMatchId,
    account_id: match.account,
    mode: match.mode,
    price: match.price,
    taker_order_id: match.takerOrderId,
    maker_order_id: match.makerOrderId,
    taker_prevented_quantity: match.takerPreventedQuantity,
    maker_prevented_quantity: match.makerPreventedQuantity,
    prevented_at: at,
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
