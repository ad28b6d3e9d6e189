/**
 * The way of most cancels: of a limit order that rests, named by its id. See `plain-placing.ts` for what is plain, and
 * why it is written so.
 */
import { offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import { forgetPlain, moveHold, payerOf, plainMarket, withdrawPlain } from './plain-orders.ts';
import type { State } from './state.ts';
import { type Outcome, tellOrder } from './telling.ts';
import { tellLevelAndBalance } from './telling-totals.ts';

const { NONE, CANCELED, IN_BOOK } = kinds;
const CANCEL = offsetsOf(commands.cancel);

const ACCOUNT = CANCEL.account;
const MARKET = CANCEL.market;
const ORDER_ID = CANCEL.orderId;
const RESTRICTION = CANCEL.restriction;
const CLIENT_ID = CANCEL.clientOrderId;

const PLACE_BITS = 7 << 12;

/** Cancels the order as a command of its own if it is plain, rests, and may be cancelled; else does nothing and returns false. */
export function cancelPlain(state: State, records: Records, at: number, outcome: Outcome): boolean {
  const { words } = records;
  if (words[(at + CLIENT_ID) | 0] !== 0 || words[(at + RESTRICTION) | 0] !== 0) return false;
  const market = plainMarket(state, words, at);
  if (market === undefined) return false;
  const slot = findPlain(state, words, at, at + ORDER_ID);
  if (slot === NONE) return false;
  const row = payerOf(state, slot);
  moveHold(state, market, slot, row, -1);
  const level = withdrawPlain(state, market, slot, CANCELED);
  tellCancelled(state, outcome, slot, records, at + CLIENT_ID + 1);
  tellLevelAndBalance(state, outcome, market, level, row);
  if (state.levels.ints[level * 6 + 3] === 0) market.removeLevel(state.levels, level);
  forgetPlain(state, slot);
  return true;
}

/** The same as a part of a command that tells levels and balances at its end; the cancel's own id is at `ownIdAt`. */
export function cancelPlainPart(
  state: State,
  market: Market,
  records: Records,
  at: number,
  orderIdAt: number,
  ownIdAt: number,
  outcome: Outcome,
): boolean {
  const slot = findPlain(state, records.words, at, orderIdAt);
  if (slot === NONE) return false;
  const row = payerOf(state, slot);
  state.balances.touch(row);
  moveHold(state, market, slot, row, -1);
  outcome.noteLevel(state, withdrawPlain(state, market, slot, CANCELED));
  tellCancelled(state, outcome, slot, records, ownIdAt);
  forgetPlain(state, slot);
  return true;
}

/** The order whose id is in the word at `orderIdAt`, if it is plain, rests, and is its account's; else NONE. */
function findPlain(state: State, words: Float64Array, at: number, orderIdAt: number): number {
  const slot = state.orderIndex.get(words[orderIdAt]!);
  if (slot === NONE) return NONE;
  const oi = state.orders.ints;
  const ofOrder = slot * 14;
  if ((oi[ofOrder + 7]! & PLACE_BITS) !== IN_BOOK << 12) return NONE;
  const pi = state.positions.ints;
  const ofPosition = oi[ofOrder + 6]! * 12;
  if (pi[ofPosition] !== words[(at + ACCOUNT) | 0] || pi[ofPosition + 1] !== words[(at + MARKET) | 0])
    return NONE;
  const row = oi[ofOrder + 13]!;
  // Of a list, an iceberg, or a conditional one that has triggered: those count elsewhere too.
  return row === NONE || state.details.isPlain(row) ? slot : NONE;
}

function tellCancelled(
  state: State,
  outcome: Outcome,
  slot: number,
  records: Records,
  ownIdAt: number,
): void {
  outcome.cancelId = records;
  outcome.cancelIdAt = ownIdAt;
  tellOrder(state, outcome, slot);
  outcome.cancelId = null;
}
