/**
 * The vocabulary of orders as small integers: indexes of the lists in `orders.ts`, which are their numbers on the wire
 * too, and the engine's own.
 *
 * They come as one object, from which each file takes what it needs into constants of its own: the compiler folds
 * those, and does not fold imported ones, each use of which takes a hundred bytes of machine code more. With those the
 * engine's hot path did not fit the processor's instruction cache.
 */
import {
  MARKET_STATUSES,
  ORDER_LIST_KINDS,
  ORDER_STATUSES,
  ORDER_TYPES,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from '#domain/orders.ts';

function indexesOf<const T extends readonly string[]>(names: T): { readonly [Name in T[number]]: number } {
  return Object.fromEntries(names.map((name, index) => [name, index])) as { [Name in T[number]]: number };
}

export const kinds = {
  /** No slot, row or level. */
  NONE: -1,
  ...indexesOf(SIDES),
  ...indexesOf(ORDER_TYPES),
  ...indexesOf(TIMES_IN_FORCE),
  ...indexesOf(ORDER_STATUSES),
  ...indexesOf(ORDER_LIST_KINDS),
  ...indexesOf(MARKET_STATUSES),
  STP_NONE: SELF_TRADE_PREVENTIONS.indexOf('NONE'),
  EXPIRE_TAKER: SELF_TRADE_PREVENTIONS.indexOf('EXPIRE_TAKER'),
  EXPIRE_MAKER: SELF_TRADE_PREVENTIONS.indexOf('EXPIRE_MAKER'),
  EXPIRE_BOTH: SELF_TRADE_PREVENTIONS.indexOf('EXPIRE_BOTH'),
  DECREMENT: SELF_TRADE_PREVENTIONS.indexOf('DECREMENT'),
  /** Where an open order is: nowhere yet, in the book, waiting for its price, being trailed, in the queue, pending. */
  NOWHERE: 0,
  IN_BOOK: 1,
  AT_STOP: 2,
  TRAILED: 3,
  QUEUED: 4,
  PENDING: 5,
  /** Makers that one taker may meet. What it has left then, expires. So a command's events fit a frame: see `cascade.ts`. */
  FILLS_MAX: 5_000,
  /** Orders with a trailing delta that a market may have open: each price change looks at all that are being trailed. */
  TRAILING_MAX: 1_000,
  /** Beyond every price: the limits of orders without one. */
  HIGHEST_TICKS: 0x7fffffff,
  LOWEST_TICKS: 0,
  /** Working since, of an order that does not work yet. */
  NOT_WORKING: -1,
};

const { BUY, MARKET, STOP_LOSS, STOP_LOSS_LIMIT, TAKE_PROFIT } = kinds;

export function isConditional(type: number): boolean {
  return type >= STOP_LOSS;
}

/** Whether orders of the type trade at any price. */
export function isPriceless(type: number): boolean {
  return type === MARKET || type === STOP_LOSS || type === TAKE_PROFIT;
}

/** Whether it waits for the price to rise to its stop: else it waits for it to fall. */
export function waitsForRise(side: number, type: number): boolean {
  return (side === BUY) === (type === STOP_LOSS || type === STOP_LOSS_LIMIT);
}
