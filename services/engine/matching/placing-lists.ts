/** A new order list: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints */
import { afterText, offsetsOf, type Records, readText } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { rejections } from '#domain/rejections.ts';
import {
  arrivalFault,
  availableFor,
  countFault,
  isAccount,
  needOfTerms,
  type OrderCounts,
  positionFault,
} from './admission.ts';
import { listEvent } from './ending.ts';
import type { Market } from './market.ts';
import { register } from './open-orders.ts';
import { kinds } from './order-kinds.ts';
import { isPendingLeg, type OrderList, pairOf } from './order-list.ts';
import { arePairPrices, startPair } from './pairs.ts';
import { countTerms, create } from './placing.ts';
import type { State } from './state.ts';
import { take } from './taking.ts';
import { type Outcome, tellOrder } from './telling.ts';
import { filterFault, isWellFormed, Terms } from './terms.ts';

const {
  BUY,
  LIMIT,
  LIMIT_MAKER,
  NONE,
  NOT_WORKING,
  OCO,
  OTO,
  OTOCO,
  PENDING,
  PENDING_NEW,
  STOP_LOSS,
  STOP_LOSS_LIMIT,
  TAKE_PROFIT,
  TAKE_PROFIT_LIMIT,
  TRADING,
} = kinds;

const LIST = offsetsOf(commands.placeList);
const LEGS_AT = [LIST.firstSide, LIST.secondSide, LIST.thirdSide];
const LEG_FIELDS = LIST.secondSide - LIST.firstSide;

/** The list at hand: its legs, and where their client ids begin. */
const legs = [new Terms(), new Terms(), new Terms()] as const;
const idsAt = [0, 0, 0];

export function placeList(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + LIST.market]!];
  if (market === undefined) return rejections.unknownMarket;
  const account = words[at + LIST.account]!;
  const kind = words[at + LIST.kind]!;
  const listIdAt = at + LIST.listClientOrderId;
  readLegs(records, at, listIdAt);
  const count = kind === OTOCO ? 3 : 2;
  if (!isShaped(kind) || (count === 2 && hasTerms(words, at + LIST.thirdSide)))
    return rejections.invalidOrderList;
  const fault =
    legsFault(state, market, account, kind, count, outcome.timeUs) ||
    stateFault(state, market, account, kind, count, records, listIdAt);
  if (fault !== 0) return fault;
  const list = createList(state, outcome, market, account, kind, count, records, listIdAt);
  outcome.write(listEvent(list, 'EXECUTING'));
  if (kind === OCO) {
    startPair(state, outcome, market, list);
    return 0;
  }
  for (const slot of list.slots) register(state, slot);
  for (const slot of list.slots) tellOrder(state, outcome, slot);
  take(state, outcome, market, list.slots[0]!);
  return 0;
}

function readLegs(records: Records, at: number, listIdAt: number): void {
  const prevention = records.words[at + LIST.selfTradePrevention]!;
  let idAt = listIdAt;
  legs.forEach((terms, leg) => {
    terms.readLeg(records.words, at + LEGS_AT[leg]!, prevention);
    idAt = afterText(records, idAt);
    idsAt[leg] = idAt;
  });
}

/** Whether an unused leg has an amount. */
function hasTerms(words: Float64Array, at: number): boolean {
  for (let field = 3; field < LEG_FIELDS; field++) if (!Number.isNaN(words[at + field]!)) return true;
  return false;
}

function isShaped(kind: number): boolean {
  const [first, second, third] = legs;
  if (kind === OCO) return isPair(first, second);
  if (first.type !== LIMIT && first.type !== LIMIT_MAKER) return false;
  return kind === OTO || isPair(second, third);
}

/** One order on each side of the price: for a SELL the stop loss below, for a BUY above. */
function isPair(above: Terms, below: Terms): boolean {
  if (above.side !== below.side) return false;
  if (above.quantity !== below.quantity) return false;
  const [loss, gain] = above.side === BUY ? [above, below] : [below, above];
  const isLoss = loss.type === STOP_LOSS || loss.type === STOP_LOSS_LIMIT;
  return (
    isLoss && (gain.type === LIMIT_MAKER || gain.type === TAKE_PROFIT || gain.type === TAKE_PROFIT_LIMIT)
  );
}

