import { describe, expect, it } from '@jest/globals';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { newMarket, newOrder } from '#test/support/commands.ts';
import { DrivenEngine } from './driven-engine.ts';
import { FREE, play } from './scenario.ts';

describe('a filter refuses', () => {
  it('a price off the tick or out of range', () => {
    play(`
      alice has 5000 USD
      > alice BUY LIMIT GTC 1 @ 100.5
      refused: priceFilter
      > alice BUY LIMIT GTC 2 @ 9
      refused: priceFilter
      > alice BUY LIMIT GTC 1 @ 1001
      refused: priceFilter
      > alice BUY LIMIT GTC 1 @ 10
      #1 alice NEW 0 of 1
      bids at 10: 1
      alice has 4990 USD, 10 held
      > alice BUY LIMIT GTC 1 @ 1000
      #2 alice NEW 0 of 1
      bids at 1000: 1
      alice has 3990 USD, 1010 held
    `);
  });

  it('a quantity off the lot or out of range', () => {
    play(`
      alice has 5000 USD
      > alice BUY LIMIT GTC 1.05 @ 100
      refused: lotSize
      > alice BUY LIMIT GTC 0.1 @ 100
      refused: lotSize
      > alice BUY LIMIT GTC 100.1 @ 10
      refused: lotSize
      > alice BUY MARKET 0.1
      refused: lotSize
      > alice BUY LIMIT GTC 100 @ 10
      #1 alice NEW 0 of 100
      bids at 10: 100
      alice has 4000 USD, 1000 held
    `);
  });

  it('a MARKET quantity above its own maximum', () => {
    play(`
      alice has 5000 USD
      > alice BUY MARKET 50.1
      refused: marketLotSize
      > alice BUY MARKET 50
      #1 alice NEW 0 of 50
      #1 alice EXPIRED 0 of 50
    `);
  });

  it('a value out of range: of a limit order at its price, of an amount as such', () => {
    play(`
      alice has 50000 USD
      > alice BUY LIMIT GTC 0.9 @ 11
      refused: notional
      > alice BUY LIMIT GTC 10.1 @ 1000
      refused: notional
      > alice BUY MARKET for 9.9999 USD
      refused: notional
      > alice BUY MARKET for 10000.0001 USD
      refused: notional
      > alice BUY LIMIT IOC 10 @ 1000
      #1 alice NEW 0 of 10
      #1 alice EXPIRED 0 of 10
    `);
  });

  it('a MARKET quantity whose value at the last price is out of range, once there was a trade', () => {
    play(`
      alice has 50000 USD
      alice has 50 BTC
      > alice BUY MARKET 0.2
      #1 alice NEW 0 of 0.2
      #1 alice EXPIRED 0 of 0.2
      > alice SELL LIMIT GTC 1 @ 10
      #2 alice NEW 0 of 1
      asks at 10: 1
      alice has 49 BTC, 1 held
      > alice BUY MARKET 1
      #3 alice NEW 0 of 1
      alice sells 1 to alice at 10, fees 0.01 USD, 0.002 BTC
      #2 alice FILLED 1 of 1 for 10 USD
      #3 alice FILLED 1 of 1 for 10 USD
      asks at 10: 0
      alice has 49999.99 USD
      alice has 49.998 BTC
      exchange has 0.002 BTC
      exchange has 0.01 USD
      > alice BUY MARKET 0.9
      refused: notional
      > alice BUY MARKET 1
      #4 alice NEW 0 of 1
      #4 alice EXPIRED 0 of 1
    `);
  });

  it('one resting order too many, but no order that cannot rest', () => {
    play(`
      alice has 500 USD
             1 alice | 13 |
             1 alice | 12 |
             1 alice | 11 |
      > alice BUY LIMIT GTC 1 @ 10
      refused: maxNumOrders
      > alice BUY LIMIT_MAKER 1 @ 10
      refused: maxNumOrders
      > alice BUY LIMIT IOC 1 @ 10
      #4 alice NEW 0 of 1
      #4 alice EXPIRED 0 of 1
      > alice CANCEL #2
      #2 alice CANCELED 0 of 1
      bids at 12: 0
      alice has 512 USD, 24 held
      > alice BUY LIMIT GTC 1 @ 10
      #5 alice NEW 0 of 1
      bids at 10: 1
      alice has 502 USD, 34 held
    `);
  });

  it('a position that could grow too large, with all that is open to buy', () => {
    play(
      `
      balances aside
      last price 100
      alice has 2000 USD
      alice has 1 BTC
      > alice SELL LIMIT GTC 0.5 @ 110
      #3 alice NEW 0 of 0.5
      asks at 110: 0.5
      > alice BUY LIMIT GTC 2.1 @ 100
      refused: maxPosition
      > alice BUY LIMIT GTC 1.5 @ 100
      #4 alice NEW 0 of 1.5
      bids at 100: 1.5
      > alice BUY STOP_LOSS 0.6 stop 120
      refused: maxPosition
      > alice BUY MARKET 0.6
      refused: maxPosition
      > alice BUY STOP_LOSS 0.5 stop 120
      #5 alice NEW 0 of 0.5 stop 120 waiting
      > alice BUY LIMIT IOC 0.2 @ 100
      refused: maxPosition
      > alice SELL LIMIT IOC 0.2 @ 200
      #6 alice NEW 0 of 0.2
      #6 alice EXPIRED 0 of 0.2
    `,
      { positionMax: '3' },
    );
  });

  it('a position, in which an amount to spend counts as nothing, and an OCO and an OTO but once', () => {
    play(
      `
      balances aside
      last price 100
      alice has 2000 USD
      alice has 1 BTC
                     | 100 | 3 bob
      > alice BUY MARKET for 300 USD
      #4 alice NEW 0 of 300 USD
      bob sells 3 to alice at 100
      #3 bob FILLED 3 of 3 for 300 USD
      #4 alice FILLED 3 of 3 for 300 USD
      asks at 100: 0
      > alice BUY LIMIT GTC 0.2 @ 90
      refused: maxPosition
      > alice BUY MARKET for 20 USD
      refused: maxPosition
    `,
      { ...FREE, positionMax: '3' },
    );
    play(
      `
      balances aside
      last price 100
      alice has 2000 USD
      alice has 1 BTC
      > alice OCO BUY 2.1: STOP_LOSS stop 110 | LIMIT_MAKER @ 90
      refused: maxPosition
      > alice OCO BUY 2: STOP_LOSS stop 110 | LIMIT_MAKER @ 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 2 stop 110 waiting in list 1
      #4 alice NEW 0 of 2 in list 1
      bids at 90: 2
      > alice CANCEL list 1
      #3 alice CANCELED 0 of 2 stop 110 in list 1
      #4 alice CANCELED 0 of 2 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      bids at 90: 0
      > alice OTO: BUY LIMIT GTC 2 @ 90 | BUY LIMIT GTC 2 @ 89
      list 2 alice OTO EXECUTING: #5, #6
      #5 alice NEW 0 of 2 in list 2
      #6 alice PENDING_NEW 0 of 2 in list 2
      bids at 90: 2
      > alice BUY LIMIT GTC 0.2 @ 90
      refused: maxPosition
    `,
      { ...FREE, positionMax: '3' },
    );
  });
});

