import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('an OTO', () => {
  it('places its pending order when its working order is filled, and holds nothing for it before', () => {
    play(
      `
      alice has 95 USD
      bob has 1 BTC
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      bids at 95: 1
      alice has 0 USD, 95 held
      > bob SELL LIMIT IOC 0.4 @ 95
      #3 bob NEW 0 of 0.4
      bob sells 0.4 to alice at 95
      #1 alice PARTIALLY_FILLED 0.4 of 1 for 38 USD in list 1
      #3 bob FILLED 0.4 of 0.4 for 38 USD
      bids at 95: 0.6
      alice has 0 USD, 57 held
      alice has 0.4 BTC
      bob has 0.6 BTC
      bob has 38 USD
      > bob SELL LIMIT IOC 0.6 @ 95
      #4 bob NEW 0 of 0.6
      bob sells 0.6 to alice at 95
      #1 alice FILLED 1 of 1 for 95 USD in list 1
      #4 bob FILLED 0.6 of 0.6 for 57 USD
      #2 alice NEW 0 of 1 in list 1
      bids at 95: 0
      asks at 110: 1
      alice has 0 USD
      alice has 0 BTC, 1 held
      bob has 0 BTC
      bob has 95 USD
                     | 110 | 1 alice
      > alice CANCEL #2
      #2 alice CANCELED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #1, #2
      asks at 110: 0
      alice has 1 BTC
    `,
      FREE,
    );
  });

  it('places it in the same command when its working order is filled on arrival', () => {
    play(
      `
      balances aside
      alice has 95 USD
                     | 95 | 1 bob
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #2, #3
      #2 alice NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 in list 1
      bob sells 1 to alice at 95
      #1 bob FILLED 1 of 1 for 95 USD
      #2 alice FILLED 1 of 1 for 95 USD in list 1
      #3 alice NEW 0 of 1 in list 1
      asks at 95: 0
      asks at 110: 1
                     | 110 | 1 alice
    `,
      FREE,
    );
  });

  it('may have a pending order that trades at once', () => {
    play(
      `
      balances aside
      alice has 95 USD
      carol has 1 BTC
              1 dave | 94 |
      > alice OTO: BUY LIMIT_MAKER 1 @ 95 | SELL MARKET 1
      list 1 alice OTO EXECUTING: #2, #3
      #2 alice NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 in list 1
      bids at 95: 1
      > carol SELL MARKET 1
      #4 carol NEW 0 of 1
      carol sells 1 to alice at 95
      #2 alice FILLED 1 of 1 for 95 USD in list 1
      #4 carol FILLED 1 of 1 for 95 USD
      #3 alice NEW 0 of 1 in list 1
      alice sells 1 to dave at 94
      #1 dave FILLED 1 of 1 for 94 USD
      #3 alice FILLED 1 of 1 for 94 USD in list 1
      list 1 alice OTO ALL_DONE: #2, #3
      bids at 95: 0
      bids at 94: 0
    `,
      FREE,
    );
  });

  it('may have a pending order that then waits for its own trigger', () => {
    play(
      `
      alice has 95 USD
      carol has 1 BTC
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL STOP_LOSS 1 stop 90
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 stop 90 in list 1
      bids at 95: 1
      alice has 0 USD, 95 held
      > carol SELL MARKET 1
      #3 carol NEW 0 of 1
      carol sells 1 to alice at 95
      #1 alice FILLED 1 of 1 for 95 USD in list 1
      #3 carol FILLED 1 of 1 for 95 USD
      #2 alice NEW 0 of 1 stop 90 waiting in list 1
      bids at 95: 0
      alice has 0 USD
      alice has 0 BTC, 1 held
      carol has 0 BTC
      carol has 95 USD
      > price moves to 90
      #2 alice NEW 0 of 1 stop 90 in list 1
      #2 alice EXPIRED 0 of 1 stop 90 in list 1
      list 1 alice OTO ALL_DONE: #1, #2
      alice has 1 BTC
    `,
      FREE,
    );
  });

  it('ends when its working order expires, filled in part or not', () => {
    play(
      `
      balances aside
      alice has 190 USD
                     | 95 | 1 bob
      > alice OTO: BUY LIMIT IOC 2 @ 95 | SELL LIMIT GTC 2 @ 110
      list 1 alice OTO EXECUTING: #2, #3
      #2 alice NEW 0 of 2 in list 1
      #3 alice PENDING_NEW 0 of 2 in list 1
      bob sells 1 to alice at 95
      #1 bob FILLED 1 of 1 for 95 USD
      #2 alice PARTIALLY_FILLED 1 of 2 for 95 USD in list 1
      #2 alice EXPIRED 1 of 2 for 95 USD in list 1
      #3 alice EXPIRED 0 of 2 in list 1
      list 1 alice OTO ALL_DONE: #2, #3
      asks at 95: 0
      > alice OTO: BUY LIMIT FOK 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 2 alice OTO EXECUTING: #4, #5
      #4 alice NEW 0 of 1 in list 2
      #5 alice PENDING_NEW 0 of 1 in list 2
      #4 alice EXPIRED 0 of 1 in list 2
      #5 alice EXPIRED 0 of 1 in list 2
      list 2 alice OTO ALL_DONE: #4, #5
    `,
      FREE,
    );
  });

  it('is cancelled as a whole with either of its orders', () => {
    play(
      `
      alice has 95 USD
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      bids at 95: 1
      alice has 0 USD, 95 held
      > alice CANCEL #1 as bye
      #1 alice CANCELED 0 of 1 in list 1 by bye
      #2 alice CANCELED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #1, #2
      bids at 95: 0
      alice has 95 USD
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 2 alice OTO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 2
      #4 alice PENDING_NEW 0 of 1 in list 2
      bids at 95: 1
      alice has 0 USD, 95 held
      > alice CANCEL #4
      #4 alice CANCELED 0 of 1 in list 2
      #3 alice CANCELED 0 of 1 in list 2
      list 2 alice OTO ALL_DONE: #3, #4
      bids at 95: 0
      alice has 95 USD
    `,
      FREE,
    );
  });
});

