import { describe, expect, it } from '@jest/globals';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, Units } from '#domain/ids.ts';
import { newMarket, newOrder, noSession } from '#test/support/commands.ts';
import { DrivenEngine } from './driven-engine.ts';
import { FREE, play } from './scenario.ts';

describe('a cancel', () => {
  it('ends an open order and gives back what it held', () => {
    play(`
      alice has 500 USD
               1 bob | 100 |
      > alice BUY LIMIT GTC 3 @ 100 as mine
      #2 alice NEW 0 of 3
      bids at 100: 4
      alice has 200 USD, 300 held
      > alice CANCEL mine
      #2 alice CANCELED 0 of 3
      bids at 100: 1
      alice has 500 USD
               1 bob | 100 |
    `);
  });

  it('keeps what was executed before', () => {
    play(`
      alice has 1 BTC
               3 bob | 100 |
      > alice SELL MARKET 1
      #2 alice NEW 0 of 1
      alice sells 1 to bob at 100, fees 0.2 USD, 0.001 BTC
      #1 bob PARTIALLY_FILLED 1 of 3 for 100 USD
      #2 alice FILLED 1 of 1 for 100 USD
      bids at 100: 2
      alice has 0 BTC
      bob has 0 USD, 200 held
      alice has 99.8 USD
      exchange has 0.2 USD
      bob has 0.999 BTC
      exchange has 0.001 BTC
      > bob CANCEL #1
      #1 bob CANCELED 1 of 3 for 100 USD
      bids at 100: 0
      bob has 200 USD
                     | empty |
    `);
  });

  it('of an order in the middle of a queue leaves the others in theirs', () => {
    play(`
      dave has 2 BTC
      1 alice, 1 bob, 1 carol | 100 |
      > bob CANCEL #2
      #2 bob CANCELED 0 of 1
      bids at 100: 2
      bob has 100 USD
      1 alice, 1 carol | 100 |
    `);
  });

  it('of all ends every order of the account on the market, oldest first, and no other', () => {
    play(`
                     | 110 | 1 alice
             1 alice | 101 |
      1 bob, 2 alice | 100 |
      > alice CANCEL ALL
      #1 alice CANCELED 0 of 1
      #2 alice CANCELED 0 of 1
      #4 alice CANCELED 0 of 2
      asks at 110: 0
      bids at 101: 0
      bids at 100: 1
      alice has 1 BTC
      alice has 301 USD
               1 bob | 100 |
      > alice CANCEL ALL
      refused: unknownOrder
    `);
  });

  it('finds no order that has ended, belongs to another account, or never was', () => {
    play(`
      alice has 100 USD
               1 bob | 100 |
      > alice CANCEL #1
      refused: unknownOrder
      > alice CANCEL #7
      refused: unknownOrder
      > alice CANCEL mine
      refused: unknownOrder
      > bob CANCEL #1
      #1 bob CANCELED 0 of 1
      bids at 100: 0
      bob has 100 USD
      > bob CANCEL #1
      refused: unknownOrder
    `);
  });

  it('has an id of its own', () => {
    play(`
             1 alice | 100 |
      > alice CANCEL #1 as bye
      #1 alice CANCELED 0 of 1 by bye
      bids at 100: 0
      alice has 100 USD
    `);
  });

  it('may name an order by both its ids, which must agree', () => {
    play(`
      balances aside
      alice has 300 USD
      > alice BUY LIMIT GTC 1 @ 100 as one
      #1 alice NEW 0 of 1
      bids at 100: 1
      > alice BUY LIMIT GTC 1 @ 99 as two
      #2 alice NEW 0 of 1
      bids at 99: 1
      > alice CANCEL #1 two
      refused: orderIdMismatch
      > alice CANCEL #1 three
      refused: orderIdMismatch
      > alice CANCEL #1 one
      #1 alice CANCELED 0 of 1
      bids at 100: 0
    `);
  });

  it('tells apart long ids that differ in their last character', () => {
    play(`
      balances aside
      alice has 300 USD
      > alice BUY LIMIT GTC 1 @ 100 as a-client-order-id-of-thirty-six-chr1
      #1 alice NEW 0 of 1
      bids at 100: 1
      > alice CANCEL #1 a-client-order-id-of-thirty-six-chr2
      refused: orderIdMismatch
      > alice CANCEL #1 a-client-order-id-of-thirty-six-chr1
      #1 alice CANCELED 0 of 1
      bids at 100: 0
    `);
  });

  it('may ask for an order that is new, or one that is partially filled', () => {
    play(
      `
      balances aside
      carol has 1 BTC
             2 alice | 100 |
      > alice CANCEL #1 ONLY_PARTIALLY_FILLED
      refused: cancelRestricted
      > carol SELL MARKET 1
      #2 carol NEW 0 of 1
      carol sells 1 to alice at 100
      #1 alice PARTIALLY_FILLED 1 of 2 for 100 USD
      #2 carol FILLED 1 of 1 for 100 USD
      bids at 100: 1
      > alice CANCEL #1 ONLY_NEW
      refused: cancelRestricted
      > alice CANCEL #1 ONLY_PARTIALLY_FILLED
      #1 alice CANCELED 1 of 2 for 100 USD
      bids at 100: 0
    `,
      FREE,
    );
  });
});

