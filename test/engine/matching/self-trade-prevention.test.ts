import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('self-trade prevention EXPIRE_TAKER', () => {
  it('ends the order that arrives when it meets one of its account, and leaves that as it is', () => {
    play(`
      alice has 1000 USD
                     | 102 | 1 bob
                     | 101 | 1 alice
      > alice BUY LIMIT GTC 2 @ 102 stp EXPIRE_TAKER
      #3 alice NEW 0 of 2
      prevented at 101 by EXPIRE_TAKER: 2 of #3, 0 of #2
      #3 alice EXPIRED_IN_MATCH 0 of 2 prevented 2
                     | 102 | 1 bob
                     | 101 | 1 alice
    `);
  });

  it('keeps what was executed before', () => {
    play(
      `
      alice has 1000 USD
                     | 102 | 1 alice
                     | 101 | 1 bob
      > alice BUY LIMIT GTC 3 @ 102 stp EXPIRE_TAKER
      #3 alice NEW 0 of 3
      bob sells 1 to alice at 101
      #2 bob FILLED 1 of 1 for 101 USD
      prevented at 102 by EXPIRE_TAKER: 2 of #3, 0 of #1
      #3 alice PARTIALLY_FILLED 1 of 3 for 101 USD prevented 2
      #3 alice EXPIRED_IN_MATCH 1 of 3 for 101 USD prevented 2
      asks at 101: 0
      alice has 899 USD
      alice has 1 BTC, 1 held
      bob has 0 BTC
      bob has 101 USD
                     | 102 | 1 alice
    `,
      FREE,
    );
  });

  it('of an order by amount prevents what the amount would have paid for at that price', () => {
    play(`
      alice has 250 USD
                     | 100 | 1 alice
      > alice BUY MARKET for 250 USD stp EXPIRE_TAKER
      #2 alice NEW 0 of 250 USD
      prevented at 100 by EXPIRE_TAKER: 2.5 of #2, 0 of #1
      #2 alice EXPIRED_IN_MATCH 0 of 2.5 prevented 2.5
                     | 100 | 1 alice
    `);
  });
});

describe('self-trade prevention EXPIRE_MAKER', () => {
  it('ends the resting order of its account, and goes on behind it', () => {
    play(
      `
      alice has 1000 USD
                     | 102 | 1 bob
                     | 101 | 1 alice
      > alice BUY LIMIT GTC 1 @ 102 stp EXPIRE_MAKER
      #3 alice NEW 0 of 1
      prevented at 101 by EXPIRE_MAKER: 0 of #3, 1 of #2
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bob sells 1 to alice at 102
      #1 bob FILLED 1 of 1 for 102 USD
      #3 alice FILLED 1 of 1 for 102 USD
      asks at 101: 0
      asks at 102: 0
      alice has 898 USD
      alice has 2 BTC
      bob has 0 BTC
      bob has 102 USD
                     | empty |
    `,
      FREE,
    );
  });

  it('ends an iceberg with all that it hides', () => {
    play(
      `
      alice has 5 BTC
      alice has 1000 USD
      > alice SELL LIMIT GTC 5 @ 101 showing 2
      #1 alice NEW 0 of 5 showing 2
      asks at 101: 2
      alice has 0 BTC, 5 held
      > alice BUY LIMIT GTC 1 @ 101 stp EXPIRE_MAKER
      #2 alice NEW 0 of 1
      prevented at 101 by EXPIRE_MAKER: 0 of #2, 5 of #1
      #1 alice EXPIRED_IN_MATCH 0 of 5 showing 2 prevented 5
      asks at 101: 0
      bids at 101: 1
      alice has 5 BTC
      alice has 899 USD, 101 held
             1 alice | 101 |
    `,
      FREE,
    );
  });
});

describe('self-trade prevention EXPIRE_BOTH', () => {
  it('ends both orders', () => {
    play(`
      alice has 1000 USD
                     | 102 | 1 bob
                     | 101 | 1 alice
      > alice BUY LIMIT GTC 2 @ 102 stp EXPIRE_BOTH
      #3 alice NEW 0 of 2
      prevented at 101 by EXPIRE_BOTH: 2 of #3, 1 of #2
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      #3 alice EXPIRED_IN_MATCH 0 of 2 prevented 2
      asks at 101: 0
      alice has 1 BTC
                     | 102 | 1 bob
    `);
  });
});