describe('a working order that self-trade prevention ends', () => {
  it('ends its pending order', () => {
    play(
      `
      alice has 95 USD
      alice has 1 BTC
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      bids at 95: 1
      alice has 0 USD, 95 held
      > alice SELL LIMIT IOC 1 @ 95 stp EXPIRE_BOTH
      #3 alice NEW 0 of 1
      prevented at 95 by EXPIRE_BOTH: 1 of #3, 1 of #1
      #1 alice EXPIRED_IN_MATCH 0 of 1 prevented 1 in list 1
      #2 alice EXPIRED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #1, #2
      #3 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bids at 95: 0
      alice has 95 USD
    `,
      FREE,
    );
  });
});

describe('a pending order that a halt keeps from being placed', () => {
  const halted = `
      balances aside
      last price 100
      alice has 92 USD
      carol has 2 BTC
              1 dave | 80 |
      > alice OTO: BUY LIMIT GTC 1 @ 92 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #4, #5
      #4 alice NEW 0 of 1 in list 1
      #5 alice PENDING_NEW 0 of 1 in list 1
      bids at 92: 1
      > carol SELL LIMIT IOC 2 @ 80
      #6 carol NEW 0 of 2
      carol sells 1 to alice at 92
      #4 alice FILLED 1 of 1 for 92 USD in list 1
      market HALT
      #6 carol PARTIALLY_FILLED 1 of 2 for 92 USD
      #6 carol EXPIRED 1 of 2 for 92 USD
      bids at 92: 0
    `;
  const rules = { ...FREE, breakerMovePpm: 100_000 };

  it('is placed when the market trades again', () => {
    play(
      `${halted}
      > operator sets TRADING
      market TRADING
      #5 alice NEW 0 of 1 in list 1
      asks at 110: 1
    `,
      rules,
    );
  });

  it('can be cancelled before', () => {
    play(
      `${halted}
      > operator sets CANCEL_ONLY
      market CANCEL_ONLY
      > alice CANCEL #5
      #5 alice CANCELED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #4, #5
      > operator sets TRADING
      market TRADING
    `,
      rules,
    );
  });
});

