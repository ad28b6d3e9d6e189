/**
 * The examples are those of https://developers.binance.com/docs/binance-spot-api-docs/faqs/trailing-stop-faq at a
 * hundredth of their prices.
 */
import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('a trailing stop', () => {
  it('of a STOP_LOSS_LIMIT to buy follows the price down from its stop, and triggers when it rises by its delta', () => {
    play(
      `
      balances aside
      last price 400
      alice has 450 USD
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 450 stop 440 trail 500bp
      #3 alice NEW 0 of 1 stop 440 trail 500bp waiting
      > price moves to 370
      > price moves to 440
      > price moves to 450
      > price moves to 460
      > price moves to 420
      > price moves to 440
      > price moves to 441
      #3 alice NEW 0 of 1 stop 440 trail 500bp
      bids at 450: 1
             1 alice | 450 |
    `,
      FREE,
    );
  });

  it('of a STOP_LOSS_LIMIT to sell follows the price up from its stop, and triggers when it falls by its delta', () => {
    play(
      `
      balances aside
      last price 400
      alice has 1 BTC
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 380 stop 390 trail 1000bp
      #3 alice NEW 0 of 1 stop 390 trail 1000bp waiting
      > price moves to 415
      > price moves to 390
      > price moves to 371
      > price moves to 410
      > price moves to 370
      > price moves to 369
      #3 alice NEW 0 of 1 stop 390 trail 1000bp
      asks at 380: 1
                     | 380 | 1 alice
    `,
      FREE,
    );
  });

  it('of a TAKE_PROFIT_LIMIT to buy follows the price down from its stop, and triggers when it rises by its delta', () => {
    play(
      `
      balances aside
      last price 400
      alice has 385 USD
      > alice BUY TAKE_PROFIT_LIMIT GTC 1 @ 385 stop 380 trail 850bp
      #3 alice NEW 0 of 1 stop 380 trail 850bp waiting
      > price moves to 420
      > price moves to 380
      > price moves to 370
      > price moves to 390
      > price moves to 380
      > price moves to 401
      > price moves to 402
      #3 alice NEW 0 of 1 stop 380 trail 850bp
      bids at 385: 1
             1 alice | 385 |
    `,
      FREE,
    );
  });

  it('of a TAKE_PROFIT_LIMIT to sell follows the price up from its stop, and triggers when it falls by its delta', () => {
    play(
      `
      balances aside
      last price 400
      alice has 1 BTC
      > alice SELL TAKE_PROFIT_LIMIT GTC 1 @ 410 stop 420 trail 750bp
      #3 alice NEW 0 of 1 stop 420 trail 750bp waiting
      > price moves to 415
      > price moves to 390
      > price moves to 420
      > price moves to 450
      > price moves to 440
      > price moves to 465
      > price moves to 431
      > price moves to 430
      #3 alice NEW 0 of 1 stop 420 trail 750bp
      asks at 410: 1
                     | 410 | 1 alice
    `,
      FREE,
    );
  });

  it('without a stop follows the price from the first trade after it was placed', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      > alice SELL STOP_LOSS 1 trail 1000bp
      #3 alice NEW 0 of 1 trail 1000bp waiting
      > price moves to 90
      > price moves to 95
      > price moves to 86
      > price moves to 85
      #3 alice NEW 0 of 1 trail 1000bp
      #3 alice EXPIRED 0 of 1 trail 1000bp
    `,
      FREE,
    );
  });

  it('follows every price of one order that trades at several', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      carol has 3 BTC
      1 bob, 1 dave | 100 |
              1 bob | 90 |
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 80 trail 1000bp
      #6 alice NEW 0 of 1 trail 1000bp waiting
      > carol SELL LIMIT IOC 3 @ 90
      #7 carol NEW 0 of 3
      carol sells 1 to bob at 100
      #3 bob FILLED 1 of 1 for 100 USD
      carol sells 1 to dave at 100
      #4 dave FILLED 1 of 1 for 100 USD
      carol sells 1 to bob at 90
      #5 bob FILLED 1 of 1 for 90 USD
      #7 carol FILLED 3 of 3 for 290 USD
      #6 alice NEW 0 of 1 trail 1000bp
      bids at 100: 0
      bids at 90: 0
      asks at 80: 1
    `,
      FREE,
    );
  });
});

describe('a trailing delta is refused', () => {
  it('outside the bounds for orders that wait above the market, and for those that wait below it', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
      alice has 5 BTC
      > alice BUY STOP_LOSS 1 trail 99bp
      refused: trailingDelta
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 110 trail 501bp
      refused: trailingDelta
      > alice SELL TAKE_PROFIT 1 trail 501bp
      refused: trailingDelta
      > alice SELL TAKE_PROFIT_LIMIT GTC 1 @ 110 stop 110 trail 99bp
      refused: trailingDelta
      > alice SELL STOP_LOSS 1 trail 199bp
      refused: trailingDelta
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 90 trail 601bp
      refused: trailingDelta
      > alice BUY TAKE_PROFIT 1 trail 601bp
      refused: trailingDelta
      > alice BUY TAKE_PROFIT_LIMIT GTC 1 @ 90 stop 90 trail 199bp
      refused: trailingDelta
      > alice SELL TAKE_PROFIT 1 trail 100bp
      #3 alice NEW 0 of 1 trail 100bp waiting
      > alice SELL STOP_LOSS 1 trail 600bp
      #4 alice NEW 0 of 1 trail 600bp waiting
      > alice CANCEL #4
      #4 alice CANCELED 0 of 1 trail 600bp
      > alice BUY TAKE_PROFIT 1 trail 200bp
      #5 alice NEW 0 of 1 trail 200bp waiting
      > alice BUY STOP_LOSS 1 trail 500bp
      #6 alice NEW 0 of 1 trail 500bp waiting
    `,
      {
        ...FREE,
        trailingAboveMin: 100,
        trailingAboveMax: 500,
        trailingBelowMin: 200,
        trailingBelowMax: 600,
      },
    );
  });

  it('on an order that waits for nothing', () => {
    play(`
      alice has 5 BTC
      > alice SELL LIMIT GTC 1 @ 100 trail 500bp
      refused: invalidOrder
      > alice SELL MARKET 1 trail 500bp
      refused: invalidOrder
      > alice SELL STOP_LOSS 1 trail 0bp
      refused: invalidOrder
    `);
  });

  it('as one conditional order too many when a thousand trail on the market', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
    const placed = ids.map(
      (id) => `
      > alice SELL STOP_LOSS 1 trail 500bp
      #${id} alice NEW 0 of 1 trail 500bp waiting`,
    );
    play(
      `
      balances aside
      alice has 1000 BTC
      bob has 2 BTC
      ${placed.join('')}
      > bob SELL STOP_LOSS 1 trail 500bp
      refused: maxNumAlgoOrders
      > bob SELL STOP_LOSS 1 stop 90
      #1001 bob NEW 0 of 1 stop 90 waiting
      > alice CANCEL #7
      #7 alice CANCELED 0 of 1 trail 500bp
      > bob SELL STOP_LOSS 1 trail 500bp
      #1002 bob NEW 0 of 1 trail 500bp waiting
    `,
      { ordersMax: 2_000, algoOrdersMax: 2_000 },
    );
  });

  it('with a stop that is met already', () => {
    play(`
      last price 100
      alice has 5 BTC
      > alice SELL STOP_LOSS 1 stop 100 trail 500bp
      refused: wouldTrigger
    `);
  });
});
