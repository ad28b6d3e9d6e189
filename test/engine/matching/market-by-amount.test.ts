import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a MARKET order by amount (quoteOrderQty)', () => {
  it('spends no more than the amount, in whole lots', () => {
    play(`
      alice has 250 USD
                     | 103 | 3 carol
                     | 101 | 1 bob
      > alice BUY MARKET for 250 USD
      #3 alice NEW 0 of 250 USD
      bob sells 1 to alice at 101, fees 0.101 USD, 0.002 BTC
      #2 bob FILLED 1 of 1 for 101 USD
      carol sells 1.4 to alice at 103, fees 0.1442 USD, 0.0028 BTC
      #1 carol PARTIALLY_FILLED 1.4 of 3 for 144.2 USD
      #3 alice FILLED 2.4 of 2.4 for 245.2 USD
      asks at 101: 0
      asks at 103: 1.6
      alice has 4.8 USD
      bob has 0 BTC
      alice has 2.3952 BTC
      exchange has 0.0048 BTC
      bob has 100.899 USD
      exchange has 0.2452 USD
      carol has 0 BTC, 1.6 held
      carol has 144.0558 USD
                     | 103 | 1.6 carol
    `);
  });

  it('receives no more than the amount, and passes over no better price for a worse one that fits', () => {
    play(`
      alice has 5 BTC
               1 bob | 105 |
             3 carol |  99 |
      > alice SELL MARKET for 104 USD
      #3 alice NEW 0 of 104 USD
      alice sells 0.9 to bob at 105, fees 0.189 USD, 0.0009 BTC
      #1 bob PARTIALLY_FILLED 0.9 of 1 for 94.5 USD
      #3 alice FILLED 0.9 of 0.9 for 94.5 USD
      bids at 105: 0.1
      alice has 4.1 BTC
      bob has 0 USD, 10.5 held
      alice has 94.311 USD
      exchange has 0.189 USD
      bob has 0.8991 BTC
      exchange has 0.0009 BTC
             0.1 bob | 105 |
             3 carol |  99 |
    `);
  });

  it('expires when the book runs dry, and keeps what it got', () => {
    play(`
      alice has 500 USD
                     | 100 | 1 bob
      > alice BUY MARKET for 250 USD
      #2 alice NEW 0 of 250 USD
      bob sells 1 to alice at 100, fees 0.1 USD, 0.002 BTC
      #1 bob FILLED 1 of 1 for 100 USD
      #2 alice PARTIALLY_FILLED 1 of 250 USD for 100 USD
      #2 alice EXPIRED 1 of 1 for 100 USD
      asks at 100: 0
      alice has 400 USD
      bob has 0 BTC
      alice has 0.998 BTC
      exchange has 0.002 BTC
      bob has 99.9 USD
      exchange has 0.1 USD
                     | empty |
    `);
  });

  it('expires, too, when it could pay for just one more lot at the last price', () => {
    play(`
      alice has 500 USD
                     | 100 | 1 bob
      > alice BUY MARKET for 110 USD
      #2 alice NEW 0 of 110 USD
      bob sells 1 to alice at 100, fees 0.1 USD, 0.002 BTC
      #1 bob FILLED 1 of 1 for 100 USD
      #2 alice PARTIALLY_FILLED 1 of 110 USD for 100 USD
      #2 alice EXPIRED 1 of 1 for 100 USD
      asks at 100: 0
      alice has 400 USD
      bob has 0 BTC
      alice has 0.998 BTC
      exchange has 0.002 BTC
      bob has 99.9 USD
      exchange has 0.1 USD
    `);
  });

  it('is filled when it uses up the book and the amount alike', () => {
    play(`
      alice has 500 USD
                     | 100 | 1 bob
      > alice BUY MARKET for 109.9 USD
      #2 alice NEW 0 of 109.9 USD
      bob sells 1 to alice at 100, fees 0.1 USD, 0.002 BTC
      #1 bob FILLED 1 of 1 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      asks at 100: 0
      alice has 400 USD
      bob has 0 BTC
      alice has 0.998 BTC
      exchange has 0.002 BTC
      bob has 99.9 USD
      exchange has 0.1 USD
                     | empty |
    `);
  });

  it('expires with nothing when the amount does not pay for a lot', () => {
    play(`
      alice has 50 USD
                     | 600 | 1 bob
      > alice BUY MARKET for 50 USD
      #2 alice NEW 0 of 50 USD
      #2 alice EXPIRED 0 of 50 USD
                     | 600 | 1 bob
    `);
  });

  it('must be covered: the amount to spend, or the quantity that the book demands for it', () => {
    play(`
      alice has 249.9999 USD
      dave has 1.1 BTC
                     | 101 | 1 bob
             5 carol | 100 |
      > alice BUY MARKET for 250 USD
      refused: insufficientBalance
      > dave SELL MARKET for 120 USD
      refused: insufficientBalance
                     | 101 | 1 bob
             5 carol | 100 |
    `);
  });
});
