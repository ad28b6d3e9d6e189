/** The limits that keep one command's events within a frame, and every sum exact. */
import { describe, expect, it } from '@jest/globals';
import type { CommandOf } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, MarketId, Units } from '#domain/ids.ts';
import type { Side, TimeInForce } from '#domain/orders.ts';
import { TRIGGERS_MAX } from '#services/engine/matching/cascade.ts';
import { kinds } from '#services/engine/matching/order-kinds.ts';
import { cancelAll, newMarket, newOrder } from '#test/support/commands.ts';
import { DrivenEngine } from './driven-engine.ts';

const { FILLS_MAX } = kinds;

const [COIN, CASH] = [0 as AssetId, 1 as AssetId];
const MARKET = 0 as MarketId;
const MAX = Number.MAX_SAFE_INTEGER;
const [MAKER, TAKER] = [1 as AccountId, 2 as AccountId];

/** Of 2^53 - 1: with it as the tick the largest price is the largest amount, and still below 2^31 ticks. */
const FACTOR = 20_394_401;

/** COIN for CASH, which has no decimals; `lot` coins at a price are that price of cash in a coin of `lot` units. */
function exchange(coinScale: number, lot: number, tick = 1): DrivenEngine {
  const driven = new DrivenEngine();
  driven.accept({ type: 'listAsset', asset: COIN, scale: coinScale, name: 'COIN' });
  driven.accept({ type: 'listAsset', asset: CASH, scale: 0, name: 'CASH' });
  const quantityMax = Math.floor(MAX / lot) * lot;
  driven.accept(
    newMarket({
      tick,
      lot,
      priceMin: tick,
      priceMax: tick === 1 ? 2 ** 31 - 1 : MAX,
      quantityMin: lot,
      quantityMax,
      marketQuantityMax: quantityMax,
    }),
  );
  return driven;
}

function fund(driven: DrivenEngine, account: AccountId, asset: AssetId, amount: number): void {
  const reference = `${driven.engine.lastSeq}`;
  driven.accept({ type: 'deposit', account, asset, amount: amount as Units, reference });
}

function limit(
  account: AccountId,
  side: Side,
  quantity: number,
  price: number,
  timeInForce: TimeInForce = 'GTC',
): CommandOf<'place'> {
  return newOrder({ account, side, timeInForce, price, quantity });
}

const ordersOf = (events: readonly Event[], account: AccountId) =>
  events.filter((event): event is EventOf<'order'> => event.type === 'order' && event.account === account);

describe('an order that meets more makers than one command may fill', () => {
  it('finds the bound where the journal has it: another would replay otherwise', () => {
    expect([FILLS_MAX, TRIGGERS_MAX]).toEqual([5_000, 1_000]);
  });

  /** As many makers at 10 as may be filled, and one more at 11. */
  function crowd(): DrivenEngine {
    const driven = exchange(0, 1);
    fund(driven, MAKER, COIN, FILLS_MAX);
    fund(driven, 3 as AccountId, COIN, 1);
    fund(driven, TAKER, CASH, 1_000_000);
    for (let maker = 0; maker < FILLS_MAX; maker++) driven.accept(limit(MAKER, 'SELL', 1, 10));
    driven.accept(limit(3 as AccountId, 'SELL', 1, 11));
    return driven;
  }
  const levelsOf = (driven: DrivenEngine) => driven.ask({ type: 'book', market: MARKET, depthMax: 10 });
  const asks = (price: number, quantity: number) => ({
    type: 'level',
    market: MARKET,
    side: 'SELL',
    price,
    quantity,
  });

  it('expires with what it got, rather than rest at a price that crosses the book', () => {
    const driven = crowd();
    const events = driven.accept(limit(TAKER, 'BUY', FILLS_MAX + 5, 11));
    expect(events.filter(({ type }) => type === 'trade')).toHaveLength(FILLS_MAX);
    expect(ordersOf(events, TAKER).map(({ status }) => status)).toEqual([
      'NEW',
      'PARTIALLY_FILLED',
      'EXPIRED',
    ]);
    expect(levelsOf(driven)).toEqual([asks(11, 1)]);
    driven.engine.checkInvariants();
  });

  it('is killed untouched when it is fill or kill, and filled when the bound is just met', () => {
    const driven = crowd();
    const killed = driven.accept(limit(TAKER, 'BUY', FILLS_MAX + 1, 11, 'FOK'));
    expect(ordersOf(killed, TAKER).map(({ status }) => status)).toEqual(['NEW', 'EXPIRED']);
    expect(levelsOf(driven)).toEqual([asks(10, FILLS_MAX), asks(11, 1)]);
    const filled = driven.accept(limit(TAKER, 'BUY', FILLS_MAX, 11, 'FOK'));
    expect(ordersOf(filled, TAKER).map(({ status }) => status)).toEqual(['NEW', 'FILLED']);
    expect(levelsOf(driven)).toEqual([asks(11, 1)]);
  });

  it('is filled when it is fill or kill and wants less than the crowd has', () => {
    const driven = crowd();
    fund(driven, MAKER, COIN, 10);
    for (let maker = 0; maker < 10; maker++) driven.accept(limit(MAKER, 'SELL', 1, 10));
    for (const quantity of [1, FILLS_MAX - 1]) {
      const filled = driven.accept(limit(TAKER, 'BUY', quantity, 10, 'FOK'));
      expect(ordersOf(filled, TAKER).map(({ status }) => status)).toEqual(['NEW', 'FILLED']);
    }
  });

  it('is killed untouched when slices of one iceberg are too many makers to meet', () => {
    const driven = exchange(0, 1);
    fund(driven, MAKER, COIN, FILLS_MAX + 1);
    fund(driven, TAKER, CASH, 1_000_000);
    const quantity = FILLS_MAX + 1;
    driven.accept(newOrder({ account: MAKER, side: 'SELL', price: 10, quantity, icebergQuantity: 1 }));
    const killed = driven.accept(limit(TAKER, 'BUY', FILLS_MAX + 1, 10, 'FOK'));
    expect(ordersOf(killed, TAKER).map(({ status }) => status)).toEqual(['NEW', 'EXPIRED']);
    const filled = driven.accept(limit(TAKER, 'BUY', FILLS_MAX, 10, 'FOK'));
    expect(ordersOf(filled, TAKER).map(({ status }) => status)).toEqual(['NEW', 'FILLED']);
    driven.engine.checkInvariants();
  });

  it('is told in one frame, and so is what its trades trigger', () => {
    const driven = crowd();
    for (let stop = 0; stop < FILLS_MAX; stop++)
      driven.accept(
        newOrder({ account: TAKER, orderType: 'STOP_LOSS', price: null, quantity: 1, stopPrice: 10 }),
      );
    const events = driven.accept(limit(TAKER, 'BUY', FILLS_MAX - 10, 11));
    // What it left at 10 goes to ten of those that it triggered, and the bound leaves the others waiting.
    expect(events.filter(({ type }) => type === 'trade')).toHaveLength(FILLS_MAX);
    const later = driven.accept({ type: 'advanceTime' });
    expect(later.filter(({ type }) => type === 'trade')).toMatchObject([{ price: 11 }]);
    expect(ordersOf(later, TAKER).filter(({ status }) => status === 'EXPIRED')).toHaveLength(
      TRIGGERS_MAX - 1,
    );
    driven.engine.checkInvariants();
  });

  it('can all be cancelled at once', () => {
    const driven = crowd();
    const events = driven.accept(cancelAll(MAKER));
    expect(ordersOf(events, MAKER)).toHaveLength(FILLS_MAX);
    driven.engine.checkInvariants();
  });
});

