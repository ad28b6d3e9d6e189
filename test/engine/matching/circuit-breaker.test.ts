import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

/** Halts when the price would move by more than a tenth within eight seconds. */
const rules = { ...FREE, breakerMovePpm: 100_000, breakerSeconds: 8 };

describe('a circuit breaker', () => {
  it('halts the market before a trade too far above a price of the last seconds; what traded before stays', () => {
    play(
      `
      last price 100
      alice has 500 USD
                     | 111 | 1 bob
                     | 110 | 1 bob
      > alice BUY LIMIT GTC 3 @ 120
      #5 alice NEW 0 of 3
      bob sells 1 to alice at 110
      #4 bob FILLED 1 of 1 for 110 USD
      market HALT
      #5 alice PARTIALLY_FILLED 1 of 3 for 110 USD
      #5 alice EXPIRED 1 of 3 for 110 USD
      asks at 110: 0
      alice has 390 USD
      alice has 1 BTC
      bob has 0 BTC, 1 held
      bob has 110 USD
                     | 111 | 1 bob
      > alice BUY LIMIT GTC 1 @ 100
      refused: marketClosed
    `,
      rules,
    );
  });

  it('halts it before a trade too far below', () => {
    play(
      `
      balances aside
      last price 100
      alice has 3 BTC
               1 bob | 90 |
               1 bob | 89 |
      > alice SELL MARKET 3
      #5 alice NEW 0 of 3
      alice sells 1 to bob at 90
      #3 bob FILLED 1 of 1 for 90 USD
      market HALT
      #5 alice PARTIALLY_FILLED 1 of 3 for 90 USD
      #5 alice EXPIRED 1 of 3 for 90 USD
      bids at 90: 0
               1 bob | 89 |
    `,
      rules,
    );
  });

  it('halts before the first trade of an order that is too far already', () => {
    play(
      `
      last price 100
      alice has 500 USD
                     | 111 | 1 bob
      > alice BUY LIMIT IOC 1 @ 111
      #4 alice NEW 0 of 1
      market HALT
      #4 alice EXPIRED 0 of 1
    `,
      rules,
    );
  });

  it('forgets a price when its seconds are over', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 111 | 3 bob
      after 8s
      > alice BUY LIMIT IOC 1 @ 111
      #4 alice NEW 0 of 1
      bob sells 1 to alice at 111
      #3 bob PARTIALLY_FILLED 1 of 3 for 111 USD
      #4 alice FILLED 1 of 1 for 111 USD
      asks at 111: 2
    `,
      rules,
    );
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 111 | 3 bob
      after 7s
      > alice BUY LIMIT IOC 1 @ 111
      #4 alice NEW 0 of 1
      market HALT
      #4 alice EXPIRED 0 of 1
    `,
      rules,
    );
  });

  it('compares with every price of its seconds, not with the last alone', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 112 | 3 bob
      > price moves to 105
      after 2s
      > price moves to 110
      > alice BUY LIMIT IOC 1 @ 112
      #8 alice NEW 0 of 1
      market HALT
      #8 alice EXPIRED 0 of 1
    `,
      rules,
    );
  });

  it('begins afresh when the market is set to trade again', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 120 | 3 bob
      > alice BUY LIMIT IOC 1 @ 120
      #4 alice NEW 0 of 1
      market HALT
      #4 alice EXPIRED 0 of 1
      > operator sets TRADING
      market TRADING
      > alice BUY LIMIT IOC 1 @ 120
      #5 alice NEW 0 of 1
      bob sells 1 to alice at 120
      #3 bob PARTIALLY_FILLED 1 of 3 for 120 USD
      #5 alice FILLED 1 of 1 for 120 USD
      asks at 120: 2
    `,
      rules,
    );
  });

  it('begins afresh with new rules of its own, and keeps what it saw with other new rules', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 120 | 3 bob
      > operator sets breakerMove=50000
      marketRulesSet
      > alice BUY LIMIT IOC 1 @ 120
      #4 alice NEW 0 of 1
      bob sells 1 to alice at 120
      #3 bob PARTIALLY_FILLED 1 of 3 for 120 USD
      #4 alice FILLED 1 of 1 for 120 USD
      asks at 120: 2
    `,
      rules,
    );
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 120 | 3 bob
      > operator sets breakerSeconds=16
      marketRulesSet
      > alice BUY LIMIT IOC 1 @ 120
      #4 alice NEW 0 of 1
      bob sells 1 to alice at 120
      #3 bob PARTIALLY_FILLED 1 of 3 for 120 USD
      #4 alice FILLED 1 of 1 for 120 USD
      asks at 120: 2
    `,
      rules,
    );
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 120 | 3 bob
      > operator sets ordersMax=4
      marketRulesSet
      > alice BUY LIMIT IOC 1 @ 120
      #4 alice NEW 0 of 1
      market HALT
      #4 alice EXPIRED 0 of 1
    `,
      rules,
    );
  });

  it('does nothing when it is not set', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
                     | 1000 | 3 bob
      > alice BUY LIMIT IOC 1 @ 1000
      #4 alice NEW 0 of 1
      bob sells 1 to alice at 1000
      #3 bob PARTIALLY_FILLED 1 of 3 for 1000 USD
      #4 alice FILLED 1 of 1 for 1000 USD
      asks at 1000: 2
    `,
      FREE,
    );
  });
});
