/** What placing and cancelling plain orders share: limits in the book, whole, of no list, that nothing waits behind. */
import { offsetsOf } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';

const { NONE, BUY, TRADING } = kinds;
const { market: MARKET } = offsetsOf(commands.place);

/** The balance that pays for an order. */
export function payerOf({ orders, positions }: State, slot: number): number {
  const side = orders.ints[slot * 14 + 7]! & 1;
  return positions.ints[orders.ints[slot * 14 + 6]! * 12 + (side === BUY ? 4 : 3)]!;
}

/** Holds what an order in the book needs, for `sign` 1; releases it for -1. */
export function moveHold(
  { orders, levels, balances }: State,
  market: Market,
  slot: number,
  row: number,
  sign: number,
): void {
  const lots = orders.floats[slot * 7 + 1]!;
  const ticks = levels.ints[orders.ints[slot * 14 + 8]! * 6]!;
  const need =
    sign * ((orders.ints[slot * 14 + 7]! & 1) === BUY ? ticks * lots * market.step : lots * market.lot);
  const { floats } = balances;
  floats[row * 4] = floats[row * 4]! - need;
  floats[row * 4 + 1] = floats[row * 4 + 1]! + need;
}

/** The market of a command that trades, while nothing waits to start there. */
export function plainMarket(state: State, words: Float64Array, at: number): Market | undefined {
  const id = words[(at + MARKET) | 0]! | 0;
  const market = state.markets[id];
  if (market === undefined || id !== words[(at + MARKET) | 0]) return undefined;
  return market.status !== TRADING || market.queueFirst !== NONE ? undefined : market;
}
