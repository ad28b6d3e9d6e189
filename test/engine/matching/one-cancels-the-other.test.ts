import { describe, it } from '@jest/globals';
import { FREE, play } from './scenario.ts';

describe('an OCO', () => {
  it('to sell takes profit above the market and stops losses below; both orders share one hold', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS_LIMIT GTC @ 90 stop 92
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 92 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
                     | 110 | 1 alice
    `,
      FREE,
    );
  });

  it('to buy stops losses above the market and buys cheap below; it holds what the dearer order needs', () => {
    play(
      `
      last price 100
      alice has 112 USD
      > alice OCO BUY 1: STOP_LOSS_LIMIT GTC @ 112 stop 110 | LIMIT_MAKER @ 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 stop 110 waiting in list 1
      #4 alice NEW 0 of 1 in list 1
      bids at 90: 1
      alice has 0 USD, 112 held
             1 alice | 90 |
    `,
      FREE,
    );
  });

  it('ends the stop as soon as the resting order trades at all', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      carol has 110 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS_LIMIT GTC @ 90 stop 92
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 92 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
      > carol BUY LIMIT IOC 0.4 @ 110
      #5 carol NEW 0 of 0.4
      alice sells 0.4 to carol at 110
      #3 alice PARTIALLY_FILLED 0.4 of 1 for 44 USD in list 1
      #4 alice EXPIRED 0 of 1 stop 92 in list 1
      #5 carol FILLED 0.4 of 0.4 for 44 USD
      asks at 110: 0.6
      alice has 0 BTC, 0.6 held
      alice has 44 USD
      carol has 66 USD
      carol has 0.4 BTC
      > carol BUY LIMIT IOC 0.6 @ 110
      #6 carol NEW 0 of 0.6
      alice sells 0.6 to carol at 110
      #3 alice FILLED 1 of 1 for 110 USD in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      #6 carol FILLED 0.6 of 0.6 for 66 USD
      asks at 110: 0
      alice has 0 BTC
      alice has 110 USD
      carol has 0 USD
      carol has 1 BTC
    `,
      FREE,
    );
  });

  it('gives back what only the dearer order needed', () => {
    play(
      `
      last price 100
      alice has 112 USD
      carol has 1 BTC
      > alice OCO BUY 1: STOP_LOSS_LIMIT GTC @ 112 stop 110 | LIMIT_MAKER @ 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 stop 110 waiting in list 1
      #4 alice NEW 0 of 1 in list 1
      bids at 90: 1
      alice has 0 USD, 112 held
      > carol SELL LIMIT IOC 0.4 @ 90
      #5 carol NEW 0 of 0.4
      carol sells 0.4 to alice at 90
      #4 alice PARTIALLY_FILLED 0.4 of 1 for 36 USD in list 1
      #3 alice EXPIRED 0 of 1 stop 110 in list 1
      #5 carol FILLED 0.4 of 0.4 for 36 USD
      bids at 90: 0.6
      alice has 22 USD, 54 held
      alice has 0.4 BTC
      carol has 0.6 BTC
      carol has 36 USD
    `,
      FREE,
    );
  });

  it('ends the resting order the moment its stop triggers', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      carol has 90 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS_LIMIT GTC @ 90 stop 92
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 92 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
      > price moves to 92
      #3 alice EXPIRED 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 92 in list 1
      asks at 110: 0
      asks at 90: 1
                     | 90 | 1 alice
      > carol BUY MARKET 1
      #7 carol NEW 0 of 1
      alice sells 1 to carol at 90
      #4 alice FILLED 1 of 1 for 90 USD stop 92 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      #7 carol FILLED 1 of 1 for 90 USD
      asks at 90: 0
      alice has 0 BTC
      alice has 90 USD
      carol has 0 USD
      carol has 1 BTC
    `,
      FREE,
    );
  });

  it('pays for a stop at market out of what the resting order held', () => {
    play(
      `
      last price 100
      alice has 111 USD
                     | 111 | 1 dave
      > alice OCO BUY 1: STOP_LOSS stop 110 | LIMIT_MAKER @ 90
      list 1 alice OCO EXECUTING: #4, #5
      #4 alice NEW 0 of 1 stop 110 waiting in list 1
      #5 alice NEW 0 of 1 in list 1
      bids at 90: 1
      alice has 21 USD, 90 held
      > price moves to 110
      #5 alice EXPIRED 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 110 in list 1
      dave sells 1 to alice at 111
      #3 dave FILLED 1 of 1 for 111 USD
      #4 alice FILLED 1 of 1 for 111 USD stop 110 in list 1
      list 1 alice OCO ALL_DONE: #4, #5
      bids at 90: 0
      asks at 111: 0
      alice has 0 USD
      alice has 1 BTC
      dave has 0 BTC
      dave has 111 USD
    `,
      FREE,
    );
  });

  it('of two orders that wait ends one when the other triggers', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1: TAKE_PROFIT_LIMIT GTC @ 111 stop 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 stop 110 waiting in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      > price moves to 110
      #4 alice EXPIRED 0 of 1 stop 90 in list 1
      #3 alice NEW 0 of 1 stop 110 in list 1
      asks at 111: 1
                     | 111 | 1 alice
    `,
      FREE,
    );
  });

  it('ends the resting order before the order that triggers its stop can reach it', () => {
    play(
      `
      balances aside
      last price 100
      alice has 107 USD
      carol has 2 BTC
               1 bob | 106 |
      > alice OCO BUY 1: STOP_LOSS_LIMIT GTC @ 107 stop 105 | LIMIT_MAKER @ 95
      list 1 alice OCO EXECUTING: #4, #5
      #4 alice NEW 0 of 1 stop 105 waiting in list 1
      #5 alice NEW 0 of 1 in list 1
      bids at 95: 1
      > carol SELL LIMIT IOC 2 @ 90
      #6 carol NEW 0 of 2
      carol sells 1 to bob at 106
      #3 bob FILLED 1 of 1 for 106 USD
      #5 alice EXPIRED 0 of 1 in list 1
      #6 carol PARTIALLY_FILLED 1 of 2 for 106 USD
      #6 carol EXPIRED 1 of 2 for 106 USD
      #4 alice NEW 0 of 1 stop 105 in list 1
      bids at 106: 0
      bids at 95: 0
      bids at 107: 1
             1 alice | 107 |
    `,
      FREE,
    );
  });

  it('of two orders that one price would trigger ends the second', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1: TAKE_PROFIT_LIMIT GTC @ 200 trail 1000bp | STOP_LOSS trail 1000bp
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 trail 1000bp waiting in list 1
      #4 alice NEW 0 of 1 trail 1000bp waiting in list 1
      > price moves to 100
      > price moves to 90
      #4 alice EXPIRED 0 of 1 trail 1000bp in list 1
      #3 alice NEW 0 of 1 trail 1000bp in list 1
      asks at 200: 1
    `,
      FREE,
    );
  });

  it('whose orders are both trailed ends one when the other triggers, and those trailed after it trigger too', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      bob has 1 BTC
      > alice OCO SELL 1: TAKE_PROFIT trail 1000bp | STOP_LOSS trail 1000bp
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 trail 1000bp waiting in list 1
      #4 alice NEW 0 of 1 trail 1000bp waiting in list 1
      > bob SELL STOP_LOSS_LIMIT GTC 1 @ 200 trail 1000bp
      #5 bob NEW 0 of 1 trail 1000bp waiting
      > price moves to 100
      > price moves to 90
      #4 alice EXPIRED 0 of 1 trail 1000bp in list 1
      #3 alice NEW 0 of 1 trail 1000bp in list 1
      #3 alice EXPIRED 0 of 1 trail 1000bp in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      #5 bob NEW 0 of 1 trail 1000bp
      asks at 200: 1
    `,
      FREE,
    );
  });

  it('goes on when self-trade prevention only lessens an order', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      alice has 44 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS_LIMIT GTC @ 90 stop 92
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 92 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
      > alice BUY LIMIT IOC 0.4 @ 110 stp DECREMENT
      #5 alice NEW 0 of 0.4
      prevented at 110 by DECREMENT: 0.4 of #5, 0.4 of #3
      #3 alice NEW 0 of 1 prevented 0.4 in list 1
      #5 alice EXPIRED_IN_MATCH 0 of 0.4 prevented 0.4
      asks at 110: 0.6
      > price moves to 92
      #3 alice EXPIRED 0 of 1 prevented 0.4 in list 1
      #4 alice NEW 0 of 1 stop 92 in list 1
      asks at 110: 0
      asks at 90: 1
                     | 90 | 1 alice
    `,
      FREE,
    );
  });

  it('is cancelled as a whole when either order is, or when it is itself', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1 as pair: LIMIT_MAKER @ 110 as up | STOP_LOSS stop 90 as down
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
      > alice CANCEL down as bye
      #4 alice CANCELED 0 of 1 stop 90 in list 1 by bye
      #3 alice CANCELED 0 of 1 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      asks at 110: 0
      alice has 1 BTC
      > alice OCO SELL 1 as pair: LIMIT_MAKER @ 110 as up | STOP_LOSS stop 90 as down
      list 2 alice OCO EXECUTING: #5, #6
      #5 alice NEW 0 of 1 in list 2
      #6 alice NEW 0 of 1 stop 90 waiting in list 2
      asks at 110: 1
      alice has 0 BTC, 1 held
      > alice CANCEL list pair as bye
      #5 alice CANCELED 0 of 1 in list 2 by bye
      #6 alice CANCELED 0 of 1 stop 90 in list 2 by bye
      list 2 alice OCO ALL_DONE: #5, #6
      asks at 110: 0
      alice has 1 BTC
    `,
      FREE,
    );
  });

  it('is cancelled with all other orders of its account in its turn, together', () => {
    play(
      `
      balances aside
      last price 100
      alice has 4 BTC
      > alice SELL LIMIT GTC 1 @ 120
      #3 alice NEW 0 of 1
      asks at 120: 1
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #4, #5
      #4 alice NEW 0 of 1 in list 1
      #5 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > alice SELL LIMIT GTC 1 @ 121
      #6 alice NEW 0 of 1
      asks at 121: 1
      > alice CANCEL ALL
      #3 alice CANCELED 0 of 1
      #4 alice CANCELED 0 of 1 in list 1
      #5 alice CANCELED 0 of 1 stop 90 in list 1
      list 1 alice OCO ALL_DONE: #4, #5
      #6 alice CANCELED 0 of 1
      asks at 120: 0
      asks at 110: 0
      asks at 121: 0
    `,
      { ...FREE, ordersMax: 5 },
    );
  });

  it('ends when self-trade prevention ends one of its orders', () => {
    play(
      `
      last price 100
      alice has 1 BTC
      alice has 110 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      alice has 0 BTC, 1 held
      > alice BUY LIMIT IOC 1 @ 110 stp EXPIRE_MAKER
      #5 alice NEW 0 of 1
      prevented at 110 by EXPIRE_MAKER: 0 of #5, 1 of #3
      #3 alice EXPIRED_IN_MATCH 0 of 1 prevented 1 in list 1
      #4 alice EXPIRED 0 of 1 stop 90 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      #5 alice EXPIRED 0 of 1
      asks at 110: 0
      alice has 1 BTC
    `,
      FREE,
    );
  });

  it('ends when its stop has triggered and finds nothing', () => {
    play(
      `
      balances aside
      last price 100
      alice has 1 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > price moves to 90
      #3 alice EXPIRED 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 in list 1
      #4 alice EXPIRED 0 of 1 stop 90 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      asks at 110: 0
    `,
      FREE,
    );
  });
});

