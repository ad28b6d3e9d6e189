/** Cancels: of one order, of all that an account has open on a market, of an order list. */
import { afterText, offsetsOf, type Records, readText } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { CANCEL_RESTRICTIONS } from '#domain/orders.ts';
import { rejections } from '#domain/rejections.ts';
import { endOrder } from './ending.ts';
import type { Market } from './market.ts';
import { findOrder, MISMATCH } from './open-orders.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

const { CANCELED, CANCEL_ONLY, NEW, NONE, PARTIALLY_FILLED, TRADING } = kinds;

const CANCEL = offsetsOf(commands.cancel);
const CANCEL_ALL = offsetsOf(commands.cancelAll);
const CANCEL_LIST = offsetsOf(commands.cancelList);
const ONLY_NEW = CANCEL_RESTRICTIONS.indexOf('ONLY_NEW');
const ONLY_PARTIALLY_FILLED = CANCEL_RESTRICTIONS.indexOf('ONLY_PARTIALLY_FILLED');

export function cancel(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + CANCEL.market]!];
  if (market === undefined) return rejections.unknownMarket;
  if (!isOpenForCancels(market)) return rejections.marketClosed;
  const idAt = at + CANCEL.clientOrderId;
  const account = words[at + CANCEL.account]!;
  const orderId = words[at + CANCEL.orderId]!;
  const restriction = words[at + CANCEL.restriction]!;
  return cancelOrder(
    state,
    outcome,
    market,
    account,
    orderId,
    restriction,
    records,
    idAt,
    afterText(records, idAt),
  );
}

/** Cancels the order so named, whose client id and the cancel's own begin at `idAt` and `ownIdAt`; 0 or a rejection. */
export function cancelOrder(
  state: State,
  outcome: Outcome,
  market: Market,
  account: number,
  orderId: number,
  restriction: number,
  records: Records,
  idAt: number,
  ownIdAt: number,
): number {
  const slot = findOrder(state, account, market.id, orderId, records, idAt);
  if (slot === NONE) return rejections.unknownOrder;
  if (slot === MISMATCH) return rejections.orderIdMismatch;
  const status = state.orders.status(slot);
  if (restriction === ONLY_NEW && status !== NEW) return rejections.cancelRestricted;
  if (restriction === ONLY_PARTIALLY_FILLED && status !== PARTIALLY_FILLED)
    return rejections.cancelRestricted;
  outcome.cancelId = records;
  outcome.cancelIdAt = ownIdAt;
  endOrder(state, outcome, market, slot, CANCELED);
  return 0;
}

/** At most `ordersMax` orders, oldest first; listings bound that, and so the events of this command. */
export function cancelAll(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + CANCEL_ALL.market]!];
  if (market === undefined) return rejections.unknownMarket;
  if (!isOpenForCancels(market)) return rejections.marketClosed;
  const position = state.positions.find(words[at + CANCEL_ALL.account]!, market.id);
  if (position === NONE || state.positions.oldest(position) === NONE) return rejections.unknownOrder;
  for (let slot = state.positions.oldest(position); slot !== NONE; slot = state.positions.oldest(position))
    endOrder(state, outcome, market, slot, CANCELED);
  return 0;
}

export function cancelList(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + CANCEL_LIST.market]!];
  if (market === undefined) return rejections.unknownMarket;
  if (!isOpenForCancels(market)) return rejections.marketClosed;
  const account = words[at + CANCEL_LIST.account]!;
  const id = words[at + CANCEL_LIST.orderListId]!;
  const clientIdAt = at + CANCEL_LIST.listClientOrderId;
  const clientId = readText(records, clientIdAt);
  const isById = !Number.isNaN(id);
  const list = isById ? state.lists.open.get(id) : state.lists.findByClientId(account, clientId);
  if (list === undefined || list.account !== account || list.market !== market.id)
    return rejections.unknownOrderList;
  if (isById && clientId !== '' && list.clientId !== clientId) return rejections.orderIdMismatch;
  const first = list.slots.find((slot) => slot !== NONE)!;
  outcome.cancelId = records;
  outcome.cancelIdAt = afterText(records, clientIdAt);
  endOrder(state, outcome, market, first, CANCELED, true);
  return 0;
}

function isOpenForCancels({ status }: Market): boolean {
  return status === TRADING || status === CANCEL_ONLY;
}
