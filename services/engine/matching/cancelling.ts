/** Cancels: of one order by its name, or of all that an account has open on a market. */
import type { CommandOf } from '#domain/commands.ts';
import { rejections } from '#domain/rejections.ts';
import { type Order, orderEvent } from './order.ts';
import type { OrderBook } from './order-book.ts';
import type { Outcome, State } from './state.ts';

export function cancel(state: State, command: CommandOf<'cancel'>, outcome: Outcome): number | null {
  const book = state.books[command.market];
  if (book === undefined) return rejections.unknownMarket;
  const order = state.openOrders.find(command);
  if (order === undefined) return rejections.unknownOrder;
  if (order === 'mismatch') return rejections.orderIdMismatch;
  const { restriction } = command;
  if (restriction === 'ONLY_NEW' && order.status !== 'NEW') return rejections.cancelRestricted;
  if (restriction === 'ONLY_PARTIALLY_FILLED' && order.status !== 'PARTIALLY_FILLED') {
    return rejections.cancelRestricted;
  }
  end(state, book, order, command.newClientOrderId, outcome);
  outcome.writeLevels(book);
  outcome.writeBalances(state.balances);
  return null;
}

/** At most `ordersMax` orders, oldest first; listings bound that, and so the events of this command. */
export function cancelAll(state: State, command: CommandOf<'cancelAll'>, outcome: Outcome): number | null {
  const book = state.books[command.market];
  if (book === undefined) return rejections.unknownMarket;
  const orders = state.openOrders.of(command.account, command.market);
  if (orders.length === 0) return rejections.unknownOrder;
  for (const order of orders) end(state, book, order, '', outcome);
  outcome.writeLevels(book);
  outcome.writeBalances(state.balances);
  return null;
}

function end(state: State, book: OrderBook, order: Order, cancelId: string, outcome: Outcome): void {
  const { listing } = book.market;
  book.remove(order);
  state.openOrders.delete(order);
  state.balances.release(order.account, order.side === 'BUY' ? listing.quote : listing.base, order.heldUnits);
  order.status = 'CANCELED';
  outcome.write(orderEvent(order, cancelId));
  state.pool.give(order);
}