describe('a pending order is rejected when its time comes', () => {
  it('if its account cannot cover it: here the fee of the working order left too little', () => {
    play(`
      alice has 95 USD
      carol has 1 BTC
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      bids at 95: 1
      alice has 0 USD, 95 held
      > carol SELL MARKET 1
      #3 carol NEW 0 of 1
      carol sells 1 to alice at 95, fees 0.19 USD, 0.001 BTC
      #1 alice FILLED 1 of 1 for 95 USD in list 1
      #3 carol FILLED 1 of 1 for 95 USD
      #2 alice REJECTED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #1, #2
      bids at 95: 0
      alice has 0 USD
      alice has 0.999 BTC
      carol has 0 BTC
      carol has 94.81 USD
      exchange has 0.001 BTC
      exchange has 0.19 USD
                     | empty |
    `);
  });

  it('if it is to buy at market, and its account cannot cover what the book demands', () => {
    play(
      `
      balances aside
      alice has 1 BTC
      carol has 100 USD
                     | 101 | 2 dave
      > alice OTO: SELL LIMIT GTC 1 @ 100 | BUY MARKET 1
      list 1 alice OTO EXECUTING: #2, #3
      #2 alice NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 in list 1
      asks at 100: 1
      > carol BUY MARKET 1
      #4 carol NEW 0 of 1
      alice sells 1 to carol at 100
      #2 alice FILLED 1 of 1 for 100 USD in list 1
      #4 carol FILLED 1 of 1 for 100 USD
      #3 alice REJECTED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #2, #3
      asks at 100: 0
    `,
      FREE,
    );
  });

  it('if its stop is met already', () => {
    play(
      `
      balances aside
      alice has 95 USD
      carol has 1 BTC
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL STOP_LOSS 1 stop 96
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 stop 96 in list 1
      bids at 95: 1
      > carol SELL MARKET 1
      #3 carol NEW 0 of 1
      carol sells 1 to alice at 95
      #1 alice FILLED 1 of 1 for 95 USD in list 1
      #3 carol FILLED 1 of 1 for 95 USD
      #2 alice REJECTED 0 of 1 stop 96 in list 1
      list 1 alice OTO ALL_DONE: #1, #2
      bids at 95: 0
    `,
      FREE,
    );
  });

  it('if it is a LIMIT_MAKER and would trade', () => {
    play(
      `
      balances aside
      alice has 1 BTC
      alice has 100 USD
      carol has 105 USD
                     | 106 | 1 dave
      > alice OTO: SELL LIMIT GTC 1 @ 105 | BUY LIMIT_MAKER 1 @ 106
      list 1 alice OTO EXECUTING: #2, #3
      #2 alice NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 in list 1
      asks at 105: 1
      > carol BUY MARKET 1
      #4 carol NEW 0 of 1
      alice sells 1 to carol at 105
      #2 alice FILLED 1 of 1 for 105 USD in list 1
      #4 carol FILLED 1 of 1 for 105 USD
      #3 alice REJECTED 0 of 1 in list 1
      list 1 alice OTO ALL_DONE: #2, #3
      asks at 105: 0
                     | 106 | 1 dave
    `,
      FREE,
    );
  });

  it('if it is one of an OTOCO that its account cannot cover: both are', () => {
    play(
      `
      balances aside
      alice has 1 BTC
      carol has 100 USD
      > alice OTOCO: SELL LIMIT GTC 1 @ 100 | BUY STOP_LOSS 2 stop 110 | BUY LIMIT_MAKER 2 @ 95
      list 1 alice OTOCO EXECUTING: #1, #2, #3
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 2 stop 110 in list 1
      #3 alice PENDING_NEW 0 of 2 in list 1
      asks at 100: 1
      > carol BUY MARKET 1
      #4 carol NEW 0 of 1
      alice sells 1 to carol at 100
      #1 alice FILLED 1 of 1 for 100 USD in list 1
      #4 carol FILLED 1 of 1 for 100 USD
      #2 alice REJECTED 0 of 2 stop 110 in list 1
      #3 alice REJECTED 0 of 2 in list 1
      list 1 alice OTOCO ALL_DONE: #1, #2, #3
      asks at 100: 0
    `,
      FREE,
    );
  });

  it('if the prices of an OTOCO have come to be on the wrong sides of the last one: both are', () => {
    play(
      `
      balances aside
      alice has 95 USD
      carol has 1 BTC
      > alice OTOCO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT_MAKER 1 @ 110 | SELL STOP_LOSS 1 stop 95
      list 1 alice OTOCO EXECUTING: #1, #2, #3
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 stop 95 in list 1
      bids at 95: 1
      > carol SELL MARKET 1
      #4 carol NEW 0 of 1
      carol sells 1 to alice at 95
      #1 alice FILLED 1 of 1 for 95 USD in list 1
      #4 carol FILLED 1 of 1 for 95 USD
      #2 alice REJECTED 0 of 1 in list 1
      #3 alice REJECTED 0 of 1 stop 95 in list 1
      list 1 alice OTOCO ALL_DONE: #1, #2, #3
      bids at 95: 0
    `,
      FREE,
    );
  });
});

