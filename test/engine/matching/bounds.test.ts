/** The limits that keep one command's events within a frame, and every sum exact. */
import { describe, expect, it } from '@jest/globals';
import type { CommandOf } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, MarketId, Ppm, Price, Units } from '#domain/ids.ts';
import type { Side, TimeInForce } from '#domain/orders.ts';
import { FILLS_MAX } from '#services/engine/matching/matching.ts';
import { DrivenEngine } from './driven-engine.ts';

const [COIN, CASH] = [0 as AssetId, 1 as AssetId];
const MARKET = 0 as MarketId;
const MAX = Number.MAX_SAFE_INTEGER;
const [MAKER, TAKER] = [1 as AccountId, 2 as AccountId];

/** COIN for CASH, both without decimals; `lot` coins at a price are that price of cash in a coin of `lot` units. */
function exchange(coinScale: number, lot: number): DrivenEngine {
  const driven = new DrivenEngine();
  driven.accept({ type: 'listAsset', asset: COIN, scale: coinScale, name: 'COIN' });
  driven.accept({ type: 'listAsset', asset: CASH, scale: 0, name: 'CASH' });
  driven.accept({
    type: 'listMarket',
    market: MARKET,
    base: COIN,
    quote: CASH,
    tick: 1 as Price,
    priceMin: 1 as Price,
    priceMax: MAX as Price,
    lot: lot as Units,
    quantityMin: lot as Units,
    quantityMax: (Math.floor(MAX / lot) * lot) as Units,
    marketQuantityMax: (Math.floor(MAX / lot) * lot) as Units,
    notionalMin: 1 as Units,
    notionalMax: MAX as Units,
    ordersMax: 10_000,
    makerFee: 0 as Ppm,
    takerFee: 0 as Ppm,
    symbol: 'COINCASH',
  });
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
  return {
    type: 'place',
    account,
    market: MARKET,
    side,
    orderType: 'LIMIT',
    timeInForce,
    price: price as Price,
    quantity: quantity as Units,
    quoteOrderQty: null,
    clientOrderId: '',
  };
}

const ordersOf = (events: readonly Event[], account: AccountId) =>
  events.filter((event): event is EventOf<'order'> => event.type === 'order' && event.account === account);

describe('an order that meets more makers than one command may fill', () => {
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

  it('can all be cancelled at once', () => {
    const driven = crowd();
    const events = driven.accept({ type: 'cancelAll', account: MAKER, market: MARKET });
    expect(ordersOf(events, MAKER)).toHaveLength(FILLS_MAX);
    driven.engine.checkInvariants();
  });
});

describe('amounts at the edge of 2^53', () => {
  it('trade exactly: the largest supply at the largest value', () => {
    const driven = exchange(0, 1);
    fund(driven, TAKER, CASH, MAX);
    fund(driven, MAKER, COIN, 3);
    expect(driven.apply(limit(TAKER, 'BUY', 3, Math.ceil(MAX / 3) + 1))).toBe('notional');
    driven.accept(limit(TAKER, 'BUY', 1, MAX));
    const events = driven.accept(limit(MAKER, 'SELL', 1, 1, 'IOC'));
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

  it('are refused where a SELL could receive 2^53 of quote, as taker and then as maker', () => {
    const driven = exchange(0, 1);
    fund(driven, TAKER, CASH, MAX - 100);
    fund(driven, MAKER, COIN, 101);
    expect(driven.apply(limit(MAKER, 'SELL', 101, 1))).toBe('notional');
    driven.accept(limit(MAKER, 'SELL', 100, 1));
  });
});