describe('amounts at the edge of 2^53', () => {
  it('trade exactly: the largest supply at the largest value', () => {
    const driven = exchange(0, 1, FACTOR);
    fund(driven, TAKER, CASH, MAX);
    fund(driven, MAKER, COIN, 3);
    const third = (Math.floor(MAX / FACTOR / 3) + 1) * FACTOR;
    expect(driven.apply(limit(TAKER, 'BUY', 3, third))).toBe('notional');
    driven.accept(limit(TAKER, 'BUY', 1, MAX));
    const events = driven.accept(limit(MAKER, 'SELL', 1, FACTOR, 'IOC'));
    expect(ordersOf(events, MAKER).at(-1)).toMatchObject({ status: 'FILLED', executedQuote: MAX });
    driven.engine.checkInvariants();
  });

  it('are refused where a level of cheap bids would hold 2^53 units of base', () => {
    // A lot of 10^8 units for one unit of cash: 90,071,992 lots are the most below 2^53 units.
    const lot = 100_000_000;
    const driven = exchange(8, lot);
    fund(driven, TAKER, CASH, 1_000_000_000);
    driven.accept(limit(TAKER, 'BUY', 90_000_000 * lot, 1));
    expect(driven.apply(limit(TAKER, 'BUY', 71_993 * lot, 1))).toBe('lotSize');
    driven.accept(limit(TAKER, 'BUY', 71_992 * lot, 1));
    expect(driven.apply(limit(TAKER, 'BUY', lot, 1))).toBe('lotSize');
    driven.accept(limit(TAKER, 'BUY', lot, 2));
    driven.engine.checkInvariants();
  });

  it('trade exactly at the largest number of ticks', () => {
    const driven = exchange(0, 1);
    const price = 2 ** 31 - 1;
    // A SELL may rest as long as its value and the whole supply stay below 2^53 together.
    const quantity = 2 ** 21;
    fund(driven, TAKER, CASH, price * quantity);
    fund(driven, MAKER, COIN, quantity + 1);
    expect(driven.apply(limit(MAKER, 'SELL', quantity + 1, price))).toBe('notional');
    driven.accept(limit(MAKER, 'SELL', quantity, price));
    const events = driven.accept(limit(TAKER, 'BUY', quantity, price));
    expect(ordersOf(events, TAKER).at(-1)).toMatchObject({
      status: 'FILLED',
      executedQuote: price * quantity,
    });
    driven.engine.checkInvariants();
  });

  it('are refused where hidden slices would bring a level to 2^53 units of base', () => {
    const lot = 100_000_000;
    const driven = exchange(8, lot);
    fund(driven, TAKER, CASH, 1_000_000_000);
    const iceberg = newOrder({
      account: TAKER,
      price: 1,
      quantity: 90_071_991 * lot,
      icebergQuantity: 1_000 * lot,
    });
    driven.accept(iceberg);
    expect(driven.apply(limit(TAKER, 'BUY', 2 * lot, 1))).toBe('lotSize');
    driven.accept(limit(TAKER, 'BUY', lot, 1));
    driven.engine.checkInvariants();
  });

  it('are refused where a SELL could receive 2^53 of quote, as taker and then as maker', () => {
    const driven = exchange(0, 1);
    fund(driven, TAKER, CASH, MAX - 100);
    fund(driven, MAKER, COIN, 101);
    expect(driven.apply(limit(MAKER, 'SELL', 101, 1))).toBe('notional');
    driven.accept(limit(MAKER, 'SELL', 100, 1));
  });
});
