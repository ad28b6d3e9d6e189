/** What a command's last events say: levels of the book and balances, as they are when it is done. */
import { offsetsOf, RECORD_HEADER_WORDS } from '#domain/codec.ts';
import { events as shapes } from '#domain/events.ts';
import type { Market } from './market.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

const LEVEL = offsetsOf(shapes.level);
const LEVEL_WORDS = RECORD_HEADER_WORDS + Object.keys(shapes.level.fields).length;
const LEVEL_CODE = shapes.level.code;
const BALANCE = offsetsOf(shapes.balance);
const BALANCE_WORDS = RECORD_HEADER_WORDS + Object.keys(shapes.balance.fields).length;
const BALANCE_CODE = shapes.balance.code;

/** Writes a level's total as it is; there is room. */
function writeLevel(
  { levels }: State,
  { seq, timeUs, events }: Outcome,
  words: Float64Array,
  start: number,
  market: Market,
  level: number,
): void {
  words[(start + 1) | 0] = seq;
  words[(start + 2) | 0] = timeUs;
  words[(start + LEVEL.market) | 0] = market.id;
  words[(start + LEVEL.side) | 0] = levels.side(level);
  words[(start + LEVEL.price) | 0] = levels.ticks(level) * market.tick;
  words[(start + LEVEL.quantity) | 0] = levels.lots(level) * market.lot;
  events.close(LEVEL_CODE, (start + LEVEL_WORDS) | 0);
}

/** Writes a balance as it is; there is room. */
function writeBalance(
  { balances }: State,
  { seq, timeUs, events }: Outcome,
  words: Float64Array,
  start: number,
  row: number,
): void {
  words[(start + 1) | 0] = seq;
  words[(start + 2) | 0] = timeUs;
  words[(start + BALANCE.account) | 0] = balances.account(row);
  words[(start + BALANCE.asset) | 0] = balances.asset(row);
  words[(start + BALANCE.available) | 0] = balances.available(row);
  words[(start + BALANCE.held) | 0] = balances.held(row);
  events.close(BALANCE_CODE, (start + BALANCE_WORDS) | 0);
}

/** Tells both as they are: all that most commands change beside an order. */
export function tellLevelAndBalance(
  state: State,
  outcome: Outcome,
  market: Market,
  level: number,
  row: number,
): void {
  const { events } = outcome;
  events.reserve(LEVEL_WORDS + BALANCE_WORDS);
  const { words, length } = events;
  writeLevel(state, outcome, words, length, market, level);
  writeBalance(state, outcome, words, (length + LEVEL_WORDS) | 0, row);
}

/** Tells the final total of every level that the command changed, and removes those that are empty. */
export function tellLevels(state: State, outcome: Outcome, market: Market): void {
  const { levels } = state;
  const { events } = outcome;
  events.reserve(outcome.levelCount * LEVEL_WORDS);
  for (let index = 0; index < outcome.levelCount; index++) {
    const level = outcome.levels[index]!;
    writeLevel(state, outcome, events.words, events.length, market, level);
    levels.unmark(level);
    if (levels.orders(level) === 0) market.removeLevel(levels, level);
  }
  outcome.levelCount = 0;
}

/** Tells every balance that the command changed; each command's last events. */
export function tellBalances(state: State, outcome: Outcome): void {
  const { balances } = state;
  const { events } = outcome;
  events.reserve(balances.touchedCount * BALANCE_WORDS);
  for (let index = 0; index < balances.touchedCount; index++) {
    const row = balances.touched[index]!;
    if (balances.settle(row)) writeBalance(state, outcome, events.words, events.length, row);
  }
  balances.touchedCount = 0;
}