describe('a client order id', () => {
  it('still names its order when many others have come and gone', () => {
    const driven = new DrivenEngine();
    driven.accept({ type: 'listAsset', asset: 0 as AssetId, scale: 0, name: 'COIN' });
    driven.accept({ type: 'listAsset', asset: 1 as AssetId, scale: 0, name: 'CASH' });
    driven.accept(newMarket());
    const account = 1 as AccountId;
    driven.accept({ type: 'deposit', account, asset: 1 as AssetId, amount: 5_000 as Units, reference: '' });
    const cancelOf = (clientOrderId: string): CommandOf<'cancel'> => ({
      type: 'cancel',
      ...noSession,
      account,
      market: 0 as MarketId,
      orderId: null,
      restriction: 'NONE',
      clientOrderId,
      newClientOrderId: '',
    });
    const ids = Array.from({ length: 5_000 }, (_, index) => `mine-${index}`);
    // Every third is cancelled a hundred orders later; the others must be found among what those leave behind.
    ids.forEach((clientOrderId, index) => {
      driven.accept(newOrder({ account, price: 1, quantity: 1, clientOrderId }));
      if (index >= 100 && index % 3 === 0) driven.accept(cancelOf(ids[index - 100]!));
    });
    const gone = new Set(ids.filter((_, index) => index + 100 < ids.length && (index + 100) % 3 === 0));
    for (const id of ids) expect(driven.apply(cancelOf(id)) === 'unknownOrder').toBe(gone.has(id));
    driven.engine.checkInvariants();
  });

  it('names one open order of its account, and is free again when that has ended', () => {
    play(`
      alice has 500 USD
      bob has 500 USD
      > alice BUY LIMIT GTC 1 @ 100 as mine
      #1 alice NEW 0 of 1
      bids at 100: 1
      alice has 400 USD, 100 held
      > alice BUY LIMIT GTC 1 @ 99 as mine
      refused: duplicateClientOrderId
      > alice BUY MARKET 1 as mine
      refused: duplicateClientOrderId
      > bob BUY LIMIT GTC 1 @ 99 as mine
      #2 bob NEW 0 of 1
      bids at 99: 1
      bob has 401 USD, 99 held
      > alice CANCEL mine
      #1 alice CANCELED 0 of 1
      bids at 100: 0
      alice has 500 USD
      > alice BUY LIMIT GTC 1 @ 99 as mine
      #3 alice NEW 0 of 1
      bids at 99: 2
      alice has 401 USD, 99 held
      1 bob, 1 alice | 99 |
    `);
  });
});
