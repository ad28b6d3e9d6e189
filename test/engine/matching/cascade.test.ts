import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('a cascade', () => {
  it('goes from a trade to the stop that it triggers, and from the trade of that to the next', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      carol has 1 BTC
      dave has 1 BTC
               1 bob | 98 |
               1 bob | 96 |
              1 erin | 94 |
      > alice SELL STOP_LOSS 1 stop 98
      #6 alice NEW 0 of 1 stop 98 waiting
      > carol SELL STOP_LOSS 1 stop 96
      #7 carol NEW 0 of 1 stop 96 waiting
      > dave SELL LIMIT GTC 1 @ 98
      #8 dave NEW 0 of 1
      dave sells 1 to bob at 98
      #3 bob FILLED 1 of 1 for 98 USD
      #8 dave FILLED 1 of 1 for 98 USD
      #6 alice NEW 0 of 1 stop 98
      alice sells 1 to bob at 96
      #4 bob FILLED 1 of 1 for 96 USD
      #6 alice FILLED 1 of 1 for 96 USD stop 98
      #7 carol NEW 0 of 1 stop 96
      carol sells 1 to erin at 94
      #5 erin FILLED 1 of 1 for 94 USD
      #7 carol FILLED 1 of 1 for 94 USD stop 96
      bids at 98: 0
      bids at 96: 0
      bids at 94: 0
                     | empty |
    `,
      FREE,
    );
  });

  it('runs what a trade triggers before what that triggers in turn', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      carol has 1 BTC
      dave has 1 BTC
               1 bob | 93 |
               1 bob | 92 |
      > alice SELL STOP_LOSS 1 stop 95
      #5 alice NEW 0 of 1 stop 95 waiting
      > carol SELL STOP_LOSS_LIMIT GTC 1 @ 105 stop 93
      #6 carol NEW 0 of 1 stop 93 waiting
      > dave SELL STOP_LOSS 1 stop 94
      #7 dave NEW 0 of 1 stop 94 waiting
      > price moves to 94
      #5 alice NEW 0 of 1 stop 95
      alice sells 1 to bob at 93
      #3 bob FILLED 1 of 1 for 93 USD
      #5 alice FILLED 1 of 1 for 93 USD stop 95
      #7 dave NEW 0 of 1 stop 94
      dave sells 1 to bob at 92
      #4 bob FILLED 1 of 1 for 92 USD
      #7 dave FILLED 1 of 1 for 92 USD stop 94
      #6 carol NEW 0 of 1 stop 93
      bids at 93: 0
      bids at 92: 0
      asks at 105: 1
                     | 105 | 1 carol
    `,
      FREE,
    );
  });

  it('starts rising stops from the lowest, then falling ones from the highest, equal ones as they came', () => {
    play(
      `
      balances aside
      alice has 50 USD
      bob has 50 USD
      carol has 50 USD
      dave has 1 BTC
      erin has 1 BTC
      frank has 1 BTC
      > dave SELL STOP_LOSS_LIMIT GTC 1 @ 200 stop 105
      #1 dave NEW 0 of 1 stop 105 waiting
      > erin SELL STOP_LOSS_LIMIT GTC 1 @ 200 stop 110
      #2 erin NEW 0 of 1 stop 110 waiting
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 50 stop 95
      #3 alice NEW 0 of 1 stop 95 waiting
      > bob BUY STOP_LOSS_LIMIT GTC 1 @ 50 stop 90
      #4 bob NEW 0 of 1 stop 90 waiting
      > carol BUY STOP_LOSS_LIMIT GTC 1 @ 50 stop 90
      #5 carol NEW 0 of 1 stop 90 waiting
      > frank SELL TAKE_PROFIT_LIMIT GTC 1 @ 200 stop 92
      #6 frank NEW 0 of 1 stop 92 waiting
      > price moves to 100
      #4 bob NEW 0 of 1 stop 90
      #5 carol NEW 0 of 1 stop 90
      #6 frank NEW 0 of 1 stop 92
      #3 alice NEW 0 of 1 stop 95
      #2 erin NEW 0 of 1 stop 110
      #1 dave NEW 0 of 1 stop 105
      bids at 50: 3
      asks at 200: 3
                     | 200 | 1 frank, 1 erin, 1 dave
1 bob, 1 carol, 1 alice | 50 |
    `,
      FREE,
    );
  });

  it('starts trailing stops before all others, as they came to be tracked', () => {
    play(
      `
      balances aside
      last price 100
      alice has 3 BTC
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 200 stop 95
      #3 alice NEW 0 of 1 stop 95 waiting
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 200 stop 99 trail 500bp
      #4 alice NEW 0 of 1 stop 99 trail 500bp waiting
      > alice SELL STOP_LOSS_LIMIT GTC 1 @ 200 trail 1000bp
      #5 alice NEW 0 of 1 trail 1000bp waiting
      > price moves to 99
      > price moves to 100
      > price moves to 90
      #5 alice NEW 0 of 1 trail 1000bp
      #4 alice NEW 0 of 1 stop 99 trail 500bp
      #3 alice NEW 0 of 1 stop 95
      asks at 200: 3
    `,
      FREE,
    );
  });

  it('stops after a thousand orders, and goes on with the next command that is accepted', () => {
    const range = Array.from({ length: 1_001 }, (_, index) => index + 3);
    const placed = range.map(
      (id) => `
      > alice BUY STOP_LOSS_LIMIT GTC 1 @ 50 stop 101
      #${id} alice NEW 0 of 1 stop 101 waiting`,
    );
    const triggered = range.map((id) => `#${id} alice NEW 0 of 1 stop 101\n`);
    play(
      `
      balances aside
      last price 100
      alice has 100000 USD
      ${placed.join('')}
      > price moves to 101
      ${triggered.slice(0, 1_000).join('')}
      bids at 50: 1000
      > bob CANCEL ALL
      refused: unknownOrder
      > time passes
      ${triggered[1_000]}
      bids at 50: 1001
    `,
      { ...FREE, ordersMax: 2_000, algoOrdersMax: 2_000 },
    );
  });
});
