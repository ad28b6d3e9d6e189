import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('a STOP_LOSS order', () => {
  it('to sell holds its quantity, waits for a trade at its stop or below, and sells at any price', () => {
    play(
      `
      last price 100
      alice has 2 BTC
      carol has 1 BTC
               1 bob | 96 |
              3 dave | 94 |
      > alice SELL STOP_LOSS 2 stop 96
      #5 alice NEW 0 of 2 stop 96 waiting
      alice has 0 BTC, 2 held
      > price moves to 97
      > carol SELL LIMIT GTC 1 @ 96
      #8 carol NEW 0 of 1
      carol sells 1 to bob at 96
      #3 bob FILLED 1 of 1 for 96 USD
      #8 carol FILLED 1 of 1 for 96 USD
      #5 alice NEW 0 of 2 stop 96
      alice sells 2 to dave at 94
      #4 dave PARTIALLY_FILLED 2 of 3 for 188 USD
      #5 alice FILLED 2 of 2 for 188 USD stop 96
      bids at 96: 0
      bids at 94: 1
      carol has 0 BTC
      carol has 96 USD
      bob has 0 USD
      bob has 1 BTC
      alice has 0 BTC
      alice has 188 USD
      dave has 0 USD, 94 held
      dave has 2 BTC
              1 dave | 94 |
    `,
      FREE,
    );
  });

  it('to buy holds nothing, waits for a trade at its stop or above, and pays any price', () => {
    play(
      `
      last price 100
      alice has 204 USD
      carol has 102 USD
                     | 104 | 2 dave
                     | 102 | 1 bob
      > alice BUY STOP_LOSS 1 stop 102
      #5 alice NEW 0 of 1 stop 102 waiting
      > carol BUY MARKET 1
      #6 carol NEW 0 of 1
      bob sells 1 to carol at 102
      #4 bob FILLED 1 of 1 for 102 USD
      #6 carol FILLED 1 of 1 for 102 USD
      #5 alice NEW 0 of 1 stop 102
      dave sells 1 to alice at 104
      #3 dave PARTIALLY_FILLED 1 of 2 for 104 USD
      #5 alice FILLED 1 of 1 for 104 USD stop 102
      asks at 102: 0
      asks at 104: 1
      carol has 0 USD
      carol has 1 BTC
      bob has 0 BTC
      bob has 102 USD
      alice has 100 USD
      alice has 1 BTC
      dave has 0 BTC, 1 held
      dave has 104 USD
                     | 104 | 1 dave
    `,
      FREE,
    );
  });

  it('to buy expires untouched when it triggers and its account cannot pay what the book demands', () => {
    play(
      `
      last price 100
      alice has 103.9999 USD
                     | 104 | 2 dave
      > alice BUY STOP_LOSS 1 stop 102
      #4 alice NEW 0 of 1 stop 102 waiting
      > price moves to 102
      #4 alice NEW 0 of 1 stop 102
      #4 alice EXPIRED 0 of 1 stop 102
                     | 104 | 2 dave
    `,
      FREE,
    );
  });

  it('expires with what the book could not give', () => {
    play(
      `
      last price 100
      alice has 2 BTC
               1 bob | 94 |
      > alice SELL STOP_LOSS 2 stop 96
      #4 alice NEW 0 of 2 stop 96 waiting
      alice has 0 BTC, 2 held
      > price moves to 95
      #4 alice NEW 0 of 2 stop 96
      alice sells 1 to bob at 94
      #3 bob FILLED 1 of 1 for 94 USD
      #4 alice PARTIALLY_FILLED 1 of 2 for 94 USD stop 96
      #4 alice EXPIRED 1 of 2 for 94 USD stop 96
      bids at 94: 0
      alice has 1 BTC
      alice has 94 USD
      bob has 0 USD
      bob has 1 BTC
                     | empty |
    `,
      FREE,
    );
  });
});