describe('self-trade prevention DECREMENT', () => {
  it('ends a smaller resting order, and takes as much off the order that arrives', () => {
    play(
      `
      alice has 1000 USD
                     | 102 | 1 bob
                     | 101 | 1 alice
      > alice BUY LIMIT GTC 3 @ 102 stp DECREMENT
      #3 alice NEW 0 of 3
      prevented at 101 by DECREMENT: 1 of #3, 1 of #2
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bob sells 1 to alice at 102
      #1 bob FILLED 1 of 1 for 102 USD
      #3 alice PARTIALLY_FILLED 1 of 3 for 102 USD prevented 1
      asks at 101: 0
      asks at 102: 0
      bids at 102: 1
      alice has 796 USD, 102 held
      alice has 2 BTC
      bob has 0 BTC
      bob has 102 USD
             1 alice | 102 |
    `,
      FREE,
    );
  });

  it('ends a smaller order that arrives; the resting one keeps its place with what is left', () => {
    play(`
      alice has 1000 USD
                     | 101 | 3 alice, 1 bob
      > alice BUY LIMIT GTC 2 @ 101 stp DECREMENT
      #3 alice NEW 0 of 2
      prevented at 101 by DECREMENT: 2 of #3, 2 of #1
      #1 alice NEW 0 of 3 prevented 2
      #3 alice EXPIRED_IN_MATCH 0 of 2 prevented 2
      asks at 101: 2
      alice has 2 BTC, 1 held
                     | 101 | 1 alice, 1 bob
    `);
  });

  it('ends both when they are equal, what executed before kept', () => {
    play(
      `
      balances aside
      alice has 1000 USD
                     | 102 | 1 alice
                     | 101 | 1 bob
      > alice BUY LIMIT GTC 2 @ 102 stp DECREMENT
      #3 alice NEW 0 of 2
      bob sells 1 to alice at 101
      #2 bob FILLED 1 of 1 for 101 USD
      prevented at 102 by DECREMENT: 1 of #3, 1 of #1
      #1 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      #3 alice PARTIALLY_FILLED 1 of 2 for 101 USD prevented 1
      #3 alice EXPIRED_IN_MATCH 1 of 2 for 101 USD prevented 1
      asks at 101: 0
      asks at 102: 0
                     | empty |
    `,
      FREE,
    );
  });

  it('ends an order by amount that it leaves nothing to spend', () => {
    play(`
      alice has 100 USD
                     | 100 | 2 alice
      > alice BUY MARKET for 100 USD stp DECREMENT
      #2 alice NEW 0 of 100 USD
      prevented at 100 by DECREMENT: 1 of #2, 1 of #1
      #1 alice NEW 0 of 2 prevented 1
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      asks at 100: 1
      alice has 1 BTC, 1 held
                     | 100 | 1 alice
    `);
  });

  it('ends an order by amount that it leaves less than a lot, though less would do at the next price', () => {
    play(`
      alice has 5 BTC
             1 alice | 100 |
               1 bob | 40 |
      > alice SELL MARKET for 105 USD stp DECREMENT
      #3 alice NEW 0 of 105 USD
      prevented at 100 by DECREMENT: 1 of #3, 1 of #1
      #1 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      #3 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bids at 100: 0
      alice has 100 USD
               1 bob | 40 |
    `);
  });

  it('takes from what an iceberg hides before what it shows', () => {
    play(
      `
      alice has 5 BTC
      alice has 1000 USD
      > alice SELL LIMIT GTC 5 @ 101 showing 2
      #1 alice NEW 0 of 5 showing 2
      asks at 101: 2
      alice has 0 BTC, 5 held
      > alice BUY LIMIT GTC 2 @ 101 stp DECREMENT
      #2 alice NEW 0 of 2
      prevented at 101 by DECREMENT: 2 of #2, 2 of #1
      #1 alice NEW 0 of 5 showing 2 prevented 2
      #2 alice EXPIRED_IN_MATCH 0 of 2 prevented 2
      alice has 2 BTC, 3 held
      > alice BUY LIMIT GTC 2 @ 101 stp DECREMENT
      #3 alice NEW 0 of 2
      prevented at 101 by DECREMENT: 2 of #3, 2 of #1
      #1 alice NEW 0 of 5 showing 2 prevented 4
      #3 alice EXPIRED_IN_MATCH 0 of 2 prevented 2
      asks at 101: 1
      alice has 4 BTC, 1 held
                     | 101 | 1 alice
    `,
      FREE,
    );
  });

  it('of an order by amount takes off it what the prevented lots would have cost', () => {
    play(
      `
      alice has 250 USD
                     | 100 | 1 alice, 2 bob
      > alice BUY MARKET for 250 USD stp DECREMENT
      #3 alice NEW 0 of 250 USD
      prevented at 100 by DECREMENT: 1 of #3, 1 of #1
      #1 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bob sells 1.5 to alice at 100
      #2 bob PARTIALLY_FILLED 1.5 of 2 for 150 USD
      #3 alice FILLED 1.5 of 2.5 for 150 USD prevented 1
      asks at 100: 0.5
      alice has 100 USD
      alice has 2.5 BTC
      bob has 0 BTC, 0.5 held
      bob has 150 USD
                     | 100 | 0.5 bob
    `,
      FREE,
    );
  });
});

