import { describe, expect, it } from '@jest/globals';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, Ppm, Price, Units } from '#domain/ids.ts';
import { listingCommands, ORDERS_MAX } from '#domain/markets.ts';
import { listings as deployed } from '#environments/markets.ts';
import { DrivenEngine } from './driven-engine.ts';

const coin: CommandOf<'listAsset'> = { type: 'listAsset', asset: 0 as AssetId, scale: 2, name: 'COIN' };
const cash: CommandOf<'listAsset'> = { type: 'listAsset', asset: 1 as AssetId, scale: 2, name: 'CASH' };
const coinForCash: CommandOf<'listMarket'> = {
  type: 'listMarket',
  market: 0 as MarketId,
  base: 0 as AssetId,
  quote: 1 as AssetId,
  tick: 10 as Price,
  priceMin: 10 as Price,
  priceMax: 10_000 as Price,
  lot: 10 as Units,
  quantityMin: 10 as Units,
  quantityMax: 10_000 as Units,
  marketQuantityMax: 10_000 as Units,
  notionalMin: 1 as Units,
  notionalMax: 1_000_000 as Units,
  ordersMax: 10,
  makerFee: 0 as Ppm,
  takerFee: 0 as Ppm,
  symbol: 'COINCASH',
};

function withAssets(): DrivenEngine {
  const driven = new DrivenEngine();
  driven.accept(coin);
  driven.accept(cash);
  return driven;
}

describe('listing', () => {
  it('tells what was listed, and answers it again', () => {
    const driven = new DrivenEngine();
    expect(driven.apply(coin)).toEqual([{ ...coin, type: 'assetListed' }]);
    driven.accept(cash);
    expect(driven.apply(coinForCash)).toEqual([{ ...coinForCash, type: 'marketListed' }]);
    expect(driven.ask({ type: 'listings' })).toEqual([
      { ...coin, type: 'assetListed' },
      { ...cash, type: 'assetListed' },
      { ...coinForCash, type: 'marketListed' },
    ]);
  });

  it('takes the markets of every environment', () => {
    const driven = new DrivenEngine();
    for (const command of listingCommands(deployed)) driven.accept(command);
  });

  it.each([
    ['alreadyListed', { asset: 0 }],
    ['alreadyListed', { name: 'COIN' }],
    ['invalidListing', { asset: 3 }],
    ['invalidListing', { name: '' }],
    ['invalidListing', { scale: -1 }],
    ['invalidListing', { scale: 16 }],
  ])('refuses an asset as %s: %j', (reason, change) => {
    const third = { type: 'listAsset', asset: 2, name: 'GEM', scale: 3 };
    expect(withAssets().apply({ ...third, ...change } as CommandOf<'listAsset'>)).toBe(reason);
  });

  it.each([
    ['unknownAsset', { base: 2 }],
    ['unknownAsset', { quote: -1 }],
    ['invalidListing', { quote: 0 }],
    ['invalidListing', { market: 1 }],
    ['invalidListing', { symbol: '' }],
    ['invalidListing', { tick: 0 }],
    ['invalidListing', { lot: 1 }],
    ['invalidListing', { ordersMax: ORDERS_MAX + 1 }],
  ])('refuses a market as %s: %j', (reason, change) => {
    expect(withAssets().apply({ ...coinForCash, ...change } as CommandOf<'listMarket'>)).toBe(reason);
  });

  it('refuses a symbol or a number that is taken', () => {
    const driven = withAssets();
    driven.accept(coinForCash);
    expect(driven.apply({ ...coinForCash, market: 1 as MarketId })).toBe('alreadyListed');
    expect(driven.apply({ ...coinForCash, symbol: 'OTHER' })).toBe('alreadyListed');
  });

  it('comes before everything else: nothing trades or is funded that is not listed', () => {
    const driven = withAssets();
    const account = 1 as AccountId;
    const market = 0 as MarketId;
    const amount = 5 as Units;
    expect(driven.apply({ type: 'deposit', account, asset: 2 as AssetId, amount, reference: 'a' })).toBe(
      'unknownAsset',
    );
    expect(driven.apply({ type: 'cancelAll', account, market })).toBe('unknownMarket');
    expect(
      driven.apply({
        type: 'place',
        account,
        market,
        side: 'BUY',
        orderType: 'LIMIT',
        timeInForce: 'GTC',
        price: 10 as Price,
        quantity: 10 as Units,
        quoteOrderQty: null,
        clientOrderId: '',
      }),
    ).toBe('unknownMarket');
  });
});
