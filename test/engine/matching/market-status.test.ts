import { describe, expect, it } from '@jest/globals';
import type { AccountId, AssetId, MarketId, Units } from '#domain/ids.ts';
import { newMarket, newOrder } from '#test/support/commands.ts';
import { DrivenEngine } from './driven-engine.ts';
import { FREE, play } from './scenario.ts';

describe('a market', () => {
  it('in HALT or BREAK accepts nothing, and its orders stay; back in TRADING it goes on', () => {
    for (const status of ['HALT', 'BREAK']) {
      play(`
        alice has 500 USD
        alice has 2 BTC
               2 alice | 100 |
        > operator sets ${status}
        market ${status}
        > alice BUY LIMIT GTC 1 @ 99
        refused: marketClosed
        > alice BUY MARKET 1
        refused: marketClosed
        > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
        refused: marketClosed
        > alice CANCEL #1
        refused: marketClosed
        > alice CANCEL #7
        refused: marketClosed
        > alice CANCEL ALL
        refused: marketClosed
        > alice CANCEL list 1
        refused: marketClosed
        > alice AMEND #1 to 1
        refused: marketClosed
               2 alice | 100 |
        > operator sets TRADING
        market TRADING
        > alice CANCEL #1
        #1 alice CANCELED 0 of 2
        bids at 100: 0
        alice has 700 USD
      `);
    }
  });

  it('in CANCEL_ONLY accepts cancels', () => {
    play(
      `
      balances aside
      last price 100
      alice has 500 USD
      alice has 1 BTC
             1 alice | 99 |
             1 alice | 98 |
      > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
      list 1 alice OCO EXECUTING: #5, #6
      #5 alice NEW 0 of 1 in list 1
      #6 alice NEW 0 of 1 stop 90 waiting in list 1
      asks at 110: 1
      > operator sets CANCEL_ONLY
      market CANCEL_ONLY
      > alice BUY LIMIT GTC 1 @ 99
      refused: marketClosed
      > alice OTO: BUY LIMIT GTC 1 @ 95 | SELL LIMIT GTC 1 @ 110
      refused: marketClosed
      > alice CANCEL #3
      #3 alice CANCELED 0 of 1
      bids at 99: 0
      > alice CANCEL list 1
      #5 alice CANCELED 0 of 1 in list 1
      #6 alice CANCELED 0 of 1 stop 90 in list 1
      list 1 alice OCO ALL_DONE: #5, #6
      asks at 110: 0
      > alice CANCEL ALL
      #4 alice CANCELED 0 of 1
      bids at 98: 0
    `,
      { ordersMax: 10 },
    );
  });

  it('says that an order is invalid before it says that it is closed', () => {
    play(`
      alice has 500 USD
      > operator sets HALT
      market HALT
      > alice BUY LIMIT GTC 1
      refused: invalidOrder
      > alice BUY LIMIT GTC 1 @ 100.5
      refused: marketClosed
    `);
  });
});

describe('the rules of a market', () => {
  it('change for the orders that come; those that are open stay as they are', () => {
    play(`
      balances aside
      alice has 500 USD
             1 alice | 99 |
             1 alice | 98 |
      > operator sets priceMin=100, ordersMax=2
      marketRulesSet
      > alice BUY LIMIT GTC 1 @ 99
      refused: priceFilter
      > alice BUY LIMIT GTC 1 @ 100
      refused: maxNumOrders
             1 alice | 99 |
             1 alice | 98 |
      > operator sets ordersMax=3
      marketRulesSet
      > alice BUY LIMIT GTC 1 @ 100
      #3 alice NEW 0 of 1
      bids at 100: 1
    `);
  });

  it('are refused when they make no market', () => {
    play(`
      alice has 500 USD
      > operator sets priceMin=2000
      refused: invalidListing
      > operator sets ordersMax=0
      refused: invalidListing
      > operator sets quantityMin=0.15
      refused: invalidListing
      > operator sets takerFee=1000000
      refused: invalidListing
      > alice BUY LIMIT GTC 1 @ 100
      #1 alice NEW 0 of 1
      bids at 100: 1
      alice has 400 USD, 100 held
    `);
  });

  it('set what a trade costs from then on', () => {
    play(`
      balances aside
      alice has 500 USD
                     | 100 | 3 bob
      > operator sets makerFee=0, takerFee=10000
      marketRulesSet
      > alice BUY MARKET 1
      #2 alice NEW 0 of 1
      bob sells 1 to alice at 100, fees 0 USD, 0.01 BTC
      #1 bob PARTIALLY_FILLED 1 of 3 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      asks at 100: 2
    `);
  });
});

