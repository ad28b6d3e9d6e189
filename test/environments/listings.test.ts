import { describe, expect, it } from '@jest/globals';
import { checkListings } from '#environments/checks/listings.ts';
import { listings } from '#environments/markets.ts';
import { faultsOf } from './faults-with.ts';

const [bitcoin, ...others] = listings.markets;

/** The faults of the shipped listings after BTCUSDT is changed. */
function faultsWithBitcoin(changes: Partial<typeof bitcoin>): string[] {
  return faultsOf(() => checkListings({ ...listings, markets: [{ ...bitcoin!, ...changes }, ...others] }));
}

describe('the listings', () => {
  it('are accepted as they ship', () => {
    expect(faultsWithBitcoin({})).toEqual([]);
  });

  it('have no market whose tick and lot cannot be exact', () => {
    // 0.01 USDT × 0.00000001 BTC is 10^-10 USDT, and its smallest unit is 10^-6.
    expect(faultsWithBitcoin({ lotSize: '0.00000001' })).toEqual([
      'environments/markets.ts: market BTCUSDT: tickSize and lotSize: their product is not a whole number of quote units; make one of them coarser',
    ]);
  });

  it('have no tick that is finer than the quote asset', () => {
    expect(faultsWithBitcoin({ tickSize: '0.0000001' })).toContain(
      'environments/markets.ts: market BTCUSDT: tickSize: "0.0000001" is not an exact amount of USDT (precision); write a plain decimal with at most 6 decimals',
    );
  });

  it('name no asset that is not listed', () => {
    expect(faultsWithBitcoin({ base: 'XBT' })).toEqual([
      'environments/markets.ts: market BTCUSDT: base and quote: XBT and USDT are not two listed assets; list both',
    ]);
  });

  it('have each symbol and each asset once', () => {
    const markets = [...listings.markets, bitcoin!];
    const assets = [...listings.assets, { name: 'BTC', scale: 8 }];
    expect(faultsOf(() => checkListings({ assets, markets }))).toEqual([
      'environments/markets.ts: asset BTC: listed twice; remove one',
      'environments/markets.ts: market BTCUSDT: listed twice; remove one',
    ]);
  });
});
