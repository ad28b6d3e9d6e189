/** Order lists: placed as one, activated when their working order is filled, cancelled as one. */
import type { CommandOf } from '#domain/commands.ts';
import type { RejectionName } from '#domain/rejections.ts';
import {
  canPay,
  countFault,
  fieldsGoTogether,
  filterFault,
  isOrderIdTaken,
  needs,
  positionFault,
  wouldTake,
  wouldTrigger,
} from './reference-checks.ts';
import { end } from './reference-ending.ts';
import {
  isConditional,
  isSame,
  type List,
  listAsTold,
  type Market,
  max,
  mayRest,
  newOrder,
  type Order,
  type State,
  type Terms,
  tell,
} from './reference-state.ts';
import { wait } from './reference-stops.ts';
import { levelHasRoom, take } from './reference-taking.ts';

type PlaceList = CommandOf<'placeList'>;

export function placeList(state: State, command: PlaceList): RejectionName | undefined {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  const legs = legsOf(command);
  if (!isShaped(command, legs)) return 'invalidOrderList';
  const refusal = refusalOf(state, market, command, legs);
  if (refusal !== undefined) return refusal;
  const list: List = {
    id: ++state.lastListId,
    command,
    createdAt: state.timeUs,
    orders: [],
    isDecided: false,
    isDone: false,
  };
  list.orders = legs.map((leg) => newOrder(state, leg, list));
  state.lists.push(list);
  state.events.push(listAsTold(list));
  const [working, ...pending] = list.orders;
  if (command.kind === 'OCO') {
    work(state, list.orders);
  } else {
    tell(state, working!);
    for (const order of pending) {
      order.status = 'PENDING_NEW';
      order.place = 'pending';
      order.workingAt = null;
      tell(state, order);
      state.open.push(order);
    }
    take(state, working!);
  }
  return undefined;
}

/** Tells that these orders begin, then lets each wait, or take and rest. */
function work(state: State, orders: readonly Order[]): void {
  for (const order of orders) tell(state, order);
  for (const order of orders) {
    if (order.place === 'ended') continue;
    if (isConditional(order.terms)) wait(state, order);
    else take(state, order);
  }
}

/** The working order was filled: what waited for it is placed, if it still can be. */
export function activate(state: State, list: List): void {
  const pending = list.orders.slice(1);
  const [first] = pending;
  if (activationFault(state, first!.market, pending)) {
    end(state, first!, 'REJECTED');
    return;
  }
  state.open = state.open.filter((order) => !pending.includes(order));
  for (const order of pending) {
    order.status = 'NEW';
    order.place = 'taking';
    order.workingAt = isConditional(order.terms) ? null : state.timeUs;
  }
  work(state, pending);
}

function activationFault(state: State, market: Market, pending: readonly Order[]): boolean {
  const legs = pending.map(({ terms }) => terms);
  if (legs.length === 1 ? wouldTrigger(market, legs[0]!) : !areApart(market, legs, true)) return true;
  if (legs.some((leg) => wouldTake(state, market, leg))) return true;
  if (!canPay(state, market, legs[0]!, needsOfAll(state, market, legs))) return true;
  return legs.some(
    (leg) => !isConditional(leg) && mayRest(leg) && !levelHasRoom(state, market, leg, BigInt(leg.quantity!)),
  );
}

