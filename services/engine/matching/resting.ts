/** A book's orders in the order in which they are matched. */
import { FrameWriter, readFrame } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import { SIDES, type Side } from '#domain/orders.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import { Outcome, tellOrder } from './telling.ts';

const { NONE } = kinds;

export function resting(state: State, market: number, side: Side): EventOf<'order'>[] {
  const writer = new FrameWriter();
  const outcome = new Outcome();
  outcome.begin(0, 0, writer);
  for (const slot of restingSlots(state, market, SIDES.indexOf(side))) tellOrder(state, outcome, slot);
  return readFrame(writer.finish()).records.map(({ message }) => message as EventOf<'order'>);
}

export function* restingSlots(state: State, market: number, side: number): Generator<number> {
  const { levels, orders } = state;
  const ladder = state.markets[market]!.side(side);
  for (let ticks = ladder.best; ticks !== 0; ticks = ladder.nextPrice(ticks)) {
    for (let slot = levels.oldest(ladder.find(ticks)); slot !== NONE; slot = orders.next(slot)) yield slot;
  }
}
