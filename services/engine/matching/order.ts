/** An order inside the engine, in ticks and lots, so that all arithmetic is on small integers; and its queue. */
import type { EventOf } from '#domain/events.ts';
import type { AccountId, OrderId, Price, TimeUs, Units } from '#domain/ids.ts';
import type { OrderStatus, OrderType, Side, TimeInForce } from '#domain/orders.ts';
import type { Market } from './market.ts';

/** Mutable and reused (`order-pool.ts`): keep no reference to an order that has ended. */
export class Order {
  id = 0 as OrderId;
  account = 0 as AccountId;
  market: Market;
  side: Side = 'BUY';
  type: OrderType = 'LIMIT';
  timeInForce: TimeInForce = 'GTC';
  status: OrderStatus = 'NEW';
  /** The limit price in ticks; 0 for MARKET. */
  ticks = 0;
  /** Ordered lots; of a quoteOrderQty order 0 while it runs, then what it executed. */
  lots = 0;
  quoteOrderQty: Units | null = null;
  executedLots = 0;
  /** Quote units paid or received so far, before fees. Stays below 2^53: see `admission.ts`. */
  executedQuote = 0;
  createdAt = 0 as TimeUs;
  clientOrderId = '';
  /** The level it rests at and its neighbours there, older and younger; null while it does not rest. */
  level: Level | null = null;
  older: Order | null = null;
  younger: Order | null = null;

  constructor(market: Market) {
    this.market = market;
  }

  get remainingLots(): number {
    return this.lots - this.executedLots;
  }

  /** What an open order keeps held: quote at its limit price for a BUY, base for a SELL; in units. */
  get heldUnits(): number {
    return this.side === 'BUY'
      ? this.market.quoteUnits(this.ticks, this.remainingLots)
      : this.remainingLots * this.market.lot;
  }
}

/** All orders resting at one price, oldest first, linked through the orders themselves. */
export class Level {
  readonly side: Side;
  readonly ticks: number;
  /** Rises from the worst price of the side to the best, whichever side it is. */
  readonly rank: number;
  lots = 0;
  orders = 0;
  oldest: Order | null = null;
  youngest: Order | null = null;
  /** Whether it is among {@link OrderBook.changed}. */
  changed = false;

  constructor(side: Side, ticks: number) {
    this.side = side;
    this.ticks = ticks;
    this.rank = rankOf(side, ticks);
  }

  append(order: Order): void {
    order.level = this;
    order.older = this.youngest;
    order.younger = null;
    if (this.youngest === null) this.oldest = order;
    else this.youngest.younger = order;
    this.youngest = order;
    this.orders++;
    this.lots += order.remainingLots;
  }

  unlink(order: Order): void {
    if (order.older === null) this.oldest = order.younger;
    else order.older.younger = order.younger;
    if (order.younger === null) this.youngest = order.older;
    else order.younger.older = order.older;
    order.level = null;
    order.older = null;
    order.younger = null;
    this.orders--;
    this.lots -= order.remainingLots;
  }
}

/** A price as a number that is higher the better the price is for whoever takes from this side. */
export function rankOf(side: Side, ticks: number): number {
  return side === 'BUY' ? ticks : -ticks;
}

/** The order as it stands, in asset units. */
export function orderEvent(order: Order, cancelId = ''): EventOf<'order'> {
  const { market } = order;
  return {
    type: 'order',
    orderId: order.id,
    account: order.account,
    market: market.id,
    side: order.side,
    orderType: order.type,
    timeInForce: order.timeInForce,
    status: order.status,
    price: order.type === 'MARKET' ? null : ((order.ticks * market.tick) as Price),
    quantity: (order.lots * market.lot) as Units,
    quoteOrderQty: order.quoteOrderQty,
    executedQuantity: (order.executedLots * market.lot) as Units,
    executedQuote: order.executedQuote as Units,
    createdAt: order.createdAt,
    clientOrderId: order.clientOrderId,
    cancelId,
  };
}
