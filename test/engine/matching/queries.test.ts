import { beforeEach, describe, expect, it } from '@jest/globals';
import { FrameWriter } from '#domain/codec.ts';
import {
  type AccountId,
  type AssetId,
  FEE_ACCOUNT,
  type MarketId,
  type OrderId,
  type Ppm,
  type Units,
} from '#domain/ids.ts';
import { listingCommands } from '#domain/markets.ts';
import type { Side } from '#domain/orders.ts';
import { listings } from '#environments/markets.ts';
import { cancelAll, newOrder, noSession } from '#test/support/commands.ts';
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
    driven.accept(
      newOrder({
        account: ALICE,
        market,
        side,
        orderType: 'LIMIT_MAKER',
        price: price * USD,
        quantity: BTC,
        clientOrderId,
      }),
    );
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

  it('for an order finds it though another account or market has the same client order id', () => {
    rest(BTCUSDT, 'BUY', 10, 'mine');
    driven.accept({
      type: 'deposit',
      account: BOB,
      asset: 0 as AssetId,
      amount: (1_000 * BTC) as Units,
      reference: '',
    });
    driven.accept(
      newOrder({ account: BOB, price: 10 * USD, quantity: BTC, clientOrderId: 'mine', market: ETHUSDT }),
    );
    const find = (account: AccountId, market: MarketId) =>
      ids(driven.ask({ type: 'openOrder', account, market, orderId: null, clientOrderId: 'mine' }));
    expect(find(ALICE, BTCUSDT)).toEqual([1]);
    expect(find(BOB, ETHUSDT)).toEqual([2]);
    expect(find(BOB, BTCUSDT)).toEqual([]);
  });

  it('for open order lists gets them oldest first, until all their orders have ended', () => {
    const leg = { side: 'SELL', timeInForce: 'GTC', quantity: BTC as Units } as const;
    const none = { price: null, stopPrice: null, trailingDelta: null, icebergQuantity: null };
    for (const [market, name] of [
      [ETHUSDT, 'first'],
      [BTCUSDT, 'second'],
    ] as const) {
      const upper = { ...none, ...leg, orderType: 'LIMIT_MAKER', price: 110 * USD };
      const lower = { ...none, ...leg, orderType: 'STOP_LOSS', stopPrice: 90 * USD };
      const unused = { ...none, ...leg, orderType: 'LIMIT', quantity: null };
      const legs = { first: upper, second: lower, third: unused };
      const terms = Object.entries(legs).flatMap(([prefix, fields]) =>
        Object.entries(fields).map(([field, value]) => [
          prefix + field[0]!.toUpperCase() + field.slice(1),
          value,
        ]),
      );
      driven.accept({
        type: 'placeList',
        ...noSession,
        account: ALICE,
        market,
        kind: 'OCO',
        selfTradePrevention: 'NONE',
        ...Object.fromEntries(terms),
        listClientOrderId: name,
        firstClientOrderId: '',
        secondClientOrderId: '',
        thirdClientOrderId: '',
      });
    }
    const open = (account = ALICE) => driven.ask({ type: 'openOrderLists', account });
    const list = { type: 'orderList', account: ALICE, kind: 'OCO', status: 'EXECUTING', thirdOrderId: null };
    const [first, second] = [
      {
        ...list,
        orderListId: 1,
        market: ETHUSDT,
        firstOrderId: 1,
        secondOrderId: 2,
        listClientOrderId: 'first',
      },
      {
        ...list,
        orderListId: 2,
        market: BTCUSDT,
        firstOrderId: 3,
        secondOrderId: 4,
        listClientOrderId: 'second',
      },
    ];
    expect(open()).toMatchObject([first, second]);
    expect(open(BOB)).toEqual([]);
    expect(ids(driven.ask({ type: 'openOrders', account: ALICE, market: null }))).toEqual([1, 2, 3, 4]);
    driven.accept(cancelAll(ALICE, ETHUSDT));
    expect(open()).toMatchObject([second]);
  });

  it("for fees gets those of the market, or of the account's tier", () => {
    const fees = (account: AccountId, market = BTCUSDT) => driven.ask({ type: 'fees', account, market });
    const rates = (makerFee: number, takerFee: number) => [{ type: 'feeRates', makerFee, takerFee }];
    expect(fees(ALICE)).toEqual(rates(1_000, 1_000));
    expect(fees(BOB)).toEqual(rates(1_000, 1_000));
    expect(fees(ALICE, 99 as MarketId)).toEqual([]);
    driven.accept({ type: 'setFeeTier', tier: 3, makerFee: 10 as Ppm, takerFee: 20 as Ppm });
    driven.accept({ type: 'setAccountTier', account: BOB, tier: 3 });
    expect(fees(ALICE)).toEqual(rates(1_000, 1_000));
    expect(fees(BOB)).toEqual(rates(10, 20));
    driven.accept({ type: 'setAccountTier', account: BOB, tier: 0 });
    expect(fees(BOB)).toEqual(rates(1_000, 1_000));
  });

  it('for all balances gets each at its place, page by page, zero ones and fees too', () => {
    const none = driven.ask({ type: 'balances', account: FEE_ACCOUNT });
    expect(none).toEqual([]);
    const page = (from: number, countMax: number) => driven.ask({ type: 'allBalances', from, countMax });
    const all = page(0, 1_000_000);
    const named = all.map((record) =>
      record.type === 'balance' ? `${record.account} ${record.asset}` : '?',
    );
    expect(named.toSorted()).toEqual(
      [0, 1, 2, 3, 4].flatMap((asset) => [`0 ${asset}`, ...(asset < 3 ? [`1 ${asset}`] : [])]).toSorted(),
    );
    expect(all).toContainEqual({
      type: 'balance',
      account: ALICE,
      asset: 2,
      available: 10_000 * BTC,
      held: 0,
    });
    expect([...page(0, 3), ...page(3, 3), ...page(6, 3)]).toEqual(all);
    driven.accept({ type: 'deposit', account: BOB, asset: 4 as AssetId, amount: 1 as Units, reference: '' });
    expect(page(0, 8)).toEqual(all);
    expect(page(8, 8)).toEqual([{ type: 'balance', account: BOB, asset: 4, available: 1, held: 0 }]);
    for (const from of [9, 2 ** 32, 2 ** 53 - 1]) expect(page(from, 8)).toEqual([]);
    for (const countMax of [0, -1]) expect(page(0, countMax)).toEqual([]);
    expect(page(-5, 2)).toEqual(all.slice(0, 2));
  });

  it('for a book, orders, lists or fees may name anything: what does not exist has no records', () => {
    rest(BTCUSDT, 'BUY', 10, 'mine');
    for (const number of [-1, 7, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1]) {
      const account = number as AccountId;
      const market = number as MarketId;
      const orderId = number as OrderId;
      expect(driven.ask({ type: 'book', market, depthMax: 5 })).toEqual([]);
      expect(driven.ask({ type: 'balances', account })).toEqual([]);
      expect(driven.ask({ type: 'openOrders', account, market: null })).toEqual([]);
      expect(driven.ask({ type: 'openOrders', account: ALICE, market })).toEqual([]);
      expect(driven.ask({ type: 'openOrderLists', account })).toEqual([]);
      expect(driven.ask({ type: 'fees', account: ALICE, market })).toEqual([]);
      const open = {
        type: 'openOrder',
        account: ALICE,
        market: BTCUSDT,
        orderId,
        clientOrderId: '',
      } as const;
      expect(driven.ask(open)).toEqual([]);
    }
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
    driven.ask({ type: 'openOrderLists', account: BOB });
    driven.ask({ type: 'fees', account: BOB, market: BTCUSDT });
    expect([engine.digest(), engine.lastSeq]).toEqual(before);
  });
});

describe('the engine', () => {
  it('takes commands in their sequence only', () => {
    const { engine } = new DrivenEngine();
    const commands = new FrameWriter();
    const at = commands.length;
    commands.write(2, 1, cancelAll(ALICE));
    expect(() => engine.apply(commands, at, new FrameWriter())).toThrow('sequence 2 follows 0');
  });
});
