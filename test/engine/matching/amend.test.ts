import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('an amendment', () => {
  it('lowers the quantity of an order, which keeps its place, and gives back what is held no more', () => {
    play(`
      2 alice, 1 bob | 100 |
      > alice AMEND #1 to 0.5
      #1 amended from 2 to 0.5, number 1
      #1 alice NEW 0 of 0.5
      bids at 100: 1.5
      alice has 150 USD, 50 held
    0.5 alice, 1 bob | 100 |
    `);
  });

  it('counts what has executed: more than that must be left', () => {
    play(
      `
      carol has 100 USD
                     | 100 | 3 alice
      > carol BUY MARKET 1
      #2 carol NEW 0 of 1
      alice sells 1 to carol at 100
      #1 alice PARTIALLY_FILLED 1 of 3 for 100 USD
      #2 carol FILLED 1 of 1 for 100 USD
      asks at 100: 2
      alice has 0 BTC, 2 held
      alice has 100 USD
      carol has 0 USD
      carol has 1 BTC
      > alice AMEND #1 to 1
      refused: invalidAmend
      > alice AMEND #1 to 1.1
      #1 amended from 3 to 1.1, number 1
      #1 alice PARTIALLY_FILLED 1 of 1.1 for 100 USD
      asks at 100: 0.1
      alice has 1.9 BTC, 0.1 held
                     | 100 | 0.1 alice
    `,
      FREE,
    );
  });

  it('counts what self-trade prevention took, too', () => {
    play(`
      balances aside
      alice has 300 USD
                     | 100 | 3 alice
      > alice BUY LIMIT GTC 1 @ 100 stp DECREMENT
      #2 alice NEW 0 of 1
      prevented at 100 by DECREMENT: 1 of #2, 1 of #1
      #1 alice NEW 0 of 3 prevented 1
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      asks at 100: 2
      > alice AMEND #1 to 1
      refused: invalidAmend
      > alice AMEND #1 to 2
      #1 amended from 3 to 2, number 1
      #1 alice NEW 0 of 2 prevented 1
      asks at 100: 1
                     | 100 | 1 alice
    `);
  });

  it('may give the order a new client order id', () => {
    play(`
      balances aside
      alice has 500 USD
      > alice BUY LIMIT GTC 2 @ 100 as mine
      #1 alice NEW 0 of 2
      bids at 100: 2
      > alice BUY LIMIT GTC 1 @ 99 as other
      #2 alice NEW 0 of 1
      bids at 99: 1
      > alice AMEND mine to 1.5 as other
      refused: duplicateClientOrderId
      > alice AMEND mine to 1.5 as yours
      #1 amended from 2 to 1.5, number 1, called mine before
      #1 alice NEW 0 of 1.5
      bids at 100: 1.5
      > alice CANCEL mine
      refused: unknownOrder
      > alice AMEND yours to 1 as yours
      #1 amended from 1.5 to 1, number 2, called yours before
      #1 alice NEW 0 of 1
      bids at 100: 1
      > alice CANCEL #1 yours
      #1 alice CANCELED 0 of 1
      bids at 100: 0
    `);
  });

  it('of an order that waits for its trigger lowers what it holds', () => {
    play(
      `
      last price 100
      alice has 500 USD
      > alice BUY STOP_LOSS_LIMIT GTC 2 @ 105 stop 103
      #3 alice NEW 0 of 2 stop 103 waiting
      alice has 290 USD, 210 held
      > alice AMEND #3 to 1
      #3 amended from 2 to 1, number 1
      #3 alice NEW 0 of 1 stop 103 waiting
      alice has 395 USD, 105 held
      > price moves to 103
      #3 alice NEW 0 of 1 stop 103
      bids at 105: 1
    `,
      FREE,
    );
  });

  it('takes from what an iceberg hides before what it shows', () => {
    play(`
      alice has 5 BTC
      > alice SELL LIMIT GTC 5 @ 101 showing 2
      #1 alice NEW 0 of 5 showing 2
      asks at 101: 2
      alice has 0 BTC, 5 held
      > alice AMEND #1 to 3
      #1 amended from 5 to 3, number 1
      #1 alice NEW 0 of 3 showing 2
      alice has 2 BTC, 3 held
      > alice AMEND #1 to 1
      #1 amended from 3 to 1, number 2
      #1 alice NEW 0 of 1 showing 2
      asks at 101: 1
      alice has 4 BTC, 1 held
                     | 101 | 1 alice
    `);
  });
});

describe('an amendment is refused', () => {
  it('when it does not lower the quantity, or a filter refuses what would be left', () => {
    play(`
      alice has 500 USD
             2 alice | 20 |
      > alice AMEND #1 to 2
      refused: invalidAmend
      > alice AMEND #1 to 3
      refused: invalidAmend
      > alice AMEND #1 to 0
      refused: invalidAmend
      > alice AMEND #1 to 1.55
      refused: lotSize
      > alice AMEND #1 to 0.1
      refused: lotSize
      > alice AMEND #1 to 0.4
      refused: notional
             2 alice | 20 |
    `);
  });

  it('when the order is not open, belongs to another account, or its ids name different orders', () => {
    play(`
      alice has 500 USD
             2 alice | 100 |
      > alice AMEND #7 to 1
      refused: unknownOrder
      > alice AMEND mine to 1
      refused: unknownOrder
      > bob AMEND #1 to 1
      refused: unknownOrder
      > alice AMEND #1 other to 1
      refused: orderIdMismatch
    `);
  });

  it('when the order has been amended as often as is allowed', () => {
    play(`
      balances aside
      alice has 500 USD
             2 alice | 100 |
      > alice AMEND #1 to 1.9
      #1 amended from 2 to 1.9, number 1
      #1 alice NEW 0 of 1.9
      bids at 100: 1.9
      > alice AMEND #1 to 1.8
      #1 amended from 1.9 to 1.8, number 2
      #1 alice NEW 0 of 1.8
      bids at 100: 1.8
      > alice AMEND #1 to 1.7
      refused: maxNumOrderAmends
    `);
  });

  it('when the order belongs to a list', () => {
    play(`
      balances aside
      last price 100
      alice has 2 BTC
      > alice OCO SELL 2: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 2 in list 1
      #4 alice NEW 0 of 2 stop 90 waiting in list 1
      asks at 110: 2
      > alice AMEND #3 to 1
      refused: invalidAmend
      > alice AMEND #4 to 1
      refused: invalidAmend
    `);
  });

  it('while the market does not trade', () => {
    play(`
      alice has 500 USD
             2 alice | 100 |
      > operator sets CANCEL_ONLY
      market CANCEL_ONLY
      > alice AMEND #1 to 1
      refused: marketClosed
    `);
  });
});
