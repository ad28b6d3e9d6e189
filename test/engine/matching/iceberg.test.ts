import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('an iceberg', () => {
  it('shows one slice of what it holds', () => {
    play(
      `
      alice has 5 BTC
      > alice SELL LIMIT GTC 5 @ 101 showing 2
      #1 alice NEW 0 of 5 showing 2
      asks at 101: 2
      alice has 0 BTC, 5 held
                     | 101 | 5 alice
    `,
      FREE,
    );
  });

  it('loses its place in the queue with every new slice', () => {
    play(
      `
      balances aside
      alice has 5 BTC
      bob has 1 BTC
      carol has 1000 USD
      > alice SELL LIMIT GTC 5 @ 101 showing 2
      #1 alice NEW 0 of 5 showing 2
      asks at 101: 2
      > bob SELL LIMIT GTC 1 @ 101
      #2 bob NEW 0 of 1
      asks at 101: 3
                     | 101 | 5 alice, 1 bob
      > carol BUY MARKET 1
      #3 carol NEW 0 of 1
      alice sells 1 to carol at 101
      #1 alice PARTIALLY_FILLED 1 of 5 for 101 USD showing 2
      #3 carol FILLED 1 of 1 for 101 USD
      asks at 101: 2
                     | 101 | 4 alice, 1 bob
      > carol BUY MARKET 1
      #4 carol NEW 0 of 1
      alice sells 1 to carol at 101
      #1 alice PARTIALLY_FILLED 2 of 5 for 202 USD showing 2
      #4 carol FILLED 1 of 1 for 101 USD
      asks at 101: 3
                     | 101 | 1 bob, 3 alice
    `,
      FREE,
    );
  });

  it('is met slice by slice by one order, those behind it in between; its last slice is what is left', () => {
    play(
      `
      alice has 5 BTC
      bob has 1 BTC
      carol has 606 USD
      > alice SELL LIMIT GTC 5 @ 101 showing 2
      #1 alice NEW 0 of 5 showing 2
      asks at 101: 2
      alice has 0 BTC, 5 held
      > bob SELL LIMIT GTC 1 @ 101
      #2 bob NEW 0 of 1
      asks at 101: 3
      bob has 0 BTC, 1 held
      > carol BUY LIMIT GTC 6 @ 101
      #3 carol NEW 0 of 6
      alice sells 2 to carol at 101
      #1 alice PARTIALLY_FILLED 2 of 5 for 202 USD showing 2
      bob sells 1 to carol at 101
      #2 bob FILLED 1 of 1 for 101 USD
      alice sells 2 to carol at 101
      #1 alice PARTIALLY_FILLED 4 of 5 for 404 USD showing 2
      alice sells 1 to carol at 101
      #1 alice FILLED 5 of 5 for 505 USD showing 2
      #3 carol FILLED 6 of 6 for 606 USD
      asks at 101: 0
      alice has 0 BTC
      alice has 505 USD
      bob has 0 BTC
      bob has 101 USD
      carol has 0 USD
      carol has 6 BTC
                     | empty |
    `,
      FREE,
    );
  });

  it('trades with all it has when it arrives, and hides what then rests', () => {
    play(
      `
      alice has 5 BTC
               3 bob | 101 |
      > alice SELL LIMIT GTC 5 @ 101 showing 1
      #2 alice NEW 0 of 5 showing 1
      alice sells 3 to bob at 101
      #1 bob FILLED 3 of 3 for 303 USD
      #2 alice PARTIALLY_FILLED 3 of 5 for 303 USD showing 1
      bids at 101: 0
      asks at 101: 1
      alice has 0 BTC, 2 held
      alice has 303 USD
      bob has 0 USD
      bob has 3 BTC
                     | 101 | 2 alice
    `,
      FREE,
    );
  });

  it('has hidden lots for who wants all or nothing', () => {
    play(
      `
      balances aside
      alice has 5 BTC
      carol has 1000 USD
      > alice SELL LIMIT_MAKER 5 @ 101 showing 4
      #1 alice NEW 0 of 5 showing 4
      asks at 101: 4
      > carol BUY LIMIT FOK 5.1 @ 101
      #2 carol NEW 0 of 5.1
      #2 carol EXPIRED 0 of 5.1
      > carol BUY LIMIT FOK 5 @ 101
      #3 carol NEW 0 of 5
      alice sells 4 to carol at 101
      #1 alice PARTIALLY_FILLED 4 of 5 for 404 USD showing 4
      alice sells 1 to carol at 101
      #1 alice FILLED 5 of 5 for 505 USD showing 4
      #3 carol FILLED 5 of 5 for 505 USD
      asks at 101: 0
    `,
      FREE,
    );
  });

  it('gives back hidden lots too when it is cancelled', () => {
    play(`
      alice has 500 USD
      > alice BUY LIMIT GTC 5 @ 100 showing 1
      #1 alice NEW 0 of 5 showing 1
      bids at 100: 1
      alice has 0 USD, 500 held
      > alice CANCEL #1
      #1 alice CANCELED 0 of 5 showing 1
      bids at 100: 0
      alice has 500 USD
    `);
  });

  it('may wait for its trigger before it shows anything', () => {
    play(
      `
      balances aside
      last price 100
      alice has 5 BTC
      > alice SELL STOP_LOSS_LIMIT GTC 5 @ 94 stop 95 showing 2
      #3 alice NEW 0 of 5 stop 95 waiting showing 2
      > price moves to 95
      #3 alice NEW 0 of 5 stop 95 showing 2
      asks at 94: 2
                     | 94 | 5 alice
    `,
      FREE,
    );
  });

  it('is refused with too many slices, or slices off the lot, too small or larger than the order', () => {
    play(`
      alice has 500 USD
      > alice BUY LIMIT GTC 4.1 @ 100 showing 0.4
      refused: icebergParts
      > alice BUY LIMIT GTC 4 @ 100 showing 0.25
      refused: lotSize
      > alice BUY LIMIT GTC 1 @ 100 showing 0.1
      refused: lotSize
      > alice BUY LIMIT GTC 1 @ 100 showing 1.1
      refused: invalidOrder
      > alice BUY LIMIT GTC 1 @ 100 showing 0
      refused: invalidOrder
      > alice BUY LIMIT GTC 4 @ 100 showing 0.4
      #1 alice NEW 0 of 4 showing 0.4
      bids at 100: 0.4
      alice has 100 USD, 400 held
      > alice BUY LIMIT GTC 1 @ 99 showing 1
      #2 alice NEW 0 of 1 showing 1
      bids at 99: 1
      alice has 1 USD, 499 held
    `);
  });

  it('is refused when it cannot rest, or has no price', () => {
    play(`
      last price 100
      alice has 500 USD
      > alice BUY LIMIT IOC 2 @ 100 showing 1
      refused: invalidOrder
      > alice BUY LIMIT FOK 2 @ 100 showing 1
      refused: invalidOrder
      > alice BUY MARKET 2 showing 1
      refused: invalidOrder
      > alice BUY STOP_LOSS 2 stop 105 showing 1
      refused: invalidOrder
      > alice BUY STOP_LOSS_LIMIT IOC 2 @ 106 stop 105 showing 1
      refused: invalidOrder
    `);
  });

  it('is one of so many at most', () => {
    play(
      `
      balances aside
      alice has 500 USD
      > alice BUY LIMIT GTC 2 @ 100 showing 1
      #1 alice NEW 0 of 2 showing 1
      bids at 100: 1
      > alice BUY LIMIT GTC 2 @ 99 showing 1
      refused: maxNumIcebergOrders
      > alice BUY LIMIT GTC 1 @ 99
      #2 alice NEW 0 of 1
      bids at 99: 1
    `,
      { icebergOrdersMax: 1 },
    );
  });
});
