/** Questions about the state as it stands, answered in the records of events. */
import type { Event } from '#domain/events.ts';
import type { Price, Units } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { balanceEvent } from './balances.ts';
import type { Market } from './market.ts';
import { orderEvent } from './order.ts';
import type { BookSide } from './order-book.ts';
import type { State } from './state.ts';

/** The answer's records in order; none for what does not exist. */
export function* answers(state: State, query: Query): Generator<Event> {
  switch (query.type) {
    case 'position':
      return;
    case 'listings':
      for (const { listing } of state.assets) yield { ...listing, type: 'assetListed' };
      for (const { market } of state.books) yield { ...market.listing, type: 'marketListed' };
      return;
    case 'balances':
      for (const balance of state.balances.of(query.account)) yield balanceEvent(balance);
      return;
    case 'openOrders':
      for (const order of state.openOrders.of(query.account, query.market)) yield orderEvent(order);
      return;
    case 'openOrder': {
      const order = state.openOrders.find(query);
      if (order !== undefined && order !== 'mismatch') yield orderEvent(order);
      return;
    }
    case 'book': {
      const book = state.books[query.market];
      if (book === undefined) return;
      yield* levels(book.market, book.bids, query.depthMax);
      yield* levels(book.market, book.asks, query.depthMax);
    }
  }
}

function* levels(market: Market, { side, levels }: BookSide, depthMax: number): Generator<Event> {
  const last = Math.max(0, levels.length - depthMax);
  for (let index = levels.length - 1; index >= last; index--) {
    const level = levels[index]!;
    yield {
      type: 'level',
      market: market.id,
      side,
      price: (level.ticks * market.tick) as Price,
      quantity: (level.lots * market.lot) as Units,
    };
  }
}
