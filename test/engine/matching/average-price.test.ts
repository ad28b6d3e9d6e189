import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

/** Buyers from 80 % to 120 % of the reference, sellers from 90 % to 150 %. */
const bounds = {
  ...FREE,
  bidDownPpm: 800_000,
  bidUpPpm: 1_200_000,
  askDownPpm: 900_000,
  askUpPpm: 1_500_000,
};

describe('a percent price filter', () => {
  it('refuses a price too far from the last one, on either side by its own bounds', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
      alice has 5 BTC
      > alice BUY LIMIT GTC 1 @ 79
      refused: percentPriceBySide
      > alice BUY LIMIT GTC 1 @ 80
      #3 alice NEW 0 of 1
      bids at 80: 1
      > alice BUY LIMIT IOC 1 @ 121
      refused: percentPriceBySide
      > alice BUY LIMIT IOC 1 @ 120
      #4 alice NEW 0 of 1
      #4 alice EXPIRED 0 of 1
      > alice SELL LIMIT IOC 1 @ 89
      refused: percentPriceBySide
      > alice SELL LIMIT IOC 1 @ 90
      #5 alice NEW 0 of 1
      #5 alice EXPIRED 0 of 1
      > alice SELL LIMIT GTC 1 @ 151
      refused: percentPriceBySide
      > alice SELL LIMIT GTC 1 @ 150
      #6 alice NEW 0 of 1
      asks at 150: 1
    `,
      bounds,
    );
  });

  it('refuses nothing while the market never traded, and no order without a price', () => {
    play(
      `
      balances aside
      alice has 2000 USD
      > alice BUY LIMIT GTC 1 @ 1000
      #1 alice NEW 0 of 1
      bids at 1000: 1
    `,
      bounds,
    );
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
                     | 130 | 1 bob
      > alice BUY STOP_LOSS 1 stop 140
      #4 alice NEW 0 of 1 stop 140 waiting
      > alice BUY MARKET 1
      #5 alice NEW 0 of 1
      bob sells 1 to alice at 130
      #3 bob FILLED 1 of 1 for 130 USD
      #5 alice FILLED 1 of 1 for 130 USD
      asks at 130: 0
    `,
      bounds,
    );
  });

  it('is asked about the price of an order that waits for its trigger, not about its stop', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 121 stop 110
      refused: percentPriceBySide
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 120 stop 140
      #3 alice NEW 0 of 1 stop 140 waiting
    `,
      bounds,
    );
  });

  it('bounds nothing where it is 0', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
      > alice BUY LIMIT GTC 1 @ 10
      #3 alice NEW 0 of 1
      bids at 10: 1
      > alice BUY LIMIT GTC 1 @ 121
      refused: percentPriceBySide
    `,
      { ...bounds, bidDownPpm: 0 },
    );
  });

  it('refuses an order of a list', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS_LIMIT GTC @ 89 stop 92
      refused: percentPriceBySide
    `,
      bounds,
    );
  });
});

describe('the average price', () => {
  it('of the last minutes is the reference, weighted by quantity', () => {
    // (1 × 100 + 3 × 108) / 4 = 106, of which 120 % are 127.2.
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
                     | 108 | 3 bob
      > alice BUY LIMIT GTC 3 @ 108
      #4 alice NEW 0 of 3
      bob sells 3 to alice at 108
      #3 bob FILLED 3 of 3 for 324 USD
      #4 alice FILLED 3 of 3 for 324 USD
      asks at 108: 0
      > alice BUY LIMIT IOC 1 @ 128
      refused: percentPriceBySide
      > alice BUY LIMIT IOC 1 @ 127
      #5 alice NEW 0 of 1
      #5 alice EXPIRED 0 of 1
    `,
      { ...bounds, averageMinutes: 1 },
    );
  });

  it('is rounded down to a tick', () => {
    // 100.5 becomes 100, and twice that is 200.
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
      > price moves to 101
      > alice BUY LIMIT IOC 1 @ 201
      refused: percentPriceBySide
      > alice BUY LIMIT IOC 1 @ 200
      #5 alice NEW 0 of 1
      #5 alice EXPIRED 0 of 1
    `,
      { ...bounds, bidUpPpm: 2_000_000, averageMinutes: 1 },
    );
  });

  it('forgets trades a twelfth of its minutes at a time', () => {
    // 100 and, five seconds later, 120: first 110, then 120 alone, of which 120 % are 132 and 144.
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
      after 5s
      > price moves to 120
      > alice BUY LIMIT IOC 1 @ 133
      refused: percentPriceBySide
      after 54s
      > alice BUY LIMIT IOC 1 @ 133
      refused: percentPriceBySide
      after 1s
      > alice BUY LIMIT IOC 1 @ 144
      #5 alice NEW 0 of 1
      #5 alice EXPIRED 0 of 1
      > alice BUY LIMIT IOC 1 @ 145
      refused: percentPriceBySide
    `,
      { ...bounds, averageMinutes: 1 },
    );
  });

  it('is the last price when nothing traded in its minutes', () => {
    // The average of 100 and 120 is 110; a minute later the last price counts, 120.
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
      > price moves to 120
      > alice BUY LIMIT IOC 1 @ 133
      refused: percentPriceBySide
      after 60s
      > alice BUY LIMIT IOC 1 @ 144
      #5 alice NEW 0 of 1
      #5 alice EXPIRED 0 of 1
    `,
      { ...bounds, averageMinutes: 1 },
    );
  });

  it('begins afresh when the market gets other minutes', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1000 USD
      > price moves to 120
      > operator sets ordersMax=4
      marketRulesSet
      > alice BUY LIMIT IOC 1 @ 133
      refused: percentPriceBySide
      > operator sets averageMinutes=2
      marketRulesSet
      > alice BUY LIMIT IOC 1 @ 144
      #5 alice NEW 0 of 1
      #5 alice EXPIRED 0 of 1
    `,
      { ...bounds, averageMinutes: 1 },
    );
  });
});
