/** A listed market: its rules, its book, its waiting orders, and the arithmetic between units, ticks and lots. */
import type { CommandOf } from '#domain/commands.ts';
import { AveragePrice } from './average-price.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { Ladder, type LadderPages } from './ladder.ts';
import type { Levels } from './levels.ts';
import { kinds } from './order-kinds.ts';

const { BUY, NONE, TRADING } = kinds;

export type Listing = CommandOf<'listMarket'>;

/**
 * The same number, but an integer to the compiler where it is one of 31 bits: what a command was decoded to are floats,
 * each of which is a place of its own in memory.
 */
function small(value: number): number {
  return (value | 0) === value ? value | 0 : value;
}

/** The rules of a listing as an object of one shape: what a command was decoded to is a dictionary, three times slower. */
class Rules {
  readonly priceMin: number;
  readonly priceMax: number;
  readonly quantityMin: number;
  readonly quantityMax: number;
  readonly marketQuantityMax: number;
  readonly notionalMin: number;
  readonly notionalMax: number;
  readonly bidDown: number;
  readonly bidUp: number;
  readonly askDown: number;
  readonly askUp: number;
  readonly ordersMax: number;
  readonly algoOrdersMax: number;
  readonly icebergOrdersMax: number;
  readonly orderListsMax: number;
  readonly icebergPartsMax: number;
  readonly amendsMax: number;
  /** Infinity for no bound. */
  readonly positionMax: number;
  readonly trailingAboveMin: number;
  readonly trailingAboveMax: number;
  readonly trailingBelowMin: number;
  readonly trailingBelowMax: number;
  readonly makerFee: number;
  readonly takerFee: number;

  constructor(listing: Listing) {
    this.priceMin = small(listing.priceMin);
    this.priceMax = small(listing.priceMax);
    this.quantityMin = small(listing.quantityMin);
    this.quantityMax = small(listing.quantityMax);
    this.marketQuantityMax = small(listing.marketQuantityMax);
    this.notionalMin = small(listing.notionalMin);
    this.notionalMax = small(listing.notionalMax);
    this.bidDown = small(listing.bidDown);
    this.bidUp = small(listing.bidUp);
    this.askDown = small(listing.askDown);
    this.askUp = small(listing.askUp);
    this.ordersMax = small(listing.ordersMax);
    this.algoOrdersMax = small(listing.algoOrdersMax);
    this.icebergOrdersMax = small(listing.icebergOrdersMax);
    this.orderListsMax = small(listing.orderListsMax);
    this.icebergPartsMax = small(listing.icebergPartsMax);
    this.amendsMax = small(listing.amendsMax);
    this.positionMax = listing.positionMax ?? Infinity;
    this.trailingAboveMin = small(listing.trailingAboveMin);
    this.trailingAboveMax = small(listing.trailingAboveMax);
    this.trailingBelowMin = small(listing.trailingBelowMin);
    this.trailingBelowMax = small(listing.trailingBelowMax);
    this.makerFee = small(listing.makerFee);
    this.takerFee = small(listing.takerFee);
  }
}

export class Market {
  readonly id: number;
  readonly base: number;
  readonly quote: number;
  readonly tick: number;
  readonly lot: number;
  /** Quote units of one lot at a price of one tick; whole, at least 1. */
  readonly step: number;
  /** Most lots whose units stay below 2^53. */
  readonly lotsMax: number;
  /** The listing with its rules as they are now. */
  listing: Listing;
  rules: Rules;
  status = TRADING;
  readonly bids: Ladder;
  readonly asks: Ladder;
  /** Conditional orders by stop price: those that wait for the price to rise to it, and to fall to it. */
  readonly rising: Ladder;
  readonly falling: Ladder;
  /** Conditional orders at a stop, and among all open ones those with a trailing delta. */
  atStop = 0;
  trailing = 0;
  /** Orders that are being trailed, in the order in which that began; and triggered ones that are to start. */
  trailedFirst = NONE;
  trailedLast = NONE;
  queueFirst = NONE;
  queueLast = NONE;
  average: AveragePrice;
  breaker: CircuitBreaker;
  /** The last trade's price in ticks; 0 before the first trade. */
  lastTicks = 0;
  lastTradeId = 0;
  lastAggregateId = 0;
  lastPreventedMatchId = 0;

  constructor(listing: Listing, step: number, pages: LadderPages) {
    this.id = small(listing.market);
    this.base = small(listing.base);
    this.quote = small(listing.quote);
    this.tick = small(listing.tick);
    this.lot = small(listing.lot);
    this.step = small(step);
    this.lotsMax = Math.floor(Number.MAX_SAFE_INTEGER / listing.lot);
    this.listing = listing;
    this.rules = new Rules(listing);
    this.bids = new Ladder(pages, true);
    this.asks = new Ladder(pages, false);
    this.rising = new Ladder(pages, false);
    this.falling = new Ladder(pages, true);
    this.average = new AveragePrice(listing.averageMinutes);
    this.breaker = new CircuitBreaker(listing.breakerMove, listing.breakerSeconds);
  }

  /** Other rules from now on; averages and breakers that change begin afresh. */
  setRules(listing: Listing): void {
    const { averageMinutes, breakerMove, breakerSeconds } = listing;
    if (averageMinutes !== this.average.minutes) this.average = new AveragePrice(averageMinutes);
    if (breakerMove !== this.breaker.move || breakerSeconds !== this.breaker.seconds)
      this.breaker = new CircuitBreaker(breakerMove, breakerSeconds);
    this.listing = listing;
    this.rules = new Rules(listing);
  }

  /** The side on which orders of this side rest. */
  side(side: number): Ladder {
    return side === BUY ? this.bids : this.asks;
  }

  /** Removes a level that has no orders left, and has been told. */
  removeLevel(levels: Levels, level: number): void {
    this.side(levels.side(level)).remove(levels.ticks(level));
    levels.give(level);
  }

  /** The side that an order of this side trades with. */
  opposite(side: number): Ladder {
    return side === BUY ? this.asks : this.bids;
  }

  /**
   * The value of `lots` at `ticks`. Exact below 2^53; a true value of 2^53 or more comes out as 2^53 or more,
   * since rounding keeps order and 2^53 is a number: so comparing it with any amount gives the exact answer.
   */
  quoteUnits(ticks: number, lots: number): number {
    return ticks * lots * this.step;
  }
}
