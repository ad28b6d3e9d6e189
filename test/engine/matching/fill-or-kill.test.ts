import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a LIMIT order, fill or kill', () => {
  it('trades all of its quantity at once', () => {
    play(`
      alice has 500 USD
                     | 102 | 1 carol
                     | 101 | 2 bob
      > alice BUY LIMIT FOK 3 @ 102
      #3 alice NEW 0 of 3
      bob sells 2 to alice at 101, fees 0.202 USD, 0.004 BTC
      #2 bob FILLED 2 of 2 for 202 USD
      carol sells 1 to alice at 102, fees 0.102 USD, 0.002 BTC
      #1 carol FILLED 1 of 1 for 102 USD
      #3 alice FILLED 3 of 3 for 304 USD
      asks at 101: 0
      asks at 102: 0
      alice has 196 USD
      bob has 0 BTC
      alice has 2.994 BTC
      exchange has 0.006 BTC
      bob has 201.798 USD
      exchange has 0.304 USD
      carol has 0 BTC
      carol has 101.898 USD
                     | empty |
    `);
  });

  it('is accepted and expires untouched when its limit leaves it one lot short', () => {
    play(`
      alice has 500 USD
                     | 103 | 5 dave
                     | 102 | 1 carol
                     | 101 | 2 bob
      > alice BUY LIMIT FOK 3.1 @ 102
      #4 alice NEW 0 of 3.1
      #4 alice EXPIRED 0 of 3.1
                     | 103 | 5 dave
                     | 102 | 1 carol
                     | 101 | 2 bob
    `);
  });
});
