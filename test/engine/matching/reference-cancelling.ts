/** Orders and lists that their account ends, replaces or makes smaller. */
import type { CommandOf } from '#domain/commands.ts';
import type { OrderId, Units } from '#domain/ids.ts';
import { type RejectionName, rejections } from '#domain/rejections.ts';
import { isLotSize, isOrderIdTaken } from './reference-checks.ts';
import { end } from './reference-ending.ts';
import { place, termsOf } from './reference-placing.ts';
import {
  isSame,
  left,
  type Market,
  min,
  notionalOf,
  type Order,
  type State,
  tell,
} from './reference-state.ts';

type Named = Pick<CommandOf<'cancel'>, 'account' | 'market' | 'orderId' | 'clientOrderId'>;
type Cancel = Omit<CommandOf<'cancel'>, 'type' | 'session' | 'request'>;

const refusesCancels = ({ status }: Market) => status === 'HALT' || status === 'BREAK';

/** The open order that either name means. */
function find(state: State, { account, market, orderId, clientOrderId }: Named): Order | RejectionName {
  const order = state.open
    .filter(({ terms }) => terms.account === account && terms.market === market)
    .find((each) => (orderId === null ? isSame(each.clientOrderId, clientOrderId) : each.id === orderId));
  if (order === undefined) return 'unknownOrder';
  return clientOrderId !== '' && order.clientOrderId !== clientOrderId ? 'orderIdMismatch' : order;
}

export function cancel(state: State, command: Cancel): RejectionName | undefined {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  if (refusesCancels(market)) return 'marketClosed';
  const order = find(state, command);
  if (typeof order === 'string') return order;
  const { restriction } = command;
  if (restriction === 'ONLY_NEW' && order.status !== 'NEW') return 'cancelRestricted';
  if (restriction === 'ONLY_PARTIALLY_FILLED' && order.status !== 'PARTIALLY_FILLED')
    return 'cancelRestricted';
  end(state, order, 'CANCELED', command.newClientOrderId);
  return undefined;
}

export function cancelAll(state: State, command: CommandOf<'cancelAll'>): RejectionName | undefined {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  if (refusesCancels(market)) return 'marketClosed';
  const orders = state.open
    .filter(({ terms }) => terms.account === command.account && terms.market === command.market)
    .sort((a, b) => a.id - b.id);
  if (orders.length === 0) return 'unknownOrder';
  for (const order of orders) if (order.place !== 'ended') end(state, order, 'CANCELED');
  return undefined;
}

export function cancelList(state: State, command: CommandOf<'cancelList'>): RejectionName | undefined {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  if (refusesCancels(market)) return 'marketClosed';
  const { orderListId, listClientOrderId } = command;
  const list = state.lists
    .filter((each) => each.command.account === command.account && each.command.market === command.market)
    .find((each) =>
      orderListId === null
        ? isSame(each.command.listClientOrderId, listClientOrderId)
        : each.id === orderListId,
    );
  if (list === undefined) return 'unknownOrderList';
  if (listClientOrderId !== '' && list.command.listClientOrderId !== listClientOrderId)
    return 'orderIdMismatch';
  // Each with the cancel's id, and none because another was cancelled.
  list.isDecided = true;
  for (const order of list.orders) {
    if (order.place !== 'ended') end(state, order, 'CANCELED', command.newClientOrderId);
  }
  return undefined;
}

/** Tells both outcomes after both, and before what they trigger. */
export function cancelReplace(state: State, command: CommandOf<'cancelReplace'>): RejectionName | undefined {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  if (market.status !== 'TRADING') return 'marketClosed';
  const cancelled = cancel(state, {
    account: command.account,
    market: command.market,
    orderId: command.cancelOrderId,
    restriction: command.cancelRestriction,
    clientOrderId: command.cancelClientOrderId,
    newClientOrderId: command.cancelNewClientOrderId,
  });
  const isTried = cancelled === undefined || command.mode === 'ALLOW_FAILURE';
  const placed = isTried ? place(state, termsOf(command)) : undefined;
  const code = (refusal: RejectionName | undefined) => (refusal === undefined ? 0 : rejections[refusal]);
  state.events.push({
    type: 'cancelReplaced',
    cancelCode: code(cancelled),
    placeCode: isTried ? code(placed) : null,
  });
  return undefined;
}

export function amend(state: State, command: CommandOf<'amend'>): RejectionName | undefined {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  if (market.status !== 'TRADING') return 'marketClosed';
  const order = find(state, command);
  if (typeof order === 'string') return order;
  const { account, newClientOrderId } = command;
  const quantity = BigInt(command.quantity);
  if (order.list !== null || quantity >= order.quantity || quantity <= order.executed + order.prevented) {
    return 'invalidAmend';
  }
  if (!isLotSize(market, command.quantity)) return 'lotSize';
  const { price } = order.terms;
  if (price !== null && notionalOf(market, BigInt(price), quantity) < BigInt(market.rules.notionalMin)) {
    return 'notional';
  }
  if (order.amendments >= market.rules.amendsMax) return 'maxNumOrderAmends';
  if (isOrderIdTaken(state, account, newClientOrderId, order)) return 'duplicateClientOrderId';
  state.events.push({
    type: 'amended',
    account,
    market: command.market,
    orderId: order.id as OrderId,
    number: ++order.amendments,
    quantityBefore: Number(order.quantity) as Units,
    quantity: command.quantity,
    clientOrderIdBefore: order.clientOrderId,
  });
  order.quantity = quantity;
  order.shown = min(order.shown, left(order));
  if (newClientOrderId !== '') order.clientOrderId = newClientOrderId;
  tell(state, order);
  return undefined;
}
