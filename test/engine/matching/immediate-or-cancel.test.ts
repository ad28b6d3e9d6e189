import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a LIMIT order, immediate or cancel', () => {
  it('trades what it can within its limit; the rest expires and holds nothing', () => {
    play(`
      alice has 500 USD
                     | 103 | 5 dave
                     | 101 | 2 bob
      > alice BUY LIMIT IOC 4 @ 102
      #3 alice NEW 0 of 4
      bob sells 2 to alice at 101, fees 0.202 USD, 0.004 BTC
      #2 bob FILLED 2 of 2 for 202 USD
      #3 alice PARTIALLY_FILLED 2 of 4 for 202 USD
      #3 alice EXPIRED 2 of 4 for 202 USD
      asks at 101: 0
      alice has 298 USD
      bob has 0 BTC
      alice has 1.996 BTC
      exchange has 0.004 BTC
      bob has 201.798 USD
      exchange has 0.202 USD
                     | 103 | 5 dave
    `);
  });

  it('is filled when the book has enough', () => {
    play(`
      alice has 1 BTC
               3 bob | 100 |
      > alice SELL LIMIT IOC 1 @ 100
      #2 alice NEW 0 of 1
      alice sells 1 to bob at 100, fees 0.2 USD, 0.001 BTC
      #1 bob PARTIALLY_FILLED 1 of 3 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      bids at 100: 2
      alice has 0 BTC
      bob has 0 USD, 200 held
      alice has 99.8 USD
      exchange has 0.2 USD
      bob has 0.999 BTC
      exchange has 0.001 BTC
               2 bob | 100 |
    `);
  });

  it('expires at once when nothing is within its limit', () => {
    play(`
      alice has 500 USD
                     | 103 | 5 dave
      > alice BUY LIMIT IOC 4 @ 102
      #2 alice NEW 0 of 4
      #2 alice EXPIRED 0 of 4
                     | 103 | 5 dave
    `);
  });
});
