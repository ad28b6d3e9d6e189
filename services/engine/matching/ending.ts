/** How open orders end, and what that does to the other orders of their lists. */
import type { AccountId, MarketId, OrderId, OrderListId, TimeUs } from '#domain/ids.ts';
import { ORDER_LIST_KINDS } from '#domain/orders.ts';
import { leaveBook } from './book.ts';
import type { Market } from './market.ts';
import { close } from './open-orders.ts';
import { payingBalance, takeHold } from './order-amounts.ts';
import { kinds } from './order-kinds.ts';
import { isDone, legOf, type OrderList, pairOf } from './order-list.ts';
import type { State } from './state.ts';
import { type Outcome, tellOrder } from './telling.ts';
import { enqueue, goNowhere, leaveQueue, leaveStop, leaveTrail } from './waiting.ts';

const { AT_STOP, CANCELED, EXPIRED, FILLED, IN_BOOK, NONE, PENDING, QUEUED, REJECTED, TRAILED } = kinds;

/**
 * Ends an open order wherever it is, with whatever of it is left: releases its hold and tells it; then what its list
 * does. A cancel's own id is told of this order, and of those that end with it if the cancel was of the list.
 */
export function endOrder(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  status: number,
  isOfList = false,
): void {
  withdraw(state, outcome, market, slot, status);
  if (!isOfList) outcome.cancelId = null;
  endedInList(state, outcome, market, slot, status);
  outcome.cancelId = null;
  close(state, slot);
}

function withdraw(state: State, outcome: Outcome, market: Market, slot: number, status: number): void {
  const held = takeHold(state, slot);
  leavePlace(state, outcome, market, slot);
  if (held > 0) state.balances.release(payingBalance(state, slot), held);
  state.orders.setStatus(slot, status);
  tellOrder(state, outcome, slot);
}

function leavePlace(state: State, outcome: Outcome, market: Market, slot: number): void {
  switch (state.orders.place(slot)) {
    case IN_BOOK:
      leaveBook(state, outcome, market, slot);
      return;
    case AT_STOP:
      leaveStop(state, market, slot);
      return;
    case TRAILED:
      leaveTrail(state, market, slot);
      return;
    case QUEUED:
      leaveQueue(state, market, slot);
      return;
    case PENDING:
      goNowhere(state, slot, state.details.limitTicks(state.orders.details(slot)));
  }
}

/** The first trade of an order of an OCO pair, or its trigger, ends the other. */
export function tradedInList(state: State, outcome: Outcome, market: Market, slot: number): void {
  const list = listOf(state, slot);
  if (list === undefined) return;
  const pair = pairOf(list.kind);
  if (pair?.includes(legOf(list, slot))) endOthers(state, outcome, market, list, pair, slot, EXPIRED);
}

/** An order has ended: others of its list end with it, or those that waited for it start; then the list is done. */
export function endedInList(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  status: number,
): void {
  const list = listOf(state, slot);
  if (list === undefined) return;
  const leg = legOf(list, slot);
  const pair = pairOf(list.kind);
  if (status === CANCELED) endOthers(state, outcome, market, list, LEGS, slot, CANCELED);
  else if (pair?.includes(leg)) endOthers(state, outcome, market, list, pair, slot, endingWith(status));
  else if (leg === 0 && status === FILLED) enqueue(state, market, list.slots[1]!);
  else if (leg === 0) endOthers(state, outcome, market, list, LEGS, slot, EXPIRED);
  list.slots[leg] = NONE;
  if (!isDone(list)) return;
  state.lists.delete(list);
  state.positions.addLists(state.orders.position(slot), -1);
  outcome.write(listEvent(list, 'ALL_DONE'));
}

/** Who could not start leaves none that does; any other end but a cancel lets the others expire. */
function endingWith(status: number): number {
  return status === REJECTED ? REJECTED : EXPIRED;
}

const LEGS = [0, 1, 2] as const;

function listOf({ orders, details, lists }: State, slot: number): OrderList | undefined {
  const row = orders.details(slot);
  const list = row === NONE ? 0 : details.list(row);
  return list === 0 ? undefined : lists.open.get(list);
}

/** Ends the open orders among these legs but one, in their order. */
function endOthers(
  state: State,
  outcome: Outcome,
  market: Market,
  list: OrderList,
  legs: readonly number[],
  exceptSlot: number,
  status: number,
): void {
  for (const leg of legs) {
    const slot = list.slots[leg] ?? NONE;
    if (slot === NONE || slot === exceptSlot) continue;
    withdraw(state, outcome, market, slot, status);
    list.slots[leg] = NONE;
    close(state, slot);
  }
}

export function listEvent(list: OrderList, status: 'EXECUTING' | 'ALL_DONE') {
  const [first, second, third] = list.orderIds as OrderId[];
  return {
    type: 'orderList',
    orderListId: list.id as OrderListId,
    account: list.account as AccountId,
    market: list.market as MarketId,
    kind: ORDER_LIST_KINDS[list.kind]!,
    status,
    firstOrderId: first!,
    secondOrderId: second!,
    thirdOrderId: third ?? null,
    createdAt: list.createdAt as TimeUs,
    listClientOrderId: list.clientId,
  } as const;
}
