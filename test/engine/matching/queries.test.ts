import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId, MarketId, OrderId, Price, Units } from '#domain/ids.ts';
import { listingCommands } from '#domain/markets.ts';
import type { Side } from '#domain/orders.ts';
import { listings } from '#environments/markets.ts';
import { DrivenEngine } from './driven-engine.ts';

const ALICE = 1 as AccountId;
const BOB = 2 as AccountId;
const [BTCUSDT, ETHUSDT] = [0 as MarketId, 1 as MarketId];
const USD = 1_000_000;
const BTC = 100_000_000;

describe('a question', () => {
  let driven: DrivenEngine;
  beforeEach(() => {
    driven = new DrivenEngine();
    for (const command of listingCommands(listings)) driven.accept(command);
    for (const asset of [0, 1, 2]) {
      driven.accept({
        type: 'deposit',
        account: ALICE,
        asset: asset as never,
        amount: (10_000 * BTC) as Units,
        reference: '',
      });
    }
  });

  function rest(market: MarketId, side: Side, price: number, clientOrderId = ''): void {
    driven.accept({
      type: 'place',
      account: ALICE,
      market,
      side,
      orderType: 'LIMIT_MAKER',
      timeInForce: 'GTC',
      price: (price * USD) as Price,
      quantity: BTC as Units,
      quoteOrderQty: null,
      clientOrderId,
    });
  }
  const ids = (records: readonly unknown[]) =>
    records.map((record) => (record as { orderId: number }).orderId);

  it('for a book gets bids from the highest, then asks from the lowest, as deep as asked', () => {
    for (const price of [98, 99, 97, 99]) rest(BTCUSDT, 'BUY', price);
    for (const price of [103, 101, 102]) rest(BTCUSDT, 'SELL', price);
    const level = (side: Side, price: number, quantity: number) => ({
      type: 'level',
      market: BTCUSDT,
      side,
      price: price * USD,
      quantity: quantity * BTC,
    });
    const book = [
      [level('BUY', 99, 2), level('BUY', 98, 1), level('BUY', 97, 1)],
      [level('SELL', 101, 1), level('SELL', 102, 1), level('SELL', 103, 1)],
    ];
    const depth = (depthMax: number) => driven.ask({ type: 'book', market: BTCUSDT, depthMax });
    expect(depth(100)).toEqual(book.flat());
    expect(depth(3)).toEqual(book.flat());
    expect(depth(2)).toEqual(book.flatMap((side) => side.slice(0, 2)));
    expect(depth(0)).toEqual([]);
    expect(depth(-1)).toEqual([]);
    expect(driven.ask({ type: 'book', market: 99 as MarketId, depthMax: 5 })).toEqual([]);
  });

  it('for open orders gets them oldest first, of one market or of all', () => {
    rest(ETHUSDT, 'BUY', 10);
    rest(BTCUSDT, 'BUY', 12);
    rest(ETHUSDT, 'BUY', 11);
    const open = (account: AccountId, market: MarketId | null) =>
      ids(driven.ask({ type: 'openOrders', account, market }));
    expect(open(ALICE, null)).toEqual([1, 2, 3]);
    expect(open(ALICE, ETHUSDT)).toEqual([1, 3]);
    expect(open(ALICE, 99 as MarketId)).toEqual([]);
    expect(open(BOB, null)).toEqual([]);
  });

  it('for one order finds it by either id, or by both when they agree', () => {
    rest(BTCUSDT, 'BUY', 10, 'mine');
    const find = (orderId: number | null, clientOrderId: string, account = ALICE, market = BTCUSDT) =>
      ids(
        driven.ask({ type: 'openOrder', account, market, orderId: orderId as OrderId | null, clientOrderId }),
      );
    expect(find(1, '')).toEqual([1]);
    expect(find(null, 'mine')).toEqual([1]);
    expect(find(1, 'mine')).toEqual([1]);
    expect(find(1, 'other')).toEqual([]);
    expect(find(2, 'mine')).toEqual([]);
    expect(find(null, '')).toEqual([]);
    expect(find(1, '', BOB)).toEqual([]);
    expect(find(1, '', ALICE, ETHUSDT)).toEqual([]);
  });

  it('for the position gets nothing but the sequence of its reply', () => {
    expect(driven.ask({ type: 'position' })).toEqual([]);
  });

  it('changes nothing', () => {
    rest(BTCUSDT, 'BUY', 10, 'mine');
    const { engine } = driven;
    const before = [engine.digest(), engine.lastSeq];
    driven.ask({ type: 'balances', account: BOB });
    driven.ask({ type: 'openOrders', account: BOB, market: null });
    expect([engine.digest(), engine.lastSeq]).toEqual(before);
  });
});

describe('the engine', () => {
  it('takes commands in their sequence only', () => {
    const { engine } = new DrivenEngine();
    const command = { type: 'cancelAll', account: ALICE, market: BTCUSDT } as const;
    expect(() => engine.apply(2 as never, 1 as never, command, null as never)).toThrow('contiguous');
  });
});
