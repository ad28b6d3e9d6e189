import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a LIMIT order, good till cancelled', () => {
  it('rests in the book and holds what it needs', () => {
    play(`
      alice has 500 USD
      > alice BUY LIMIT GTC 3 @ 100
      #1 alice NEW 0 of 3
      bids at 100: 3
      alice has 200 USD, 300 held
             3 alice | 100 |
    `);
  });

  it('trades with the best price first and the oldest order first, at their prices', () => {
    play(`
      alice has 1000 USD
                     | 103 | 5 dave
                     | 102 | 1 carol
                     | 101 | 1 bob, 2 carol
      > alice BUY LIMIT GTC 3.5 @ 102
      #5 alice NEW 0 of 3.5
      bob sells 1 to alice at 101, fees 0.101 USD, 0.002 BTC
      #3 bob FILLED 1 of 1 for 101 USD
      carol sells 2 to alice at 101, fees 0.202 USD, 0.004 BTC
      #4 carol FILLED 2 of 2 for 202 USD
      carol sells 0.5 to alice at 102, fees 0.051 USD, 0.001 BTC
      #2 carol PARTIALLY_FILLED 0.5 of 1 for 51 USD
      #5 alice FILLED 3.5 of 3.5 for 354 USD
      asks at 101: 0
      asks at 102: 0.5
      alice has 646 USD
      bob has 0 BTC
      alice has 3.493 BTC
      exchange has 0.007 BTC
      bob has 100.899 USD
      exchange has 0.354 USD
      carol has 0 BTC, 0.5 held
      carol has 252.747 USD
                     | 103 | 5 dave
                     | 102 | 0.5 carol
    `);
  });

  it('stops at its limit and rests with what is left, its better prices given back', () => {
    play(`
      alice has 500 USD
                     | 105 | 1 carol
                     | 100 | 1 bob
      > alice BUY LIMIT GTC 3 @ 104
      #3 alice NEW 0 of 3
      bob sells 1 to alice at 100, fees 0.1 USD, 0.002 BTC
      #2 bob FILLED 1 of 1 for 100 USD
      #3 alice PARTIALLY_FILLED 1 of 3 for 100 USD
      asks at 100: 0
      bids at 104: 2
      alice has 192 USD, 208 held
      bob has 0 BTC
      alice has 0.998 BTC
      exchange has 0.002 BTC
      bob has 99.9 USD
      exchange has 0.1 USD
                     | 105 | 1 carol
             2 alice | 104 |
    `);
  });

  it('sells to the highest bids first', () => {
    play(`
      alice has 2 BTC
               1 bob | 101 |
       1 carol, 1 bob | 100 |
      > alice SELL LIMIT GTC 2 @ 100
      #4 alice NEW 0 of 2
      alice sells 1 to bob at 101, fees 0.202 USD, 0.001 BTC
      #1 bob FILLED 1 of 1 for 101 USD
      alice sells 1 to carol at 100, fees 0.2 USD, 0.001 BTC
      #2 carol FILLED 1 of 1 for 100 USD
      #4 alice FILLED 2 of 2 for 201 USD
      bids at 101: 0
      bids at 100: 1
      alice has 0 BTC
      bob has 0 USD, 100 held
      alice has 200.598 USD
      exchange has 0.402 USD
      bob has 0.999 BTC
      exchange has 0.002 BTC
      carol has 0 USD
      carol has 0.999 BTC
               1 bob | 100 |
    `);
  });

  it('queues behind the orders that came before it', () => {
    play(`
      alice has 200 USD
      carol has 1 BTC
               1 bob | 100 |
      > alice BUY LIMIT GTC 2 @ 100
      #2 alice NEW 0 of 2
      bids at 100: 3
      alice has 0 USD, 200 held
      1 bob, 2 alice | 100 |
      > carol SELL LIMIT GTC 1 @ 90
      #3 carol NEW 0 of 1
      carol sells 1 to bob at 100, fees 0.2 USD, 0.001 BTC
      #1 bob FILLED 1 of 1 for 100 USD
      #3 carol FILLED 1 of 1 for 100 USD
      bids at 100: 2
      carol has 0 BTC
      bob has 0 USD
      carol has 99.8 USD
      exchange has 0.2 USD
      bob has 0.999 BTC
      exchange has 0.001 BTC
             2 alice | 100 |
    `);
  });

  it('may trade with an order of its own account, which pays both fees', () => {
    play(`
      alice has 100 USD
                     | 100 | 1 alice
      > alice BUY LIMIT GTC 1 @ 100
      #2 alice NEW 0 of 1
      alice sells 1 to alice at 100, fees 0.1 USD, 0.002 BTC
      #1 alice FILLED 1 of 1 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      asks at 100: 0
      alice has 99.9 USD
      alice has 0.998 BTC
      exchange has 0.002 BTC
      exchange has 0.1 USD
                     | empty |
    `);
  });

  it('is refused when the balance does not cover its value at its limit, whatever the book offers', () => {
    play(`
      alice has 299.9999 USD
      bob has 2.9999 BTC
                     | 50 | 3 carol
      > alice BUY LIMIT GTC 3 @ 100
      refused: insufficientBalance
      > bob SELL LIMIT GTC 3 @ 100
      refused: insufficientBalance
                     | 50 | 3 carol
    `);
  });
});
