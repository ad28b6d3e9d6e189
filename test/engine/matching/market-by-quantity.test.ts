import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a MARKET order by quantity', () => {
  it('takes the best prices there are until it is filled', () => {
    play(`
      alice has 302 USD
                     | 200 | 3 carol
                     | 101 | 1 bob
      > alice BUY MARKET 2
      #3 alice NEW 0 of 2
      bob sells 1 to alice at 101, fees 0.101 USD, 0.002 BTC
      #2 bob FILLED 1 of 1 for 101 USD
      carol sells 1 to alice at 200, fees 0.2 USD, 0.002 BTC
      #1 carol PARTIALLY_FILLED 1 of 3 for 200 USD
      #3 alice FILLED 2 of 2 for 301 USD
      asks at 101: 0
      asks at 200: 2
      alice has 1 USD
      bob has 0 BTC
      alice has 1.996 BTC
      exchange has 0.004 BTC
      bob has 100.899 USD
      exchange has 0.301 USD
      carol has 0 BTC, 2 held
      carol has 199.8 USD
                     | 200 | 2 carol
    `);
  });

  it('expires when the book runs dry, and keeps what it got', () => {
    play(`
      alice has 5 BTC
               1 bob | 100 |
      > alice SELL MARKET 3
      #2 alice NEW 0 of 3
      alice sells 1 to bob at 100, fees 0.2 USD, 0.001 BTC
      #1 bob FILLED 1 of 1 for 100 USD
      #2 alice PARTIALLY_FILLED 1 of 3 for 100 USD
      #2 alice EXPIRED 1 of 3 for 100 USD
      bids at 100: 0
      alice has 4 BTC
      bob has 0 USD
      alice has 99.8 USD
      exchange has 0.2 USD
      bob has 0.999 BTC
      exchange has 0.001 BTC
                     | empty |
      > alice SELL MARKET 3
      #3 alice NEW 0 of 3
      #3 alice EXPIRED 0 of 3
    `);
  });

  it('must be affordable at the prices of the book', () => {
    play(`
      alice has 300.9999 USD
      dave has 1.9 BTC
                     | 200 | 3 carol
                     | 101 | 1 bob
              3 erin |  90 |
      > alice BUY MARKET 2
      refused: insufficientBalance
      > dave SELL MARKET 2
      refused: insufficientBalance
                     | 200 | 3 carol
                     | 101 | 1 bob
              3 erin |  90 |
    `);
  });
});
