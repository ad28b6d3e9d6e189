import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('a TAKE_PROFIT order', () => {
  it('to sell waits for a trade at its stop or above', () => {
    play(
      `
      last price 100
      alice has 1 BTC
               1 bob | 108 |
      > alice SELL TAKE_PROFIT 1 stop 110
      #4 alice NEW 0 of 1 stop 110 waiting
      alice has 0 BTC, 1 held
      > price moves to 109
      > price moves to 110
      #4 alice NEW 0 of 1 stop 110
      alice sells 1 to bob at 108
      #3 bob FILLED 1 of 1 for 108 USD
      #4 alice FILLED 1 of 1 for 108 USD stop 110
      bids at 108: 0
      alice has 0 BTC
      alice has 108 USD
      bob has 0 USD
      bob has 1 BTC
    `,
      FREE,
    );
  });

  it('to buy waits for a trade at its stop or below, and holds nothing', () => {
    play(
      `
      last price 100
      alice has 100 USD
                     | 95 | 1 bob
      > alice BUY TAKE_PROFIT 1 stop 90
      #4 alice NEW 0 of 1 stop 90 waiting
      > price moves to 91
      > price moves to 90
      #4 alice NEW 0 of 1 stop 90
      bob sells 1 to alice at 95
      #3 bob FILLED 1 of 1 for 95 USD
      #4 alice FILLED 1 of 1 for 95 USD stop 90
      asks at 95: 0
      alice has 5 USD
      alice has 1 BTC
      bob has 0 BTC
      bob has 95 USD
    `,
      FREE,
    );
  });
});

describe('a TAKE_PROFIT_LIMIT order', () => {
  it('rests at its limit once it has triggered, on either side', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      bob has 88 USD
      > alice SELL TAKE_PROFIT_LIMIT GTC 1 @ 112 stop 110
      #3 alice NEW 0 of 1 stop 110 waiting
      > bob BUY TAKE_PROFIT_LIMIT GTC 1 @ 88 stop 90
      #4 bob NEW 0 of 1 stop 90 waiting
      > price moves to 111
      #3 alice NEW 0 of 1 stop 110
      asks at 112: 1
      > price moves to 89
      #4 bob NEW 0 of 1 stop 90
      bids at 88: 1
                     | 112 | 1 alice
               1 bob | 88 |
    `,
      FREE,
    );
  });
});

describe('a take-profit order is refused', () => {
  it('by the filters of its stop, its quantity and its value', () => {
    play(`
      last price 40
      alice has 100 BTC
      > alice SELL TAKE_PROFIT 1 stop 45.5
      refused: priceFilter
      > alice SELL TAKE_PROFIT 50.1 stop 45
      refused: marketLotSize
      > alice SELL TAKE_PROFIT 0.2 stop 45
      refused: notional
    `);
  });

  it('when its stop is met already', () => {
    play(`
      last price 100
      alice has 500 USD
      alice has 5 BTC
      > alice SELL TAKE_PROFIT 1 stop 100
      refused: wouldTrigger
      > alice SELL TAKE_PROFIT_LIMIT GTC 1 @ 110 stop 99
      refused: wouldTrigger
      > alice BUY TAKE_PROFIT 1 stop 100
      refused: wouldTrigger
      > alice BUY TAKE_PROFIT_LIMIT GTC 1 @ 90 stop 101
      refused: wouldTrigger
    `);
  });

  it('when its type and its fields do not go together', () => {
    play(`
      alice has 5 BTC
      > alice SELL TAKE_PROFIT 1
      refused: invalidOrder
      > alice SELL TAKE_PROFIT 1 @ 110 stop 105
      refused: invalidOrder
      > alice SELL TAKE_PROFIT_LIMIT GTC 1 stop 105
      refused: invalidOrder
    `);
  });
});
