/** Sums that only the largest orders bring near 2^53, by ways that no plain order takes. */
import { describe, expect, it } from '@jest/globals';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { newMarket, newOrder } from '#test/support/commands.ts';
import { DrivenEngine } from './driven-engine.ts';

const [COIN, CASH] = [0 as AssetId, 1 as AssetId];
const [ALICE, BOB] = [1 as AccountId, 2 as AccountId];

function exchange(coinScale: number, rules: Parameters<typeof newMarket>[0]): DrivenEngine {
  const driven = new DrivenEngine();
  driven.accept({ type: 'listAsset', asset: COIN, scale: coinScale, name: 'COIN' });
  driven.accept({ type: 'listAsset', asset: CASH, scale: 0, name: 'CASH' });
  driven.accept(newMarket(rules));
  return driven;
}

function fund(driven: DrivenEngine, account: AccountId, asset: AssetId, amount: number): void {
  const reference = `${driven.engine.lastSeq}`;
  driven.accept({ type: 'deposit', account, asset, amount: amount as Units, reference });
}

describe('a level', () => {
  it('may be as full as is exact, and no fuller', () => {
    // A lot of 10^8 units for one unit of cash: 90,071,992 lots are the most below 2^53 units.
    const lot = 100_000_000;
    const most = 90_071_992 * lot;
    const driven = exchange(8, { lot, quantityMin: lot, quantityMax: most, marketQuantityMax: most });
    fund(driven, ALICE, CASH, 1_000_000_000);
    const bid = (quantity: number) =>
      driven.apply(newOrder({ account: ALICE, orderType: 'LIMIT_MAKER', price: 1, quantity }));
    expect(bid(90_000_000 * lot)).toBeInstanceOf(Array);
    expect(bid(71_993 * lot)).toBe('lotSize');
    expect(bid(71_992 * lot)).toBeInstanceOf(Array);
    expect(bid(lot)).toBe('lotSize');
    driven.engine.checkInvariants();
  });
});

describe('an average price', () => {
  it('counts no trade that would bring a twelfth of its time to 2^49', () => {
    const driven = exchange(0, { averageMinutes: 1, bidUp: 1_000_000 });
    const trade = (price: number, quantity: number) => {
      fund(driven, ALICE, COIN, quantity);
      fund(driven, BOB, CASH, price * quantity);
      driven.accept(newOrder({ account: ALICE, side: 'SELL', price, quantity }));
      driven.accept(newOrder({ account: BOB, orderType: 'MARKET', quantity }));
    };
    trade(1_000, 2 ** 39);
    // 2,000 × 2^29 would come on top of 1,000 × 2^39, which is below 2^49 by 24 × 2^39.
    trade(2_000, 2 ** 29);
    trade(2_000, 2 ** 38);
    fund(driven, BOB, CASH, 10_000);
    const average = Math.floor((1_000 * 2 ** 39 + 2_000 * 2 ** 29) / (2 ** 39 + 2 ** 29));
    expect(driven.apply(newOrder({ account: BOB, price: average + 1, quantity: 1 }))).toBe(
      'percentPriceBySide',
    );
    expect(driven.apply(newOrder({ account: BOB, price: average, quantity: 1 }))).toBeInstanceOf(Array);
  });
});
