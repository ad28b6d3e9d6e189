import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a cancel', () => {
  it('ends an open order and gives back what it held', () => {
    play(`
      alice has 500 USD
               1 bob | 100 |
      > alice BUY LIMIT GTC 3 @ 100 as mine
      #2 alice NEW 0 of 3
      bids at 100: 4
      alice has 200 USD, 300 held
      > alice CANCEL mine
      #2 alice CANCELED 0 of 3
      bids at 100: 1
      alice has 500 USD
               1 bob | 100 |
    `);
  });

  it('keeps what was executed before', () => {
    play(`
      alice has 1 BTC
               3 bob | 100 |
      > alice SELL MARKET 1
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
      > bob CANCEL #1
      #1 bob CANCELED 1 of 3 for 100 USD
      bids at 100: 0
      bob has 200 USD
                     | empty |
    `);
  });

  it('of an order in the middle of a queue leaves the others in theirs', () => {
    play(`
      dave has 2 BTC
      1 alice, 1 bob, 1 carol | 100 |
      > bob CANCEL #2
      #2 bob CANCELED 0 of 1
      bids at 100: 2
      bob has 100 USD
      1 alice, 1 carol | 100 |
    `);
  });

  it('of all ends every order of the account on the market, oldest first, and no other', () => {
    play(`
                     | 110 | 1 alice
             1 alice | 101 |
      1 bob, 2 alice | 100 |
      > alice CANCEL ALL
      #1 alice CANCELED 0 of 1
      #2 alice CANCELED 0 of 1
      #4 alice CANCELED 0 of 2
      asks at 110: 0
      bids at 101: 0
      bids at 100: 1
      alice has 1 BTC
      alice has 301 USD
               1 bob | 100 |
      > alice CANCEL ALL
      refused: unknownOrder
    `);
  });

  it('finds no order that has ended, belongs to another account, or never was', () => {
    play(`
      alice has 100 USD
               1 bob | 100 |
      > alice CANCEL #1
      refused: unknownOrder
      > alice CANCEL #7
      refused: unknownOrder
      > alice CANCEL mine
      refused: unknownOrder
      > bob CANCEL #1
      #1 bob CANCELED 0 of 1
      bids at 100: 0
      bob has 100 USD
      > bob CANCEL #1
      refused: unknownOrder
    `);
  });
});

describe('a client order id', () => {
  it('names one open order of its account, and is free again when that has ended', () => {
    play(`
      alice has 500 USD
      bob has 500 USD
      > alice BUY LIMIT GTC 1 @ 100 as mine
      #1 alice NEW 0 of 1
      bids at 100: 1
      alice has 400 USD, 100 held
      > alice BUY LIMIT GTC 1 @ 99 as mine
      refused: duplicateClientOrderId
      > alice BUY MARKET 1 as mine
      refused: duplicateClientOrderId
      > bob BUY LIMIT GTC 1 @ 99 as mine
      #2 bob NEW 0 of 1
      bids at 99: 1
      bob has 401 USD, 99 held
      > alice CANCEL mine
      #1 alice CANCELED 0 of 1
      bids at 100: 0
      alice has 500 USD
      > alice BUY LIMIT GTC 1 @ 99 as mine
      #3 alice NEW 0 of 1
      bids at 99: 2
      alice has 401 USD, 99 held
      1 bob, 1 alice | 99 |
    `);
  });
});