describe('an OTOCO', () => {
  it('places an OCO when its working order is filled', () => {
    play(
      `
      alice has 95 USD
      carol has 1 BTC
      > alice OTOCO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT_MAKER 1 @ 110 | SELL STOP_LOSS 1 stop 90
      list 1 alice OTOCO EXECUTING: #1, #2, #3
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 stop 90 in list 1
      bids at 95: 1
      alice has 0 USD, 95 held
      > carol SELL MARKET 1
      #4 carol NEW 0 of 1
      carol sells 1 to alice at 95
      #1 alice FILLED 1 of 1 for 95 USD in list 1
      #4 carol FILLED 1 of 1 for 95 USD
      #2 alice NEW 0 of 1 in list 1
      #3 alice NEW 0 of 1 stop 90 waiting in list 1
      bids at 95: 0
      asks at 110: 1
      alice has 0 USD
      alice has 0 BTC, 1 held
      carol has 0 BTC
      carol has 95 USD
      > price moves to 90
      #2 alice EXPIRED 0 of 1 in list 1
      #3 alice NEW 0 of 1 stop 90 in list 1
      #3 alice EXPIRED 0 of 1 stop 90 in list 1
      list 1 alice OTOCO ALL_DONE: #1, #2, #3
      asks at 110: 0
      alice has 1 BTC
    `,
      FREE,
    );
  });

  it('ends one order of the OCO when the other trades', () => {
    play(
      `
      balances aside
      alice has 95 USD
      carol has 110 USD
                     | 95 | 1 bob
      > alice OTOCO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT_MAKER 1 @ 110 | SELL STOP_LOSS 1 stop 90
      list 1 alice OTOCO EXECUTING: #2, #3, #4
      #2 alice NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 in list 1
      #4 alice PENDING_NEW 0 of 1 stop 90 in list 1
      bob sells 1 to alice at 95
      #1 bob FILLED 1 of 1 for 95 USD
      #2 alice FILLED 1 of 1 for 95 USD in list 1
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 95: 0
      asks at 110: 1
      > carol BUY MARKET 1
      #5 carol NEW 0 of 1
      alice sells 1 to carol at 110
      #3 alice FILLED 1 of 1 for 110 USD in list 1
      #4 alice EXPIRED 0 of 1 stop 90 in list 1
      list 1 alice OTOCO ALL_DONE: #2, #3, #4
      #5 carol FILLED 1 of 1 for 110 USD
      asks at 110: 0
    `,
      FREE,
    );
  });

  it('is cancelled as a whole, and ends when its working order expires', () => {
    play(
      `
      balances aside
      alice has 95 USD
      > alice OTOCO as all: BUY LIMIT GTC 1 @ 95 | SELL LIMIT_MAKER 1 @ 110 | SELL STOP_LOSS 1 stop 90
      list 1 alice OTOCO EXECUTING: #1, #2, #3
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      #3 alice PENDING_NEW 0 of 1 stop 90 in list 1
      bids at 95: 1
      > alice CANCEL list all
      #1 alice CANCELED 0 of 1 in list 1
      #2 alice CANCELED 0 of 1 in list 1
      #3 alice CANCELED 0 of 1 stop 90 in list 1
      list 1 alice OTOCO ALL_DONE: #1, #2, #3
      bids at 95: 0
      > alice OTOCO: BUY LIMIT IOC 1 @ 95 | SELL LIMIT_MAKER 1 @ 110 | SELL STOP_LOSS 1 stop 90
      list 2 alice OTOCO EXECUTING: #4, #5, #6
      #4 alice NEW 0 of 1 in list 2
      #5 alice PENDING_NEW 0 of 1 in list 2
      #6 alice PENDING_NEW 0 of 1 stop 90 in list 2
      #4 alice EXPIRED 0 of 1 in list 2
      #5 alice EXPIRED 0 of 1 in list 2
      #6 alice EXPIRED 0 of 1 stop 90 in list 2
      list 2 alice OTOCO ALL_DONE: #4, #5, #6
    `,
      FREE,
    );
  });
});

