/** Finds open orders by id, by their account's own id, and by account and market. */
import type { AccountId, MarketId, OrderId } from '#domain/ids.ts';
import type { Order } from './order.ts';

interface AccountOrders {
  readonly byClientId: Map<string, Order>;
  /** By market; a Set keeps the order of arrival. */
  readonly byMarket: (Set<Order> | undefined)[];
}

/** How a cancel or a question names an order: by either id, or by both when they agree. */
export interface OrderName {
  readonly account: AccountId;
  readonly market: MarketId;
  readonly orderId: OrderId | null;
  /** Empty for none. */
  readonly clientOrderId: string;
}

export class OpenOrders {
  readonly #byId = new Map<OrderId, Order>();
  readonly #accounts = new Map<AccountId, AccountOrders>();

  get size(): number {
    return this.#byId.size;
  }

  add(order: Order): void {
    this.#byId.set(order.id, order);
    let orders = this.#accounts.get(order.account);
    if (orders === undefined) {
      orders = { byClientId: new Map(), byMarket: [] };
      this.#accounts.set(order.account, orders);
    }
    if (order.clientOrderId !== '') orders.byClientId.set(order.clientOrderId, order);
    const onMarket = orders.byMarket[order.market.id];
    if (onMarket === undefined) orders.byMarket[order.market.id] = new Set([order]);
    else onMarket.add(order);
  }

  delete(order: Order): void {
    this.#byId.delete(order.id);
    const orders = this.#accounts.get(order.account)!;
    orders.byClientId.delete(order.clientOrderId);
    orders.byMarket[order.market.id]!.delete(order);
  }

  /** The order so named; undefined when none is open, `mismatch` when the two ids name different orders. */
  find({ account, market, orderId, clientOrderId }: OrderName): Order | 'mismatch' | undefined {
    const order =
      orderId === null ? this.#accounts.get(account)?.byClientId.get(clientOrderId) : this.#byId.get(orderId);
    if (order === undefined || order.account !== account || order.market.id !== market) return undefined;
    if (clientOrderId !== '' && order.clientOrderId !== clientOrderId) return 'mismatch';
    return order;
  }

  hasClientId(account: AccountId, clientOrderId: string): boolean {
    return this.#accounts.get(account)?.byClientId.has(clientOrderId) ?? false;
  }

  count(account: AccountId, market: MarketId): number {
    return this.#accounts.get(account)?.byMarket[market]?.size ?? 0;
  }

  /** An account's orders on one market or, for null, on all; oldest first. */
  of(account: AccountId, market: MarketId | null): Order[] {
    const byMarket = this.#accounts.get(account)?.byMarket ?? [];
    if (market !== null) return [...(byMarket[market] ?? [])];
    return byMarket.flatMap((orders) => [...(orders ?? [])]).sort((a, b) => a.id - b.id);
  }
}