function refusalOf(
  state: State,
  market: Market,
  command: PlaceList,
  legs: readonly Terms[],
): RejectionName | undefined {
  const { account, kind } = command;
  if (!legs.every(fieldsGoTogether)) return 'invalidOrder';
  if (market.status !== 'TRADING') return 'marketClosed';
  for (const leg of legs) {
    const fault = filterFault(state, market, leg);
    if (fault !== undefined) return fault;
  }
  const pair = kind === 'OCO' ? legs : legs.slice(1);
  if (kind !== 'OTO' && !areApart(market, pair, kind === 'OCO')) return 'orderListPrices';
  const count = countFault(state, market, legs);
  if (count !== undefined) return count;
  const lists = state.lists.filter((list) => list.command.account === account);
  const here = lists.filter((list) => list.command.market === command.market);
  if (here.length >= market.rules.orderListsMax) return 'maxNumOrderLists';
  const position = positionFault(state, market, legs[0]!);
  if (position !== undefined) return position;
  const ids = legs.map(({ clientOrderId }) => clientOrderId);
  const isTaken = ids.some(
    (id, at) => isOrderIdTaken(state, account, id) || ids.slice(0, at).some((other) => isSame(other, id)),
  );
  if (isTaken) return 'duplicateClientOrderId';
  const { listClientOrderId } = command;
  if (lists.some((list) => isSame(list.command.listClientOrderId, listClientOrderId))) {
    return 'duplicateListClientOrderId';
  }
  const atOnce = kind === 'OCO' ? legs : legs.slice(0, 1);
  if (atOnce.some((leg) => wouldTake(state, market, leg))) return 'wouldTake';
  return canPay(state, market, legs[0]!, needsOfAll(state, market, atOnce))
    ? undefined
    : 'insufficientBalance';
}

/** The larger need of a pair. */
const needsOfAll = (state: State, market: Market, legs: readonly Terms[]) =>
  legs.map((leg) => needs(state, market, leg)).reduce(max);

function legsOf(command: PlaceList): Terms[] {
  const { account, market, selfTradePrevention } = command;
  const whole = { account, market, selfTradePrevention, quoteOrderQty: null };
  const leg = (prefix: 'first' | 'second' | 'third'): Terms => ({
    ...whole,
    side: command[`${prefix}Side`],
    orderType: command[`${prefix}OrderType`],
    timeInForce: command[`${prefix}TimeInForce`],
    price: command[`${prefix}Price`],
    quantity: command[`${prefix}Quantity`],
    stopPrice: command[`${prefix}StopPrice`],
    trailingDelta: command[`${prefix}TrailingDelta`],
    icebergQuantity: command[`${prefix}IcebergQuantity`],
    clientOrderId: command[`${prefix}ClientOrderId`],
  });
  const two = [leg('first'), leg('second')];
  return command.kind === 'OTOCO' ? [...two, leg('third')] : two;
}

function isShaped(command: PlaceList, legs: readonly Terms[]): boolean {
  const { thirdPrice, thirdQuantity, thirdStopPrice, thirdTrailingDelta, thirdIcebergQuantity } = command;
  const third = [thirdPrice, thirdQuantity, thirdStopPrice, thirdTrailingDelta, thirdIcebergQuantity];
  if (command.kind !== 'OTOCO' && third.some((amount) => amount !== null)) return false;
  if (command.kind === 'OCO') return isPair(legs[0]!, legs[1]!);
  if (!legs[0]!.orderType.startsWith('LIMIT')) return false;
  return command.kind === 'OTO' || isPair(legs[1]!, legs[2]!);
}

/** A stop-loss on the side of the market where a price hurts, and an order that gains on the other. */
function isPair(upper: Terms, lower: Terms): boolean {
  if (upper.side !== lower.side || upper.quantity !== lower.quantity) return false;
  const [loss, gain] = upper.side === 'BUY' ? [upper, lower] : [lower, upper];
  return (
    ['STOP_LOSS', 'STOP_LOSS_LIMIT'].includes(loss.orderType) &&
    ['LIMIT_MAKER', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'].includes(gain.orderType)
  );
}

/** Whether the upper leg's price is above the lower's, and, to begin now, the last price between them. */
function areApart(market: Market, [upper, lower]: readonly Terms[], isNow: boolean): boolean {
  const priceOf = (leg: Terms) => (leg.orderType === 'LIMIT_MAKER' ? leg.price : leg.stopPrice);
  const high = priceOf(upper!);
  const low = priceOf(lower!);
  if (high !== null && low !== null && high <= low) return false;
  if (!isNow || market.lastPrice === 0n) return true;
  const last = Number(market.lastPrice);
  return (high === null || high > last) && (low === null || low < last);
}
