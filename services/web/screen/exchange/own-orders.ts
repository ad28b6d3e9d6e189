/** What a person has here, and does: balances, orders, trades. */
import type { OrderType, Side } from '../order-terms.ts';
import type { Answer, Failure } from './request.ts';
import type { Session } from './session.ts';

/** Amounts are decimals as the exchange wrote them. */
export interface Balance {
  readonly asset: string;
  readonly available: string;
  /** By orders and withdrawals. */
  readonly held: string;
}

export interface OpenOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly side: Side;
  readonly type: string;
  readonly price: string;
  readonly origQty: string;
  readonly executedQty: string;
  readonly time: number;
}

export interface OwnTrade {
  readonly symbol: string;
  readonly id: number;
  readonly price: string;
  readonly qty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly isBuyer: boolean;
  readonly time: number;
}

export interface OrderRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce?: string;
  readonly quantity: string;
  readonly price?: string;
}

export interface PlacedOrder {
  readonly orderId: number;
  readonly status?: string;
  readonly executedQty?: string;
}

export class OwnOrders {
  readonly #session: Session;
  /** By path: what the exchange does not offer is not asked for again. */
  readonly #absent = new Map<string, Failure>();

  constructor(session: Session) {
    this.#session = session;
  }

  balances(): Promise<Answer<readonly Balance[]>> {
    return this.#get('/api/wallet/balances');
  }

  open(symbol: string): Promise<Answer<readonly OpenOrder[]>> {
    return this.#get('/api/orders', `?symbol=${symbol}`);
  }

  trades(symbol: string): Promise<Answer<readonly OwnTrade[]>> {
    return this.#get('/api/trades', `?symbol=${symbol}`);
  }

  place(order: OrderRequest): Promise<Answer<PlacedOrder>> {
    return this.#session.ask('POST', '/api/orders', order);
  }

  cancel({ symbol, orderId }: Pick<OpenOrder, 'symbol' | 'orderId'>): Promise<Answer<unknown>> {
    return this.#session.ask('DELETE', `/api/orders/${orderId}?symbol=${symbol}`);
  }

  async #get<T>(path: string, query = ''): Promise<Answer<T>> {
    const absent = this.#absent.get(path);
    if (absent !== undefined) return { ok: false, failure: absent };
    const answer = await this.#session.ask<T>('GET', path + query);
    if (!answer.ok && answer.failure.kind === 'absent') this.#absent.set(path, answer.failure);
    return answer;
  }
}
