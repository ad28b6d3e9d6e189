/**
 * What a command did to orders, as each order's account is told it: an execution for every step of every order. Pure.
 *
 * The engine tells a maker's order after each of its trades, but a taker's once, after all of them, and what self-trade
 * prevention took out of a taker only with what becomes of it. A client is told each step, with the order as it stood
 * then: so a step's own event may come later among the command's events, and is looked for there.
 */
import assert from 'node:assert/strict';
import type { Event, EventOf } from '#domain/events.ts';
import type { OrderId, Seq, Units } from '#domain/ids.ts';
import type { OrderStatus } from '#domain/orders.ts';

export type Order = EventOf<'order'>;
export type Trade = EventOf<'trade'>;
export type PreventedMatch = EventOf<'preventedMatch'>;

/** Types: https://developers.binance.com/docs/binance-spot-api-docs/enums */
type ExecutionType = 'NEW' | 'CANCELED' | 'REPLACED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';

export interface Execution {
  readonly type: ExecutionType;
  /** As it stands after this step. */
  readonly order: Order;
  /** What a cancel or an amendment calls the order that it found; empty for any other step. */
  readonly originalId: string;
  /** The trade of a TRADE, and on which side of it the order was. */
  readonly trade?: Trade;
  readonly isMaker?: boolean;
  /** Of a TRADE_PREVENTION. */
  readonly prevented?: PreventedMatch;
}

/** The execution that an event of `events` stands for at its place; a trade or a prevented match may stand for two. */
export type ExecutionsAt = ReadonlyMap<Event, readonly Execution[]>;

/** `events` are all that a command did, in order. */
export function executionsOf(events: readonly Event[], seq: Seq): ExecutionsAt {
  const folding = new Folding(events, seq);
  return new Map(events.map((event, index) => [event, folding.take(event, index)]));
}

const TYPES: Readonly<Partial<Record<OrderStatus, ExecutionType>>> = {
  NEW: 'NEW',
  PENDING_NEW: 'NEW',
  CANCELED: 'CANCELED',
  EXPIRED: 'EXPIRED',
  REJECTED: 'REJECTED',
  // Of a taker of which nothing could be told to be prevented: see `exactLots` in the engine.
  EXPIRED_IN_MATCH: 'TRADE_PREVENTION',
};

class Folding {
  readonly #events: readonly Event[];
  readonly #seq: Seq;
  /** Orders as they were last told. */
  readonly #standing = new Map<OrderId, Order>();
  /** Events that an earlier step has told already. */
  readonly #told = new Set<Event>();
  #amended: EventOf<'amended'> | undefined;

  constructor(events: readonly Event[], seq: Seq) {
    this.#events = events;
    this.#seq = seq;
  }

  take(event: Event, index: number): readonly Execution[] {
    switch (event.type) {
      case 'order':
        return this.#told.has(event) ? [] : [this.#takeOrder(event)];
      case 'trade':
        return [this.#takerTrades(event, index), this.#makerTrades(event, index)];
      case 'preventedMatch':
        return [...this.#takerIsPrevented(event, index), ...this.#makerIsPrevented(event, index)];
      case 'amended':
        this.#amended = event;
        return [];
      default:
        return [];
    }
  }

  #takeOrder(told: Order): Execution {
    const amended = this.#amended?.orderId === told.orderId ? this.#amended : undefined;
    this.#amended = undefined;
    const type = amended === undefined ? TYPES[told.status] : 'REPLACED';
    assert(type !== undefined, `order ${told.orderId} became ${told.status} without a cause`);
    const isCanceled = type === 'CANCELED';
    const order = isCanceled ? { ...told, cancelId: this.#cancelIdOf(told) } : told;
    this.#standing.set(order.orderId, order);
    const originalId = isCanceled ? order.clientOrderId : (amended?.clientOrderIdBefore ?? '');
    return { type, order, originalId };
  }

  /** A cancel's own id counts for the whole list; without one, it is the id that a reply to `cancelAll` has too. */
  #cancelIdOf({ cancelId, orderListId }: Order): string {
    if (cancelId !== '') return cancelId;
    const ofList = this.#events.find(
      (event) => event.type === 'order' && event.cancelId !== '' && event.orderListId === orderListId,
    ) as Order | undefined;
    return orderListId !== null && ofList !== undefined ? ofList.cancelId : cancelAllId(this.#seq);
  }

  #takerTrades(trade: Trade, index: number): Execution {
    const { takerOrderId: orderId, quantity, quoteQuantity } = trade;
    const next = this.#nextOf(orderId, index);
    const order = next?.type === 'order' ? this.#tell(next) : this.#later(orderId, quantity, quoteQuantity);
    return { type: 'TRADE', order, originalId: '', trade, isMaker: false };
  }

