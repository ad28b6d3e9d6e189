import type { Market } from './market.ts';
import { Order } from './order.ts';

/** Orders that have ended wait here for their next use, so that a steady state allocates none. */
export class OrderPool {
  #free: Order | null = null;

  /** An order with nothing executed that rests nowhere; the caller sets the rest of its fields. */
  take(market: Market): Order {
    const order = this.#free;
    if (order === null) return new Order(market);
    this.#free = order.younger;
    order.market = market;
    order.status = 'NEW';
    order.executedLots = 0;
    order.executedQuote = 0;
    order.younger = null;
    return order;
  }

  give(order: Order): void {
    order.younger = this.#free;
    this.#free = order;
  }
}