/** What can be said of each order alone, and of the pair's prices. */
function legsFault(
  state: State,
  market: Market,
  account: number,
  kind: number,
  count: number,
  timeUs: number,
): number {
  for (let leg = 0; leg < count; leg++)
    if (!isAccount(account) || !isWellFormed(legs[leg]!)) return rejections.invalidOrder;
  if (market.status !== TRADING) return rejections.marketClosed;
  for (let leg = 0; leg < count; leg++) {
    const fault = filterFault(state, market, legs[leg]!, timeUs);
    if (fault !== 0) return fault;
  }
  const pair = pairOf(kind);
  if (pair === undefined) return 0;
  const lastTicks = kind === OCO ? market.lastTicks : 0;
  return arePairPrices(priceOf(legs[pair[0]]!), priceOf(legs[pair[1]]!), lastTicks)
    ? 0
    : rejections.orderListPrices;
}

function priceOf({ type, ticks, stopTicks }: Terms): number {
  return type === LIMIT_MAKER ? ticks : stopTicks;
}

/** What depends on the account and the book. */
function stateFault(
  state: State,
  market: Market,
  account: number,
  kind: number,
  count: number,
  records: Records,
  listIdAt: number,
): number {
  const position = state.positions.find(account, market.id);
  const lists = position === NONE ? 0 : state.positions.lists(position);
  return (
    countFault(state, market, position, countLegs(count)) ||
    (lists >= market.rules.orderListsMax ? rejections.maxNumOrderLists : 0) ||
    buyersFault(state, market, account, position, kind) ||
    namesFault(state, account, count, records, listIdAt) ||
    workingFault(state, market, account, position, kind)
  );
}

function countLegs(count: number): OrderCounts {
  const sum: OrderCounts = { orders: 0, algoOrders: 0, icebergs: 0, trailing: 0 };
  const one: OrderCounts = { ...sum };
  for (let leg = 0; leg < count; leg++) {
    countTerms(one, legs[leg]!);
    sum.orders += one.orders;
    sum.algoOrders += one.algoOrders;
    sum.icebergs += one.icebergs;
    sum.trailing += one.trailing;
  }
  return sum;
}

/** A pair buys once; what is pending does not bid yet. */
function buyersFault(state: State, market: Market, account: number, position: number, kind: number): number {
  const [first] = legs;
  return first.side === BUY || (kind === OCO && legs[1].side === BUY)
    ? positionFault(state, market, account, position, first.quantity)
    : 0;
}

function namesFault(
  state: State,
  account: number,
  count: number,
  records: Records,
  listIdAt: number,
): number {
  const names = new Set<string>();
  for (let leg = 0; leg < count; leg++) {
    const name = readText(records, idsAt[leg]!);
    if (name === '') continue;
    if (names.has(name) || state.clientIds.find(account, records, idsAt[leg]!) !== NONE)
      return rejections.duplicateClientOrderId;
    names.add(name);
  }
  return state.lists.findByClientId(account, readText(records, listIdAt)) === undefined
    ? 0
    : rejections.duplicateListClientOrderId;
}

/** The orders that work at once must be able to. */
function workingFault(state: State, market: Market, account: number, position: number, kind: number): number {
  const working = kind === OCO ? legs.slice(0, 2) : legs.slice(0, 1);
  let need = 0;
  for (const terms of working) {
    const fault = arrivalFault(market, terms);
    if (fault !== 0) return fault;
    need = Math.max(need, needOfTerms(state, market, terms, account));
  }
  return need > availableFor(state, market, account, position, legs[0].side)
    ? rejections.insufficientBalance
    : 0;
}

function createList(
  state: State,
  outcome: Outcome,
  market: Market,
  account: number,
  kind: number,
  count: number,
  records: Records,
  listIdAt: number,
): OrderList {
  const { orders, details } = state;
  const id = ++state.lists.lastId;
  const slots: number[] = [];
  for (let leg = 0; leg < count; leg++) {
    const slot = create(state, outcome, market, account, legs[leg]!, records, idsAt[leg]!, id);
    if (isPendingLeg(kind, leg)) {
      orders.setStatus(slot, PENDING_NEW);
      orders.setPlace(slot, PENDING);
      details.setWorkingAt(orders.details(slot), NOT_WORKING);
    }
    slots.push(slot);
  }
  const list: OrderList = {
    id,
    kind,
    account,
    market: market.id,
    createdAt: outcome.timeUs,
    clientId: readText(records, listIdAt),
    orderIds: slots.map((slot) => orders.id(slot)),
    slots,
    pairNeeds: null,
  };
  state.lists.add(list);
  state.positions.addLists(orders.position(slots[0]!), 1);
  return list;
}
