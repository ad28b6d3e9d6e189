/** How orders end, and what that does to the others of their list. */
import type { OrderStatus } from '#domain/orders.ts';
import { listAsTold, type Order, type State, siblingOf, tell } from './reference-state.ts';

export function end(state: State, order: Order, status: OrderStatus, cancelId = ''): void {
  order.status = status;
  tell(state, order, cancelId);
  leave(state, order);
}

/** Takes out an order whose last event has been told. */
export function leave(state: State, order: Order): void {
  order.place = 'ended';
  state.open = state.open.filter((other) => other !== order);
  order.market.queue = order.market.queue.filter((entry) => entry !== order);
  const { list } = order;
  if (list === null) return;
  const isWorking = list.command.kind !== 'OCO' && order === list.orders[0];
  if (isWorking && order.status === 'FILLED') {
    order.market.queue.push(list);
  } else if (!list.isDecided) {
    const status = order.status === 'CANCELED' || order.status === 'REJECTED' ? order.status : 'EXPIRED';
    for (const other of list.orders) if (other.place !== 'ended') end(state, other, status);
  }
  if (list.isDone || list.orders.some(({ place }) => place !== 'ended')) return;
  list.isDone = true;
  state.lists = state.lists.filter((other) => other !== list);
  order.market.queue = order.market.queue.filter((entry) => entry !== list);
  state.events.push(listAsTold(list));
}

/** An order of an OCO pair traded or triggered: the other ends. */
export function decide(state: State, order: Order): void {
  const sibling = siblingOf(order);
  if (sibling === undefined || sibling.place === 'ended') return;
  order.list!.isDecided = true;
  end(state, sibling, 'EXPIRED');
}
