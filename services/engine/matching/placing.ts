/** A new order, from its checks to its rest in the book, its wait for a price, or its end. */
import { offsetsOf, type Records } from '#domain/codec.ts';
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
import type { Market } from './market.ts';
import { register } from './open-orders.ts';
import { heldUnits, payingBalance } from './order-amounts.ts';
import { markOf } from './order-ids.ts';
import { isConditional, kinds } from './order-kinds.ts';
import { flagsOf } from './order-pool.ts';
import { placePlainPart } from './plain-placing.ts';
import type { State } from './state.ts';
import { take } from './taking.ts';
import { type Outcome, tellOrder } from './telling.ts';
import { filterFault, isWellFormed, Terms } from './terms.ts';
import { waitForPrice } from './waiting.ts';

const { BUY, NONE, NOT_WORKING, TRADING } = kinds;

const PLACE = offsetsOf(commands.place);

const terms = new Terms();
const added: OrderCounts = { orders: 0, algoOrders: 0, icebergs: 0, trailing: 0 };

export function place(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + PLACE.market]!];
  if (market === undefined) return rejections.unknownMarket;
  return placeOn(
    state,
    market,
    records,
    words[at + PLACE.account]!,
    at + PLACE.side,
    at + PLACE.clientOrderId,
    outcome,
  );
}

/** Places the order whose terms begin at `termsAt`, with the client's id that begins at `idAt`; 0 or a rejection. */
export function placeOn(
  state: State,
  market: Market,
  records: Records,
  account: number,
  termsAt: number,
  idAt: number,
  outcome: Outcome,
): number {
  if (isAccount(account) && placePlainPart(state, market, records, account | 0, termsAt, idAt, outcome))
    return 0;
  terms.read(records.words, termsAt);
  if (!isAccount(account) || !isWellFormed(terms)) return rejections.invalidOrder;
  if (market.status !== TRADING) return rejections.marketClosed;
  const fault =
    filterFault(state, market, terms, outcome.timeUs) || stateFault(state, market, records, account, idAt);
  if (fault !== 0) return fault;
  const slot = create(state, outcome, market, account, terms, records, idAt, 0);
  start(state, outcome, market, slot, terms.quoteOrderQty);
  return 0;
}

/** The checks that depend on what is open, in the book, and in the account. */
function stateFault(state: State, market: Market, records: Records, account: number, idAt: number): number {
  const position = state.positions.find(account, market.id);
  if (terms.mayStayOpen) {
    countTerms(added, terms);
    const fault = countFault(state, market, position, added);
    if (fault !== 0) return fault;
  }
  if (terms.side === BUY) {
    // Of a quoteOrderQty, nobody knows how much it will buy.
    const quantity = Number.isNaN(terms.quantity) ? 0 : terms.quantity;
    const fault = positionFault(state, market, account, position, quantity);
    if (fault !== 0) return fault;
  }
  if (state.clientIds.find(account, records, idAt) !== NONE) return rejections.duplicateClientOrderId;
  const fault = arrivalFault(market, terms);
  if (fault !== 0) return fault;
  const need = needOfTerms(state, market, terms, account);
  return need > availableFor(state, market, account, position, terms.side)
    ? rejections.insufficientBalance
    : 0;
}

/** What one order adds to its account's numbers. */
export function countTerms(counts: OrderCounts, { type, iceberg, trailingDelta }: Terms): void {
  counts.orders = 1;
  counts.algoOrders = isConditional(type) ? 1 : 0;
  counts.icebergs = iceberg > 0 ? 1 : 0;
  counts.trailing = trailingDelta > 0 ? 1 : 0;
}

/** Makes the order of the terms, which is nowhere and not told yet; `list` is 0 for an order that stands alone. */
export function create(
  state: State,
  outcome: Outcome,
  market: Market,
  account: number,
  { side, type, timeInForce, prevention, ticks, stopTicks, lots, trailingDelta, iceberg }: Terms,
  records: Records,
  idAt: number,
  list: number,
): number {
  const { orders, details } = state;
  const position = state.positionRow(account, market);
  const flags = flagsOf(side, type, timeInForce, prevention);
  const slot = orders.take(++state.lastOrderId, position, flags, lots);
  orders.setAcceptedAt(slot, outcome.timeUs);
  orders.setLevel(slot, ticks);
  const mark = markOf(account, records, idAt);
  if (mark !== 0) state.orderIds.set(slot, mark, records, idAt);
  if (!isConditional(type) && !(iceberg > 0) && list === 0) return slot;
  const row = details.take();
  orders.setDetails(slot, row);
  details.setConditions(row, stopTicks, ticks, trailingDelta > 0 ? trailingDelta : 0);
  if (isConditional(type)) details.setWorkingAt(row, NOT_WORKING);
  if (iceberg > 0) details.setIceberg(row, state.icebergs.take(iceberg / market.lot));
  details.setList(row, list);
  return slot;
}

/** Tells an order that is nowhere as NEW, and lets it work or wait; what it needs is there. */
export function start(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  quoteOrderQty = Number.NaN,
): void {
  const { orders, balances } = state;
  tellOrder(state, outcome, slot, quoteOrderQty);
  const type = orders.type(slot);
  if (isConditional(type)) {
    const held = heldUnits(state, slot);
    if (held > 0) balances.hold(payingBalance(state, slot), held);
    waitForPrice(state, market, slot);
    if (!orders.isRegistered(slot)) register(state, slot);
    return;
  }
  take(state, outcome, market, slot, quoteOrderQty);
}
