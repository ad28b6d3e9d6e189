import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('a cancel-replace that stops on failure', () => {
  it('cancels one order and places another with what that held', () => {
    play(`
             1 alice | 100 |
      > alice REPLACE #1 as bye with BUY LIMIT GTC 2 @ 50
      #1 alice CANCELED 0 of 1 by bye
      #2 alice NEW 0 of 2
      cancel: done, place: done
      bids at 100: 0
      bids at 50: 2
             2 alice | 50 |
    `);
  });

  it('may use the same client order id, and one more order than is allowed without the cancel', () => {
    play(`
      balances aside
      alice has 500 USD
             1 alice | 52 |
             1 alice | 51 |
      > alice BUY LIMIT GTC 1 @ 100 as mine
      #3 alice NEW 0 of 1
      bids at 100: 1
      > alice REPLACE mine with BUY LIMIT GTC 1 @ 99 as mine
      #3 alice CANCELED 0 of 1
      #4 alice NEW 0 of 1
      cancel: done, place: done
      bids at 100: 0
      bids at 99: 1
    `);
  });

  it('places an order that may trade at once', () => {
    play(
      `
      balances aside
                     | 101 | 1 bob
             1 alice | 100 |
      alice has 2 USD
      > alice REPLACE #2 with BUY LIMIT GTC 1 @ 102
      #2 alice CANCELED 0 of 1
      #3 alice NEW 0 of 1
      bob sells 1 to alice at 101
      #1 bob FILLED 1 of 1 for 101 USD
      #3 alice FILLED 1 of 1 for 101 USD
      cancel: done, place: done
      bids at 100: 0
      asks at 101: 0
    `,
      FREE,
    );
  });

  it('keeps the cancel when the new order is refused', () => {
    play(`
             1 alice | 100 |
      > alice REPLACE #1 with BUY LIMIT GTC 2 @ 51
      #1 alice CANCELED 0 of 1
      cancel: done, place: insufficientBalance
      bids at 100: 0
      alice has 100 USD
                     | empty |
    `);
  });

  it('places nothing when the cancel fails', () => {
    play(`
      alice has 500 USD
             2 alice | 100 |
               1 bob | 99 |
      > alice REPLACE #2 with BUY LIMIT GTC 1 @ 98
      cancel: unknownOrder, place: not tried
      > alice REPLACE #1 other with BUY LIMIT GTC 1 @ 98
      cancel: orderIdMismatch, place: not tried
      > alice REPLACE #1 ONLY_PARTIALLY_FILLED with BUY LIMIT GTC 1 @ 98
      cancel: cancelRestricted, place: not tried
             2 alice | 100 |
               1 bob | 99 |
    `);
  });

  it('of an order in a list cancels the list', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
      > alice REPLACE #4 with SELL LIMIT GTC 1 @ 105
      #4 alice CANCELED 0 of 1 stop 90 in list 1
      #3 alice CANCELED 0 of 1 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      #5 alice NEW 0 of 1
      cancel: done, place: done
      asks at 110: 0
      asks at 105: 1
                     | 105 | 1 alice
    `,
      FREE,
    );
  });
});

describe('a cancel-replace that allows failure', () => {
  it('does both when both can be done', () => {
    play(`
      balances aside
             1 alice | 100 |
      > alice REPLACE #1 or not with BUY LIMIT GTC 1 @ 99
      #1 alice CANCELED 0 of 1
      #2 alice NEW 0 of 1
      cancel: done, place: done
      bids at 100: 0
      bids at 99: 1
    `);
  });

  it('places its order though the cancel failed', () => {
    play(`
      alice has 500 USD
      > alice REPLACE #7 or not with BUY LIMIT GTC 1 @ 98
      #1 alice NEW 0 of 1
      cancel: unknownOrder, place: done
      bids at 98: 1
      alice has 402 USD, 98 held
    `);
  });

  it('keeps the cancel when the new order is refused', () => {
    play(`
      balances aside
             1 alice | 100 |
      > alice REPLACE #1 or not with BUY LIMIT GTC 1 @ 100.5
      #1 alice CANCELED 0 of 1
      cancel: done, place: priceFilter
      bids at 100: 0
    `);
  });

  it('tells both reasons when it could do neither', () => {
    play(`
             1 alice | 100 |
      > alice REPLACE #7 or not with BUY LIMIT GTC 1 @ 98
      cancel: unknownOrder, place: insufficientBalance
             1 alice | 100 |
    `);
  });
});

describe('a cancel-replace', () => {
  it('is refused as a whole while the market does not trade', () => {
    play(`
      alice has 500 USD
             1 alice | 100 |
      > operator sets HALT
      market HALT
      > alice REPLACE #1 or not with BUY LIMIT GTC 1 @ 98
      refused: marketClosed
      > operator sets CANCEL_ONLY
      market CANCEL_ONLY
      > alice REPLACE #1 with BUY LIMIT GTC 1 @ 98
      refused: marketClosed
             1 alice | 100 |
    `);
  });
});