describe('a triggered order', () => {
  it('that a halt keeps from trading waits for the market to trade again, unless it is cancelled', () => {
    const halted = `
      last price 100
      alice has 1 BTC
      carol has 2 BTC
               1 bob | 92 |
              1 dave | 80 |
      > alice SELL STOP_LOSS 1 stop 95
      #5 alice NEW 0 of 1 stop 95 waiting
      alice has 0 BTC, 1 held
      > carol SELL LIMIT IOC 2 @ 80
      #6 carol NEW 0 of 2
      carol sells 1 to bob at 92
      #3 bob FILLED 1 of 1 for 92 USD
      market HALT
      #6 carol PARTIALLY_FILLED 1 of 2 for 92 USD
      #6 carol EXPIRED 1 of 2 for 92 USD
      bids at 92: 0
      carol has 1 BTC
      carol has 92 USD
      bob has 0 USD
      bob has 1 BTC
    `;
    const rules = { ...FREE, breakerMovePpm: 100_000 };
    play(
      `${halted}
      > operator sets TRADING
      market TRADING
      #5 alice NEW 0 of 1 stop 95
      alice sells 1 to dave at 80
      #4 dave FILLED 1 of 1 for 80 USD
      #5 alice FILLED 1 of 1 for 80 USD stop 95
      bids at 80: 0
      alice has 0 BTC
      alice has 80 USD
      dave has 0 USD
      dave has 1 BTC
    `,
      rules,
    );
    play(
      `${halted}
      > operator sets CANCEL_ONLY
      market CANCEL_ONLY
      > alice CANCEL #5
      #5 alice CANCELED 0 of 1 stop 95
      alice has 1 BTC
      > operator sets TRADING
      market TRADING
    `,
      rules,
    );
  });
});

describe('an order that was triggered before a halt', () => {
  it('still starts when the engine was restored from a snapshot in between', () => {
    const [alice, bob, carol] = [1 as AccountId, 2 as AccountId, 3 as AccountId];
    const driven = new DrivenEngine();
    driven.accept({ type: 'listAsset', asset: 0 as AssetId, scale: 0, name: 'COIN' });
    driven.accept({ type: 'listAsset', asset: 1 as AssetId, scale: 0, name: 'CASH' });
    driven.accept(newMarket({ breakerMove: 100_000 }));
    for (const account of [alice, bob, carol])
      for (const asset of [0, 1] as AssetId[])
        driven.accept({ type: 'deposit', account, asset, amount: 1_000 as Units, reference: '' });
    const sell = (price: number) => newOrder({ account: alice, side: 'SELL', price, quantity: 1 });
    const buy = (quantity: number) => newOrder({ account: bob, price: 120, quantity });
    for (const price of [100, 105, 120]) driven.accept(sell(price));
    driven.accept(buy(1));
    driven.accept(
      newOrder({ account: carol, orderType: 'STOP_LOSS_LIMIT', price: 110, quantity: 1, stopPrice: 105 }),
    );
    const types = driven.accept(buy(2)).map(({ type }) => type);
    expect(types).toContain('marketStatus');

    const restored = DrivenEngine.restored(driven.engine.snapshot());
    const again = { type: 'setMarketStatus', market: 0 as MarketId, status: 'TRADING' } as const;
    const events = restored.accept(again);
    expect(events).toContainEqual(expect.objectContaining({ type: 'order', account: carol, status: 'NEW' }));
    expect(events).toEqual(driven.accept(again));
  });
});
