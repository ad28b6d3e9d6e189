import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

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
});

describe('an order is refused as invalid', () => {
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
    `);
  });
});
