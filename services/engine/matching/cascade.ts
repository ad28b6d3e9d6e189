/**
 * Starts what a command triggered, after it: each may trade, and so trigger others, which join the end of the queue.
 * A command has bounds, and what is left waits for the market's next; so its events stay below 10,000 fills of at most
 * 700 bytes (a trade, the maker's order, two balances, a level) and 1,000 starts of 1,500, half of what a frame holds.
 */
import { availableFor, bookDemands } from './admission.ts';
import { crosses, fitsLevel } from './book.ts';
import { endOrder } from './ending.ts';
import type { Market } from './market.ts';
import { heldUnits, needOf, payingBalance } from './order-amounts.ts';
import { isConditional, isPriceless, kinds, waitsForRise } from './order-kinds.ts';
import { pairOf } from './order-list.ts';
import { pairFault, startPair } from './pairs.ts';
import { start } from './placing.ts';
import type { State } from './state.ts';
import { take } from './taking.ts';
import { type Outcome, tellOrder } from './telling.ts';
import { leaveQueue } from './waiting.ts';

const { BUY, EXPIRED, FILLS_MAX, GTC, LIMIT_MAKER, NEW, NONE, PENDING_NEW, REJECTED, TRADING } = kinds;

/** Orders that one command may start. */
export const TRIGGERS_MAX = 1_000;

export function cascade(state: State, outcome: Outcome, market: Market): void {
  while (
    market.queueFirst !== NONE &&
    market.status === TRADING &&
    outcome.started < TRIGGERS_MAX &&
    outcome.fills < FILLS_MAX
  ) {
    const slot = market.queueFirst;
    outcome.started++;
    if (state.orders.status(slot) === PENDING_NEW) activate(state, outcome, market, slot);
    else startTriggered(state, outcome, market, slot);
  }
}

/** Its price has come: it takes from the book, with what it held available again. */
function startTriggered(state: State, outcome: Outcome, market: Market, slot: number): void {
  const { orders, details, balances } = state;
  const held = heldUnits(state, slot);
  leaveQueue(state, market, slot);
  if (held > 0) balances.release(payingBalance(state, slot), held);
  const row = orders.details(slot);
  details.setWorkingAt(row, outcome.timeUs);
  tellOrder(state, outcome, slot);
  if (canPayBook(state, market, slot)) take(state, outcome, market, slot);
  else endOrder(state, outcome, market, slot, EXPIRED);
}

/** Whether the account covers what the book demands of a BUY without a price; any other is covered already. */
function canPayBook(state: State, market: Market, slot: number): boolean {
  const { orders, positions } = state;
  if (orders.side(slot) !== BUY || !isPriceless(orders.type(slot))) return true;
  const position = orders.position(slot);
  const account = positions.account(position);
  const demanded = bookDemands(
    state,
    market,
    BUY,
    orders.lots(slot),
    Infinity,
    account,
    orders.prevention(slot),
  );
  return demanded <= availableFor(state, market, account, position, BUY);
}

/** The order that it waited for is filled: it is placed like a new one, unless it cannot be any more. */
function activate(state: State, outcome: Outcome, market: Market, slot: number): void {
  const { orders, details } = state;
  const list = state.lists.open.get(details.list(orders.details(slot)))!;
  leaveQueue(state, market, slot);
  const pair = pairOf(list.kind);
  if (pair === undefined) {
    if (!canStart(state, market, slot)) {
      endOrder(state, outcome, market, slot, REJECTED);
      return;
    }
    orders.setStatus(slot, NEW);
    if (!isConditional(orders.type(slot))) details.setWorkingAt(orders.details(slot), outcome.timeUs);
    start(state, outcome, market, slot);
    return;
  }
  if (pairFault(state, market, list) === 0) startPair(state, outcome, market, list);
  else for (const leg of pair) endRejected(state, outcome, market, list.slots[leg]!);
}

function endRejected(state: State, outcome: Outcome, market: Market, slot: number): void {
  if (slot !== NONE) endOrder(state, outcome, market, slot, REJECTED);
}

/** The checks of a new order that may have another answer now. */
function canStart(state: State, market: Market, slot: number): boolean {
  const { orders, positions, details } = state;
  const side = orders.side(slot);
  const type = orders.type(slot);
  const position = orders.position(slot);
  const row = orders.details(slot);
  const ticks = details.limitTicks(row);
  if (isConditional(type)) {
    const stopTicks = details.stopTicks(row);
    const { lastTicks } = market;
    if (stopTicks !== 0 && (waitsForRise(side, type) ? stopTicks <= lastTicks : stopTicks >= lastTicks))
      return false;
  } else if (type === LIMIT_MAKER && crosses(market, side, ticks)) return false;
  else if (ticks !== 0 && orders.timeInForce(slot) === GTC) {
    if (!fitsLevel(state, market, side, ticks, orders.lots(slot))) return false;
  }
  if (isPriceless(type) && !isConditional(type) && side === BUY) return canPayBook(state, market, slot);
  const account = positions.account(position);
  return needOf(state, slot) <= availableFor(state, market, account, position, side);
}
