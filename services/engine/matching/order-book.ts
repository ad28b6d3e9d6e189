/** A market's resting orders: two sides of price levels, each level a queue in order of arrival. */
import assert from 'node:assert/strict';
import type { Side } from '#domain/orders.ts';
import type { Market } from './market.ts';
import { Level, type Order, rankOf } from './order.ts';

/**
 * The levels of one side, worst price first: the best is the last, and since levels come and go near the best,
 * few others move.
 */
export class BookSide {
  readonly side: Side;
  readonly levels: Level[] = [];

  constructor(side: Side) {
    this.side = side;
  }

  get best(): Level | undefined {
    return this.levels[this.levels.length - 1];
  }

  /** The best level when a taker with this limit would trade with it, else undefined. */
  bestWithin(limitRank: number): Level | undefined {
    const level = this.best;
    return level !== undefined && level.rank >= limitRank ? level : undefined;
  }

  /** The level at a price, or undefined when nothing rests there. */
  at(ticks: number): Level | undefined {
    const rank = rankOf(this.side, ticks);
    const level = this.levels[this.#indexOf(rank)];
    return level?.rank === rank ? level : undefined;
  }

  levelFor(ticks: number): Level {
    const rank = rankOf(this.side, ticks);
    const index = this.#indexOf(rank);
    const found = this.levels[index];
    if (found?.rank === rank) return found;
    const level = new Level(this.side, ticks);
    if (index === this.levels.length) this.levels.push(level);
    else this.levels.splice(index, 0, level);
    return level;
  }

  remove(level: Level): void {
    if (this.best === level) {
      this.levels.pop();
      return;
    }
    const index = this.#indexOf(level.rank);
    assert(this.levels[index] === level, 'a level is where its price says');
    this.levels.splice(index, 1);
  }

  /** Where a level of this rank is or belongs. */
  #indexOf(rank: number): number {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.levels[middle]!.rank < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class OrderBook {
  readonly market: Market;
  readonly bids = new BookSide('BUY');
  readonly asks = new BookSide('SELL');
  /** Levels whose total changed in this command, in order of their first change. */
  readonly changed: Level[] = [];

  constructor(market: Market) {
    this.market = market;
  }

  /** The side on which orders of this side rest. */
  side(side: Side): BookSide {
    return side === 'BUY' ? this.bids : this.asks;
  }

  /** The side that an order of this side trades with. */
  opposite(side: Side): BookSide {
    return side === 'BUY' ? this.asks : this.bids;
  }

  rest(order: Order): void {
    const level = this.side(order.side).levelFor(order.ticks);
    level.append(order);
    this.#change(level);
  }

  /** Takes an order out of the book, with whatever of it remains. */
  remove(order: Order): void {
    const { level } = order;
    assert(level !== null, 'an open order rests at a level');
    level.unlink(order);
    if (level.oldest === null) this.side(level.side).remove(level);
    this.#change(level);
  }

  /** Executes lots of a resting order, which keeps its place until it is removed. */
  execute(order: Order, level: Level, lots: number): void {
    order.executedLots += lots;
    level.lots -= lots;
    this.#change(level);
  }

  #change(level: Level): void {
    if (level.changed) return;
    level.changed = true;
    this.changed.push(level);
  }
}