describe('a pending order to buy', () => {
  it('is no part of a position before it is placed', () => {
    play(
      `
      balances aside
      alice has 2000 USD
      > alice OTO: BUY LIMIT GTC 1 @ 90 | BUY LIMIT GTC 2 @ 89
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 2 in list 1
      bids at 90: 1
      > alice BUY LIMIT GTC 2.1 @ 88
      refused: maxPosition
      > alice BUY LIMIT GTC 2 @ 88
      #3 alice NEW 0 of 2
      bids at 88: 2
    `,
      { positionMax: '3' },
    );
  });
});

describe('what lies just on a bound passes', () => {
  it('though the order is no plain one: price, quantity, value', () => {
    play(
      `
      balances aside
      alice has 20000 USD
      > alice BUY LIMIT_MAKER 1 @ 10
      #1 alice NEW 0 of 1
      bids at 10: 1
      > alice BUY LIMIT_MAKER 100 @ 11
      #2 alice NEW 0 of 100
      bids at 11: 100
      > alice BUY LIMIT_MAKER 0.2 @ 50
      #3 alice NEW 0 of 0.2
      bids at 50: 0.2
      > alice CANCEL ALL
      #1 alice CANCELED 0 of 1
      #2 alice CANCELED 0 of 100
      #3 alice CANCELED 0 of 0.2
      bids at 10: 0
      bids at 11: 0
      bids at 50: 0
      > alice BUY LIMIT_MAKER 10 @ 1000
      #4 alice NEW 0 of 10
      bids at 1000: 10
    `,
      FREE,
    );
  });

  it('and so do stops, slices, and the value that a MARKET order has at the last price', () => {
    play(`
      balances aside
      alice has 2 BTC
      alice has 2000 USD
      > alice BUY STOP_LOSS 1 stop 1000
      #1 alice NEW 0 of 1 stop 1000 waiting
      > alice SELL STOP_LOSS 1 stop 10
      #2 alice NEW 0 of 1 stop 10 waiting
      > alice BUY LIMIT GTC 2 @ 100 showing 0.2
      #3 alice NEW 0 of 2 showing 0.2
      bids at 100: 0.2
    `);
    play(`
      balances aside
      last price 200
      > alice BUY MARKET 50
      #3 alice NEW 0 of 50
      #3 alice EXPIRED 0 of 50
      > alice BUY MARKET for 10000 USD
      refused: insufficientBalance
      > alice BUY MARKET for 10 USD
      refused: insufficientBalance
    `);
  });
});