describe('an OCO is refused', () => {
  it('when its orders do not make one', () => {
    play(`
      last price 100
      alice has 2 BTC
      alice has 500 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | LIMIT_MAKER @ 111
      refused: invalidOrderList
      > alice OCO SELL 1: STOP_LOSS stop 91 | STOP_LOSS stop 90
      refused: invalidOrderList
      > alice OCO SELL 1: LIMIT GTC @ 110 | STOP_LOSS stop 90
      refused: invalidOrderList
      > alice OCO SELL 1: STOP_LOSS stop 90 | LIMIT_MAKER @ 110
      refused: invalidOrderList
      > alice OCO BUY 1: LIMIT_MAKER @ 90 | STOP_LOSS stop 110
      refused: invalidOrderList
      > alice OCO: SELL LIMIT_MAKER 1 @ 110 | BUY STOP_LOSS 1 stop 90
      refused: invalidOrderList
      > alice OCO: SELL LIMIT_MAKER 1 @ 110 | SELL STOP_LOSS 1.1 stop 90
      refused: invalidOrderList
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90 | LIMIT_MAKER @ 120
      refused: invalidOrderList
    `);
  });

  it('when the fields of one order do not go together', () => {
    play(`
      last price 100
      alice has 2 BTC
      > alice OCO SELL 1: LIMIT_MAKER | STOP_LOSS stop 90
      refused: invalidOrder
      > alice OCO SELL 1: LIMIT_MAKER IOC @ 110 | STOP_LOSS stop 90
      refused: invalidOrder
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS
      refused: invalidOrder
    `);
  });

  it('when a filter refuses one order', () => {
    play(`
      last price 100
      alice has 100 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110.5 | STOP_LOSS stop 90
      refused: priceFilter
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 9
      refused: priceFilter
      > alice OCO SELL 0.1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      refused: lotSize
      > alice OCO SELL 51: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      refused: marketLotSize
      > alice OCO SELL 0.2: LIMIT_MAKER @ 110 | STOP_LOSS_LIMIT GTC @ 40 stop 90
      refused: notional
      > alice OCO SELL 4.1: LIMIT_MAKER @ 110 showing 0.4 | STOP_LOSS stop 90
      refused: icebergParts
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS trail 5bp
      refused: trailingDelta
    `);
  });

  it('when its prices are on the wrong sides of each other, or of the last price', () => {
    play(`
      alice has 2 BTC
      alice has 500 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 110
      refused: orderListPrices
      > alice OCO BUY 1: STOP_LOSS stop 90 | LIMIT_MAKER @ 91
      refused: orderListPrices
    `);
    play(`
      last price 100
      alice has 2 BTC
      alice has 500 USD
      > alice OCO SELL 1: LIMIT_MAKER @ 100 | STOP_LOSS stop 90
      refused: orderListPrices
      > alice OCO SELL 1: TAKE_PROFIT stop 99 | STOP_LOSS stop 90
      refused: orderListPrices
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 100
      refused: orderListPrices
      > alice OCO BUY 1: STOP_LOSS stop 100 | LIMIT_MAKER @ 90
      refused: orderListPrices
    `);
  });

  it('when its LIMIT_MAKER would trade', () => {
    play(`
      last price 100
      alice has 1 BTC
               1 bob | 105 |
      > alice OCO SELL 1: LIMIT_MAKER @ 104 | STOP_LOSS stop 90
      refused: wouldTake
    `);
  });

  it('when the balance does not cover the dearer order', () => {
    play(`
      last price 100
      alice has 111.9999 USD
      alice has 0.9 BTC
      > alice OCO BUY 1: STOP_LOSS_LIMIT GTC @ 112 stop 110 | LIMIT_MAKER @ 90
      refused: insufficientBalance
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      refused: insufficientBalance
    `);
  });

  it('when it would be one open order, conditional order, iceberg or list too many', () => {
    play(`
      last price 100
      alice has 2 BTC
             1 alice | 52 |
             1 alice | 51 |
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      refused: maxNumOrders
    `);
    play(
      `
      last price 100
      alice has 2 BTC
      > alice OCO SELL 1: TAKE_PROFIT stop 110 | STOP_LOSS stop 90
      refused: maxNumAlgoOrders
      > alice OCO SELL 1: LIMIT_MAKER @ 110 showing 0.5 | STOP_LOSS stop 90
      refused: maxNumIcebergOrders
    `,
      { algoOrdersMax: 1, icebergOrdersMax: 0 },
    );
    play(
      `
      balances aside
      last price 100
      alice has 2 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      refused: maxNumOrderLists
    `,
      { ordersMax: 10, orderListsMax: 1 },
    );
  });

  it('when one of its ids is in use', () => {
    play(
      `
      balances aside
      last price 100
      alice has 3 BTC
      > alice OCO SELL 1: LIMIT_MAKER @ 110 as mine | STOP_LOSS stop 90 as mine
      refused: duplicateClientOrderId
      > alice OCO SELL 1 as pair: LIMIT_MAKER @ 110 as up | STOP_LOSS stop 90 as down
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90 as up
      refused: duplicateClientOrderId
      > alice OCO SELL 1 as pair: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      refused: duplicateListClientOrderId
    `,
      { ordersMax: 10 },
    );
  });
});

describe('a cancel of a list', () => {
  it('finds no list that has ended, belongs to another account, or never was; its ids must agree', () => {
    play(
      `
      balances aside
      last price 100
      alice has 2 BTC
      > alice CANCEL list 1
      refused: unknownOrderList
      > alice OCO SELL 1 as one: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #3, #4
      #3 alice NEW 0 of 1 in list 1
      #4 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > alice OCO SELL 1 as two: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 2 alice OCO EXECUTING: #5, #6
      #5 alice NEW 0 of 1 in list 2
      #6 alice NEW 0 of 1 stop 90 waiting in list 2
      asks at 110: 2
      > bob CANCEL list 1
      refused: unknownOrderList
      > alice CANCEL list three
      refused: unknownOrderList
      > alice CANCEL list 1 two
      refused: orderIdMismatch
      > alice CANCEL list 1 one
      #3 alice CANCELED 0 of 1 in list 1
      #4 alice CANCELED 0 of 1 stop 90 in list 1
      list 1 alice OCO ALL_DONE: #3, #4
      asks at 110: 1
      > alice CANCEL list 1
      refused: unknownOrderList
    `,
      { ordersMax: 10 },
    );
  });
});
