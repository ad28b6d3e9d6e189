import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a request of a session', () => {
  it('is executed once, however often it is sent', () => {
    play(`
      alice has 500 USD
      > gateway opens session 42
      session 1 for 42
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      alice has 400 USD, 100 held
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      repeated
      > 1:2 alice BUY LIMIT GTC 1 @ 100
      #2 alice NEW 0 of 1
      bids at 100: 2
      alice has 300 USD, 200 held
      > 1:2 alice BUY LIMIT GTC 1 @ 100
      repeated
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      repeated
    1 alice, 1 alice | 100 |
    `);
  });

  it('that was refused stays refused, though it would be accepted now', () => {
    play(`
      alice has 100 USD
      > gateway opens session 42
      session 1 for 42
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      alice has 0 USD, 100 held
      > 1:2 alice BUY LIMIT GTC 1 @ 99
      refused: insufficientBalance
      > 1:3 alice CANCEL #1
      #1 alice CANCELED 0 of 1
      bids at 100: 0
      alice has 100 USD
      > 1:2 alice BUY LIMIT GTC 1 @ 99
      refused: insufficientBalance
      > 1:3 alice CANCEL #1
      repeated
      > 1:4 alice BUY LIMIT GTC 1 @ 99
      #2 alice NEW 0 of 1
      bids at 99: 1
      alice has 1 USD, 99 held
    `);
  });

  it('may be of any kind', () => {
    play(`
      balances aside
      last price 100
      alice has 1 BTC
      alice has 200 USD
      > gateway opens session 42
      session 1 for 42
      > 1:1 alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > 1:1 alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      repeated
      > 1:2 alice CANCEL list 1
      #3 alice CANCELED 0 of 1 in list 1
      #4 alice CANCELED 0 of 1 stop 90 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      asks at 110: 0
      > 1:2 alice CANCEL list 1
      repeated
      > 1:3 alice BUY LIMIT GTC 2 @ 99
      #5 alice NEW 0 of 2
      bids at 99: 2
      > 1:4 alice AMEND #5 to 1
      #5 amended from 2 to 1, number 1
      #5 alice NEW 0 of 1
      bids at 99: 1
      > 1:4 alice AMEND #5 to 1
      repeated
      > 1:5 alice REPLACE #5 with BUY LIMIT GTC 1 @ 98
      #5 alice CANCELED 0 of 1
      #6 alice NEW 0 of 1
      cancel: done, place: done
      bids at 99: 0
      bids at 98: 1
      > 1:5 alice REPLACE #5 with BUY LIMIT GTC 1 @ 98
      repeated
      > 1:6 alice CANCEL ALL
      #6 alice CANCELED 0 of 1
      bids at 98: 0
      > 1:6 alice CANCEL ALL
      repeated
    `);
  });

  it('may come after one with a higher number, as long as both are remembered', () => {
    play(`
      balances aside
      alice has 500 USD
      > gateway opens session 42
      session 1 for 42
      > 1:7 alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      > 1:3 alice BUY LIMIT GTC 1 @ 99
      #2 alice NEW 0 of 1
      bids at 99: 1
      > 1:1027 alice BUY LIMIT GTC 1 @ 98
      #3 alice NEW 0 of 1
      bids at 98: 1
      > 1:3 alice BUY LIMIT GTC 1 @ 99
      refused: forgottenRequest
      > 1:7 alice BUY LIMIT GTC 1 @ 100
      repeated
    `);
  });

  it('is refused when the session was never opened; without a session nothing is remembered', () => {
    play(`
      balances aside
      alice has 500 USD
      > 7:1 alice BUY LIMIT GTC 1 @ 100
      refused: unknownSession
      > 0:1 alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      > 0:1 alice BUY LIMIT GTC 1 @ 100
      #2 alice NEW 0 of 1
      bids at 100: 2
    `);
  });
});

describe('a session', () => {
  it('is the same for the same nonce, another for another', () => {
    play(`
      balances aside
      alice has 500 USD
      > gateway opens session 42
      session 1 for 42
      > gateway opens session 43
      session 2 for 43
      > gateway opens session 42
      session 1 for 42
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      > 2:1 alice BUY LIMIT GTC 1 @ 100
      #2 alice NEW 0 of 1
      bids at 100: 2
    `);
  });

  it('makes room for a new one when it is the one used longest ago of 256', () => {
    const others = Array.from({ length: 254 }, (_, index) => index + 3);
    play(`
      balances aside
      alice has 500 USD
      > gateway opens session 1001
      session 1 for 1001
      > gateway opens session 1002
      session 2 for 1002
      ${others.map((id) => `> gateway opens session ${1000 + id}\nsession ${id} for ${1000 + id}\n`).join('')}
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      > gateway opens session 2000
      session 257 for 2000
      > 2:1 alice BUY LIMIT GTC 1 @ 99
      refused: unknownSession
      > 1:1 alice BUY LIMIT GTC 1 @ 100
      repeated
    `);
  });
});