describe('self-trade prevention', () => {
  it('is that of the order that arrives, whatever the resting one asked for', () => {
    play(
      `
      balances aside
      alice has 1 BTC
      alice has 202 USD
      > alice SELL LIMIT GTC 1 @ 101 stp EXPIRE_BOTH
      #1 alice NEW 0 of 1
      asks at 101: 1
      > alice BUY LIMIT GTC 1 @ 101 stp NONE
      #2 alice NEW 0 of 1
      alice sells 1 to alice at 101
      #1 alice FILLED 1 of 1 for 101 USD
      #2 alice FILLED 1 of 1 for 101 USD
      asks at 101: 0
    `,
      FREE,
    );
  });

  it('concerns orders of one account only', () => {
    play(
      `
      balances aside
      alice has 101 USD
                     | 101 | 1 bob
      > alice BUY LIMIT GTC 1 @ 101 stp EXPIRE_BOTH
      #2 alice NEW 0 of 1
      bob sells 1 to alice at 101
      #1 bob FILLED 1 of 1 for 101 USD
      #2 alice FILLED 1 of 1 for 101 USD
      asks at 101: 0
    `,
      FREE,
    );
  });

  it('belongs to an order that waited for its trigger, too', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
             1 alice | 94 |
      > alice SELL STOP_LOSS 1 stop 95 stp EXPIRE_BOTH
      #4 alice NEW 0 of 1 stop 95 waiting
      > price moves to 95
      #4 alice NEW 0 of 1 stop 95
      prevented at 94 by EXPIRE_BOTH: 1 of #4, 1 of #3
      #3 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      #4 alice EXPIRED_IN_MATCH 0 of 1 stop 95 prevented 1
      bids at 94: 0
    `,
      FREE,
    );
  });

  it('asks no more of a MARKET order than what it can trade', () => {
    play(
      `
      balances aside
      alice has 102 USD
                     | 102 | 2 bob
                     | 101 | 1 alice
      > alice BUY MARKET 1.1 stp EXPIRE_MAKER
      refused: insufficientBalance
      > alice BUY MARKET 1 stp EXPIRE_TAKER
      #3 alice NEW 0 of 1
      prevented at 101 by EXPIRE_TAKER: 1 of #3, 0 of #2
      #3 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      > alice BUY MARKET 1 stp EXPIRE_MAKER
      #4 alice NEW 0 of 1
      prevented at 101 by EXPIRE_MAKER: 0 of #4, 1 of #2
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bob sells 1 to alice at 102
      #1 bob PARTIALLY_FILLED 1 of 2 for 102 USD
      #4 alice FILLED 1 of 1 for 102 USD
      asks at 101: 0
      asks at 102: 1
    `,
      FREE,
    );
  });
});

describe('a MARKET order to buy, with self-trade prevention DECREMENT', () => {
  it('must cover what it would take if its own orders were not there', () => {
    play(
      `
      balances aside
      alice has 101.9999 USD
                     | 102 | 2 bob
                     | 101 | 1 alice
      > alice BUY MARKET 1 stp DECREMENT
      refused: insufficientBalance
      > alice BUY MARKET 1 stp EXPIRE_MAKER
      refused: insufficientBalance
      > alice BUY MARKET 1 stp EXPIRE_TAKER
      #3 alice NEW 0 of 1
      prevented at 101 by EXPIRE_TAKER: 1 of #3, 0 of #2
      #3 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
    `,
      FREE,
    );
  });
});

describe('a LIMIT order, fill or kill, with self-trade prevention', () => {
  it('EXPIRE_MAKER counts on what lies behind its own orders, and ends them only if it is filled', () => {
    play(
      `
      balances aside
      alice has 1000 USD
                     | 102 | 1 bob
                     | 101 | 1 alice
      > alice BUY LIMIT FOK 2 @ 102 stp EXPIRE_MAKER
      #3 alice NEW 0 of 2
      #3 alice EXPIRED 0 of 2
                     | 102 | 1 bob
                     | 101 | 1 alice
      > alice BUY LIMIT FOK 1 @ 102 stp EXPIRE_MAKER
      #4 alice NEW 0 of 1
      prevented at 101 by EXPIRE_MAKER: 0 of #4, 1 of #2
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bob sells 1 to alice at 102
      #1 bob FILLED 1 of 1 for 102 USD
      #4 alice FILLED 1 of 1 for 102 USD
      asks at 101: 0
      asks at 102: 0
    `,
      FREE,
    );
  });

  it('counts on what an iceberg hides behind its own orders only if it ends those', () => {
    play(
      `
      balances aside
      alice has 1000 USD
      alice has 1 BTC
      bob has 3 BTC
      > bob SELL LIMIT GTC 3 @ 101 showing 1
      #1 bob NEW 0 of 3 showing 1
      asks at 101: 1
      > alice SELL LIMIT GTC 1 @ 101
      #2 alice NEW 0 of 1
      asks at 101: 2
      > alice BUY LIMIT FOK 2 @ 101 stp EXPIRE_TAKER
      #3 alice NEW 0 of 2
      #3 alice EXPIRED 0 of 2
      > alice BUY LIMIT FOK 3.1 @ 101 stp EXPIRE_MAKER
      #4 alice NEW 0 of 3.1
      #4 alice EXPIRED 0 of 3.1
                     | 101 | 3 bob, 1 alice
      > alice BUY LIMIT FOK 3 @ 101 stp EXPIRE_MAKER
      #5 alice NEW 0 of 3
      bob sells 1 to alice at 101
      #1 bob PARTIALLY_FILLED 1 of 3 for 101 USD showing 1
      prevented at 101 by EXPIRE_MAKER: 0 of #5, 1 of #2
      #2 alice EXPIRED_IN_MATCH 0 of 1 prevented 1
      bob sells 1 to alice at 101
      #1 bob PARTIALLY_FILLED 2 of 3 for 202 USD showing 1
      bob sells 1 to alice at 101
      #1 bob FILLED 3 of 3 for 303 USD showing 1
      #5 alice FILLED 3 of 3 for 303 USD
      asks at 101: 0
    `,
      FREE,
    );
  });

  it('EXPIRE_TAKER, EXPIRE_BOTH or DECREMENT counts on nothing behind its first own order', () => {
    play(
      `
      balances aside
      alice has 1000 USD
                     | 103 | 1 bob
                     | 102 | 1 alice
                     | 101 | 1 bob
      > alice BUY LIMIT FOK 2 @ 103 stp EXPIRE_TAKER
      #4 alice NEW 0 of 2
      #4 alice EXPIRED 0 of 2
      > alice BUY LIMIT FOK 2 @ 103 stp EXPIRE_BOTH
      #5 alice NEW 0 of 2
      #5 alice EXPIRED 0 of 2
      > alice BUY LIMIT FOK 2 @ 103 stp DECREMENT
      #6 alice NEW 0 of 2
      #6 alice EXPIRED 0 of 2
                     | 103 | 1 bob
                     | 102 | 1 alice
                     | 101 | 1 bob
      > alice BUY LIMIT FOK 1 @ 103 stp DECREMENT
      #7 alice NEW 0 of 1
      bob sells 1 to alice at 101
      #3 bob FILLED 1 of 1 for 101 USD
      #7 alice FILLED 1 of 1 for 101 USD
      asks at 101: 0
    `,
      FREE,
    );
  });
});
