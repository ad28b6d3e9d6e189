import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a LIMIT_MAKER order', () => {
  it('rests and pays the fee of a maker', () => {
    play(`
      alice has 101 USD
      bob has 1 BTC
                     | 102 | 1 carol
      > alice BUY LIMIT_MAKER 1 @ 101
      #2 alice NEW 0 of 1
      bids at 101: 1
      alice has 0 USD, 101 held
      > bob SELL LIMIT GTC 1 @ 101
      #3 bob NEW 0 of 1
      bob sells 1 to alice at 101, fees 0.202 USD, 0.001 BTC
      #2 alice FILLED 1 of 1 for 101 USD
      #3 bob FILLED 1 of 1 for 101 USD
      bids at 101: 0
      bob has 0 BTC
      alice has 0 USD
      bob has 100.798 USD
      exchange has 0.202 USD
      alice has 0.999 BTC
      exchange has 0.001 BTC
                     | 102 | 1 carol
    `);
  });

  it('is refused when it would trade on arrival, on either side', () => {
    play(`
      alice has 500 USD
      alice has 5 BTC
                     | 102 | 1 carol
               1 bob | 101 |
      > alice BUY LIMIT_MAKER 1 @ 102
      refused: wouldTake
      > alice SELL LIMIT_MAKER 1 @ 101
      refused: wouldTake
                     | 102 | 1 carol
               1 bob | 101 |
    `);
  });

  it('has no other time in force', () => {
    play(`
      alice has 500 USD
      > alice BUY LIMIT_MAKER IOC 1 @ 100
      refused: invalidOrder
    `);
  });
});