describe('a STOP_LOSS_LIMIT order', () => {
  it('to buy holds its value, and rests when it triggers and its limit does not trade', () => {
    play(
      `
      last price 100
      alice has 500 USD
      > alice BUY STOP_LOSS_LIMIT GTC 2 @ 105 stop 103
      #3 alice NEW 0 of 2 stop 103 waiting
      alice has 290 USD, 210 held
                     | empty |
      > price moves to 102
      > price moves to 103
      #3 alice NEW 0 of 2 stop 103
      bids at 105: 2
             2 alice | 105 |
    `,
      FREE,
    );
  });

  it('gives back what better prices than its limit saved', () => {
    play(
      `
      last price 100
      alice has 500 USD
                     | 104 | 1 dave
      > alice BUY STOP_LOSS_LIMIT GTC 2 @ 105 stop 103
      #4 alice NEW 0 of 2 stop 103 waiting
      alice has 290 USD, 210 held
      > price moves to 103
      #4 alice NEW 0 of 2 stop 103
      dave sells 1 to alice at 104
      #3 dave FILLED 1 of 1 for 104 USD
      #4 alice PARTIALLY_FILLED 1 of 2 for 104 USD stop 103
      asks at 104: 0
      bids at 105: 1
      alice has 291 USD, 105 held
      alice has 1 BTC
      dave has 0 BTC
      dave has 104 USD
             1 alice | 105 |
    `,
      FREE,
    );
  });

  it('may be fill or kill, or immediate or cancel, once it has triggered', () => {
    play(
      `
      balances aside
      last price 100
      alice has 4 BTC
               1 bob | 94 |
      > alice SELL STOP_LOSS_LIMIT FOK 2 @ 94 stop 95
      #4 alice NEW 0 of 2 stop 95 waiting
      > alice SELL STOP_LOSS_LIMIT IOC 2 @ 94 stop 95
      #5 alice NEW 0 of 2 stop 95 waiting
      > price moves to 95
      #4 alice NEW 0 of 2 stop 95
      #4 alice EXPIRED 0 of 2 stop 95
      #5 alice NEW 0 of 2 stop 95
      alice sells 1 to bob at 94
      #3 bob FILLED 1 of 1 for 94 USD
      #5 alice PARTIALLY_FILLED 1 of 2 for 94 USD stop 95
      #5 alice EXPIRED 1 of 2 for 94 USD stop 95
      bids at 94: 0
                     | empty |
    `,
      FREE,
    );
  });

  it('takes its turn when the order that triggered it has come to rest', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      carol has 3 BTC
               1 bob | 98 |
               1 bob | 96 |
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 95 stop 97
      #5 alice NEW 0 of 1 stop 97 waiting
      > carol SELL LIMIT GTC 3 @ 96
      #6 carol NEW 0 of 3
      carol sells 1 to bob at 98
      #3 bob FILLED 1 of 1 for 98 USD
      carol sells 1 to bob at 96
      #4 bob FILLED 1 of 1 for 96 USD
      #6 carol PARTIALLY_FILLED 2 of 3 for 194 USD
      #5 alice NEW 0 of 1 stop 97
      bids at 98: 0
      bids at 96: 0
      asks at 96: 1
      asks at 95: 1
                     | 96 | 1 carol
                     | 95 | 1 alice
    `,
      FREE,
    );
  });
});

describe('an order that waits for its trigger', () => {
  it('can be cancelled, and gives back what it held', () => {
    play(
      `
      last price 100
      alice has 500 USD
      > alice BUY STOP_LOSS_LIMIT GTC 2 @ 105 stop 103 as mine
      #3 alice NEW 0 of 2 stop 103 waiting
      alice has 290 USD, 210 held
      > alice CANCEL mine
      #3 alice CANCELED 0 of 2 stop 103
      alice has 500 USD
      > price moves to 103
                     | empty |
    `,
      FREE,
    );
  });

  it('accepts any stop while the market never traded, and triggers with the first trade', () => {
    play(
      `
      balances aside
      alice has 1 BTC
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 90 stop 500
      #1 alice NEW 0 of 1 stop 500 waiting
      > price moves to 100
      #1 alice NEW 0 of 1 stop 500
      asks at 90: 1
                     | 90 | 1 alice
    `,
      FREE,
    );
  });

  it('is refused when its stop is met already', () => {
    play(`
      last price 100
      alice has 500 USD
      alice has 5 BTC
      > alice SELL STOP_LOSS 1 stop 100
      refused: wouldTrigger
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 90 stop 101
      refused: wouldTrigger
      > alice BUY STOP_LOSS 1 stop 100
      refused: wouldTrigger
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 110 stop 99
      refused: wouldTrigger
    `);
  });

  it('is refused when its type and its fields do not go together', () => {
    play(`
      last price 100
      alice has 500 USD
      alice has 5 BTC
      > alice SELL STOP_LOSS 1
      refused: invalidOrder
      > alice SELL STOP_LOSS 1 stop 0
      refused: invalidOrder
      > alice SELL STOP_LOSS 1 @ 90 stop 95
      refused: invalidOrder
      > alice SELL STOP_LOSS for 100 USD stop 95
      refused: invalidOrder
      > alice SELL STOP_LOSS_LIMIT GTC 1 stop 95
      refused: invalidOrder
      > alice SELL STOP_LOSS_LIMIT GTC @ 90 stop 95
      refused: invalidOrder
      > alice SELL LIMIT GTC 1 @ 105 stop 95
      refused: invalidOrder
      > alice SELL LIMIT_MAKER 1 @ 105 stop 95
      refused: invalidOrder
      > alice SELL MARKET 1 stop 95
      refused: invalidOrder
    `);
  });

  it('is refused by the filters of its prices, its quantity and its value', () => {
    play(`
      last price 40
      alice has 100 BTC
      alice has 5000 USD
      > alice SELL STOP_LOSS 1 stop 35.5
      refused: priceFilter
      > alice BUY STOP_LOSS 1 stop 1001
      refused: priceFilter
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 9 stop 35
      refused: priceFilter
      > alice SELL STOP_LOSS 0.1 stop 35
      refused: lotSize
      > alice SELL STOP_LOSS 50.1 stop 35
      refused: marketLotSize
      > alice SELL STOP_LOSS 0.2 stop 35
      refused: notional
      > alice SELL STOP_LOSS_LIMIT GTC 0.2 @ 30 stop 35
      refused: notional
      > alice SELL STOP_LOSS_LIMIT GTC 50.1 @ 30 stop 35
      #3 alice NEW 0 of 50.1 stop 35 waiting
      alice has 49.9 BTC, 50.1 held
    `);
  });

  it('is refused when the balance does not cover what it would hold', () => {
    play(`
      last price 100
      alice has 104.9999 USD
      alice has 0.9 BTC
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 105 stop 103
      refused: insufficientBalance
      > alice SELL STOP_LOSS 1 stop 95
      refused: insufficientBalance
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 90 stop 95
      refused: insufficientBalance
    `);
  });

  it('is an open order: it counts as one, and has its client order id', () => {
    play(`
      balances aside
      last price 100
      alice has 5 BTC
      > alice SELL STOP_LOSS 1 stop 91 as mine
      #3 alice NEW 0 of 1 stop 91 waiting
      > alice SELL LIMIT GTC 1 @ 110 as mine
      refused: duplicateClientOrderId
      > alice SELL STOP_LOSS 1 stop 92
      #4 alice NEW 0 of 1 stop 92 waiting
      > alice SELL STOP_LOSS 1 stop 93
      #5 alice NEW 0 of 1 stop 93 waiting
      > alice SELL LIMIT GTC 1 @ 110
      refused: maxNumOrders
      > alice SELL STOP_LOSS 1 stop 94
      refused: maxNumOrders
    `);
  });

  it('is one of so many at most, those that have triggered and rest counted too', () => {
    play(
      `
      balances aside
      last price 100
      alice has 5 BTC
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 110 stop 95
      #3 alice NEW 0 of 1 stop 95 waiting
      > alice SELL STOP_LOSS 1 stop 90
      refused: maxNumAlgoOrders
      > price moves to 95
      #3 alice NEW 0 of 1 stop 95
      asks at 110: 1
      > alice SELL STOP_LOSS 1 stop 90
      refused: maxNumAlgoOrders
      > alice CANCEL #3
      #3 alice CANCELED 0 of 1 stop 95
      asks at 110: 0
      > alice SELL STOP_LOSS 1 stop 90
      #6 alice NEW 0 of 1 stop 90 waiting
    `,
      { ...FREE, algoOrdersMax: 1 },
    );
  });
});