describe('an OTO or OTOCO is refused', () => {
  it('when its orders do not make one', () => {
    play(`
      last price 100
      alice has 500 USD
      > alice OTO: BUY MARKET 1 | SELL LIMIT GTC 1 @ 110
      refused: invalidOrderList
      > alice OTO: BUY STOP_LOSS 1 stop 110 | SELL LIMIT GTC 1 @ 120
      refused: invalidOrderList
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110 | SELL STOP_LOSS 1 stop 90
      refused: invalidOrderList
      > alice OTOCO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT_MAKER 1 @ 110 | SELL LIMIT_MAKER 1 @ 111
      refused: invalidOrderList
      > alice OTOCO: BUY LIMIT GTC 1 @ 95 | SELL STOP_LOSS 1 stop 90 | SELL LIMIT_MAKER 1 @ 110
      refused: invalidOrderList
      > alice OTOCO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT_MAKER 1 @ 90 | SELL STOP_LOSS 1 stop 91
      refused: orderListPrices
    `);
  });

  it('when one order is invalid, a filter refuses it, or its working order could not be placed alone', () => {
    play(`
      last price 100
      alice has 94.9999 USD
                     | 101 | 1 bob
      > alice OTO: BUY LIMIT GTC 1 @ 90 | SELL LIMIT GTC 1
      refused: invalidOrder
      > alice OTO: BUY LIMIT GTC 1 @ 90 | SELL LIMIT GTC 1 @ 1001
      refused: priceFilter
      > alice OTO: BUY LIMIT GTC 1 @ 90 | SELL MARKET 51
      refused: marketLotSize
      > alice OTO: BUY LIMIT_MAKER 1 @ 101 | SELL LIMIT GTC 1 @ 110
      refused: wouldTake
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      refused: insufficientBalance
      > alice OTO: BUY LIMIT GTC 1 @ 90 as mine | SELL LIMIT GTC 1 @ 110 as mine
      refused: duplicateClientOrderId
    `);
  });

  it('when its orders would be too many, pending ones counted', () => {
    play(`
      balances aside
      alice has 500 USD
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      list 1 alice OTO EXECUTING: #1, #2
      #1 alice NEW 0 of 1 in list 1
      #2 alice PENDING_NEW 0 of 1 in list 1
      bids at 95: 1
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      refused: maxNumOrders
      > alice BUY LIMIT GTC 1 @ 94
      #3 alice NEW 0 of 1
      bids at 94: 1
      > alice BUY LIMIT GTC 1 @ 94
      refused: maxNumOrders
    `);
  });
});