  #makerTrades(trade: Trade, index: number): Execution {
    const order = this.#events[index + 1];
    assert(
      order?.type === 'order' && order.orderId === trade.makerOrderId,
      "a maker's order follows its trade",
    );
    return { type: 'TRADE', order: this.#tell(order), originalId: '', trade, isMaker: true };
  }

  /** The taker at a trade that is not its last, which the engine does not tell. */
  #later(orderId: OrderId, quantity: Units, quoteQuantity: Units): Order {
    const before = this.#standingOf(orderId);
    const order: Order = {
      ...before,
      status: 'PARTIALLY_FILLED',
      executedQuantity: (before.executedQuantity + quantity) as Units,
      executedQuote: (before.executedQuote + quoteQuantity) as Units,
    };
    this.#standing.set(orderId, order);
    return order;
  }

  #takerIsPrevented(prevented: PreventedMatch, index: number): Execution[] {
    const { takerOrderId: orderId, takerPreventedQuantity } = prevented;
    if (takerPreventedQuantity === 0) return [];
    const before = this.#standingOf(orderId);
    const preventedQuantity = (before.preventedQuantity + takerPreventedQuantity) as Units;
    const order = this.#afterPrevention(orderId, index) ?? { ...before, preventedQuantity };
    this.#standing.set(orderId, order);
    return [{ type: 'TRADE_PREVENTION', order, originalId: '', prevented }];
  }

  /** The taker's own event, if this is the last that it met: told once more when it has traded before and ends here. */
  #afterPrevention(orderId: OrderId, index: number): Order | undefined {
    const next = this.#nextOf(orderId, index);
    if (next?.type !== 'order' || next.status === 'EXPIRED') return undefined;
    this.#told.add(next);
    const last = this.#events[this.#events.indexOf(next) + 1];
    const endsHere =
      next.status === 'PARTIALLY_FILLED' &&
      last?.type === 'order' &&
      last.orderId === orderId &&
      last.status === 'EXPIRED_IN_MATCH';
    return this.#tell(endsHere ? last : next);
  }

  #makerIsPrevented(prevented: PreventedMatch, index: number): Execution[] {
    const { makerOrderId, makerPreventedQuantity } = prevented;
    if (makerPreventedQuantity === 0) return [];
    const order = this.#events[index + 1];
    assert(order?.type === 'order' && order.orderId === makerOrderId, "a maker's order follows its match");
    return [{ type: 'TRADE_PREVENTION', order: this.#tell(order), originalId: '', prevented }];
  }

  #tell(order: Order): Order {
    this.#told.add(order);
    this.#standing.set(order.orderId, order);
    return order;
  }

  #standingOf(orderId: OrderId): Order {
    const order = this.#standing.get(orderId);
    assert(order, `order ${orderId} takes before it was told`);
    return order;
  }

  /** The next event that changes the order as a taker, or tells it. */
  #nextOf(orderId: OrderId, index: number): Order | Trade | PreventedMatch | undefined {
    for (let at = index + 1; at < this.#events.length; at++) {
      const event = this.#events[at]!;
      if (event.type === 'order' && event.orderId === orderId) return event;
      if (event.type === 'trade' && event.takerOrderId === orderId) return event;
      const isPrevented = event.type === 'preventedMatch' && event.takerPreventedQuantity > 0;
      if (isPrevented && event.takerOrderId === orderId) return event;
    }
    return undefined;
  }
}

/** One cancel of all ends many orders: its place in the journal is an id that every reader of its events finds alike. */
export function cancelAllId(seq: Seq): string {
  return `cancel-all-${seq}`;
}