describe('an order is refused as invalid', () => {
  it('when it has a field that is not its own, though that is nothing', () => {
    const driven = new DrivenEngine();
    driven.accept({ type: 'listAsset', asset: 0 as AssetId, scale: 0, name: 'COIN' });
    driven.accept({ type: 'listAsset', asset: 1 as AssetId, scale: 0, name: 'CASH' });
    driven.accept(newMarket());
    const account = 1 as AccountId;
    driven.accept({ type: 'deposit', account, asset: 1 as AssetId, amount: 100 as Units, reference: '' });
    const plain = { account, price: 1, quantity: 1 };
    driven.accept(newOrder(plain));
    for (const field of ['stopPrice', 'trailingDelta', 'icebergQuantity', 'quoteOrderQty']) {
      for (const amount of [-1, 0]) {
        expect([field, driven.apply(newOrder({ ...plain, [field]: amount }))]).toEqual([
          field,
          'invalidOrder',
        ]);
      }
    }
  });

  it('when its type and its fields do not go together', () => {
    play(`
      alice has 500 USD
      > alice BUY LIMIT GTC 1
      refused: invalidOrder
      > alice BUY LIMIT GTC 0 @ 100
      refused: invalidOrder
      > alice BUY LIMIT GTC 1 @ 0
      refused: invalidOrder
      > alice BUY LIMIT GTC 1 @ 100 for 100 USD
      refused: invalidOrder
      > alice BUY LIMIT_MAKER 1
      refused: invalidOrder
      > alice BUY MARKET 1 @ 100
      refused: invalidOrder
      > alice BUY MARKET 1 for 100 USD
      refused: invalidOrder
      > alice BUY MARKET for 0 USD
      refused: invalidOrder
      > alice BUY MARKET
      refused: invalidOrder
      > alice BUY LIMIT_MAKER 1 @ 100 for 100 USD
      refused: invalidOrder
      > exchange BUY LIMIT GTC 1 @ 100
      refused: invalidOrder
    `);
  });
});
