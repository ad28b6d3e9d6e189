/**
 * Lowering an open order's quantity, which keeps its place:
 * https://developers.binance.com/docs/binance-spot-api-docs/faqs/order_amend_keep_priority
 */
import { afterText, offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { rejections } from '#domain/rejections.ts';
import { shorten } from './book.ts';
import type { Market } from './market.ts';
import { findOrder, MISMATCH } from './open-orders.ts';
import { heldUnits, limitTicksOf, payingBalance, remainingLots } from './order-amounts.ts';
import { markOf } from './order-ids.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import { type Outcome, tellAmended, tellOrder } from './telling.ts';

const { IN_BOOK, NONE, TRADING, TRAILED } = kinds;

const AMEND = offsetsOf(commands.amend);

export function amend(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + AMEND.market]!];
  if (market === undefined) return rejections.unknownMarket;
  if (market.status !== TRADING) return rejections.marketClosed;
  const account = words[at + AMEND.account]!;
  const idAt = at + AMEND.clientOrderId;
  const newIdAt = afterText(records, idAt);
  const slot = findOrder(state, account, market.id, words[at + AMEND.orderId]!, records, idAt);
  if (slot === NONE) return rejections.unknownOrder;
  if (slot === MISMATCH) return rejections.orderIdMismatch;
  const quantity = words[at + AMEND.quantity]!;
  const fault =
    quantityFault(state, market, slot, quantity) || nameFault(state, account, slot, records, newIdAt);
  if (fault !== 0) return fault;
  shortenTo(state, outcome, market, slot, quantity, records, newIdAt);
  return 0;
}

function quantityFault(state: State, market: Market, slot: number, quantity: number): number {
  const { orders, details } = state;
  const { rules, lot } = market;
  const row = orders.details(slot);
  const gone = goneLots(state, slot);
  if (row !== NONE && details.list(row) !== 0) return rejections.invalidAmend;
  if (quantity >= (remainingLots(state, slot) + gone) * lot || quantity <= gone * lot)
    return rejections.invalidAmend;
  const lots = quantity / lot;
  if (lots !== Math.floor(lots) || quantity < rules.quantityMin || quantity > rules.quantityMax)
    return rejections.lotSize;
  const ticks = limitTicksOf(state, slot);
  if (ticks !== 0 && market.quoteUnits(ticks, lots) < rules.notionalMin) return rejections.notional;
  const amendments = row === NONE ? 0 : details.amendments(row);
  return amendments >= rules.amendsMax ? rejections.maxNumOrderAmends : 0;
}

/** What has executed, or was prevented. */
function goneLots({ orders, details, prevented }: State, slot: number): number {
  const row = orders.details(slot);
  if (row === NONE) return 0;
  const executed = orders.place(slot) === TRAILED ? 0 : details.executedLots(row);
  return executed + (prevented.get(slot) ?? 0);
}

function nameFault(state: State, account: number, slot: number, records: Records, newIdAt: number): number {
  const other = state.clientIds.find(account, records, newIdAt);
  return other !== NONE && other !== slot ? rejections.duplicateClientOrderId : 0;
}

function shortenTo(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  quantity: number,
  records: Records,
  newIdAt: number,
): void {
  const { orders, details, clientIds, orderIds, positions } = state;
  const lotsBefore = remainingLots(state, slot) + goneLots(state, slot);
  const heldBefore = heldUnits(state, slot);
  const lots = lotsBefore - quantity / market.lot;
  if (orders.place(slot) === IN_BOOK) shorten(state, outcome, slot, lots);
  else orders.setLots(slot, orders.lots(slot) - lots);
  const released = heldBefore - heldUnits(state, slot);
  if (released > 0) state.balances.release(payingBalance(state, slot), released);

  if (orders.details(slot) === NONE) orders.setDetails(slot, details.take());
  const row = orders.details(slot);
  details.addAmendment(row);
  tellAmended(state, outcome, market, slot, lotsBefore, quantity);
  if (records.words[newIdAt] !== 0) {
    clientIds.delete(slot);
    const account = positions.account(orders.position(slot));
    orderIds.set(slot, markOf(account, records, newIdAt), records, newIdAt);
    clientIds.add(slot);
  }
  tellOrder(state, outcome, slot);
}
