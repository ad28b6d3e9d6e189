import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('an account in a fee tier', () => {
  it('pays what the tier says, as taker and as maker; others pay what the market says', () => {
    play(`
      alice has 200 USD
      carol has 100 USD
                     | 100 | 2 bob
      > operator sets tier 1: maker 500, taker 1500
      tier 1: maker 500, taker 1500
      > operator puts alice in tier 1
      alice in tier 1
      > alice BUY MARKET 1
      #2 alice NEW 0 of 1
      bob sells 1 to alice at 100, fees 0.1 USD, 0.0015 BTC
      #1 bob PARTIALLY_FILLED 1 of 2 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      asks at 100: 1
      alice has 100 USD
      alice has 0.9985 BTC
      bob has 0 BTC, 1 held
      bob has 99.9 USD
      exchange has 0.0015 BTC
      exchange has 0.1 USD
      > operator puts bob in tier 1
      bob in tier 1
      > carol BUY MARKET 1
      #3 carol NEW 0 of 1
      bob sells 1 to carol at 100, fees 0.05 USD, 0.002 BTC
      #1 bob FILLED 2 of 2 for 200 USD
      #3 carol FILLED 1 of 1 for 100 USD
      asks at 100: 0
      carol has 0 USD
      carol has 0.998 BTC
      bob has 0 BTC
      bob has 199.85 USD
      exchange has 0.0035 BTC
      exchange has 0.15 USD
    `);
  });

  it('pays what the tier says now, and what the market says when it is back in tier 0', () => {
    play(`
      balances aside
      alice has 300 USD
                     | 100 | 3 bob
      > operator sets tier 255: maker 0, taker 0
      tier 255: maker 0, taker 0
      > operator puts alice in tier 255
      alice in tier 255
      > operator sets tier 255: maker 0, taker 300
      tier 255: maker 0, taker 300
      > alice BUY MARKET 1
      #2 alice NEW 0 of 1
      bob sells 1 to alice at 100, fees 0.1 USD, 0.0003 BTC
      #1 bob PARTIALLY_FILLED 1 of 3 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      asks at 100: 2
      > operator puts alice in tier 0
      alice in tier 0
      > alice BUY MARKET 1
      #3 alice NEW 0 of 1
      bob sells 1 to alice at 100, fees 0.1 USD, 0.002 BTC
      #1 bob PARTIALLY_FILLED 2 of 3 for 200 USD
      #3 alice FILLED 1 of 1 for 100 USD
      asks at 100: 1
    `);
  });
});

describe('a fee tier is refused', () => {
  it('outside 1 to 255, with fees of everything, when it is not defined, and for no account', () => {
    play(`
      alice has 200 USD
      > operator sets tier 0: maker 0, taker 0
      refused: invalidTier
      > operator sets tier 256: maker 0, taker 0
      refused: invalidTier
      > operator sets tier 1: maker 1000000, taker 0
      refused: invalidTier
      > operator sets tier 1: maker 0, taker 1000000
      refused: invalidTier
      > operator puts alice in tier 1
      refused: invalidTier
      > operator sets tier 1: maker 0, taker 999999
      tier 1: maker 0, taker 999999
      > operator puts exchange in tier 1
      refused: invalidTier
      > operator puts alice in tier 2
      refused: invalidTier
      > operator puts alice in tier 1
      alice in tier 1
    `);
  });
});
