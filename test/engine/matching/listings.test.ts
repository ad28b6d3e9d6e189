import { describe, expect, it } from '@jest/globals';
import type { Command, CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, Ppm, Price, Units } from '#domain/ids.ts';
import { listingCommands, ORDERS_MAX } from '#domain/markets.ts';
import { MARKET_STATUSES } from '#domain/orders.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { listings as deployed } from '#environments/markets.ts';
import { SESSIONS_MAX } from '#services/engine/matching/sessions.ts';
import { cancelAll, newMarket, newOrder } from '#test/support/commands.ts';
import { DrivenEngine } from './driven-engine.ts';

const coin: CommandOf<'listAsset'> = { type: 'listAsset', asset: 0 as AssetId, scale: 2, name: 'COIN' };
const cash: CommandOf<'listAsset'> = { type: 'listAsset', asset: 1 as AssetId, scale: 2, name: 'CASH' };
const coinForCash = newMarket({
  tick: 10,
  priceMin: 10,
  priceMax: 10_000,
  lot: 10,
  quantityMin: 10,
  quantityMax: 10_000,
  marketQuantityMax: 10_000,
  notionalMax: 1_000_000,
  ordersMax: 10,
});
const { type: _, base, quote, tick, lot, symbol, ...rules } = coinForCash;
const sameRules: CommandOf<'setMarketRules'> = { type: 'setMarketRules', ...rules };
const ALICE = 1 as AccountId;
const MARKET = 0 as MarketId;

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
      { type: 'marketStatus', market: 0, status: 'TRADING' },
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
    ['unknownAsset', { base: 2 ** 32 }],
    ['alreadyListed', { market: -1 }],
    ['invalidListing', { market: 2 ** 32 }],
    ['invalidListing', { ordersMax: ORDERS_MAX + 1 }],
    ['invalidListing', { priceMax: 10 * 2 ** 31 }],
    ['invalidListing', { positionMax: 0 }],
    ['invalidListing', { averageMinutes: 1_441 }],
    ['invalidListing', { trailingBelowMax: 10_000 }],
    ['invalidListing', { breakerSeconds: 0 }],
    ['invalidListing', { takerFee: 1_000_000 }],
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
    const amount = 5 as Units;
    const deposit = { type: 'deposit', account: ALICE, asset: 2 as AssetId, amount, reference: 'a' } as const;
    expect(driven.apply(deposit)).toBe('unknownAsset');
    expect(driven.apply(cancelAll(ALICE))).toBe('unknownMarket');
    expect(driven.apply(newOrder({ account: ALICE, price: 10, quantity: 10 }))).toBe('unknownMarket');
    expect(driven.apply(sameRules)).toBe('unknownMarket');
    expect(driven.apply({ type: 'setMarketStatus', market: MARKET, status: 'HALT' })).toBe('unknownMarket');
  });
});

function withMarket(): DrivenEngine {
  const driven = withAssets();
  driven.accept(coinForCash);
  for (const asset of [0, 1] as AssetId[])
    driven.accept({ type: 'deposit', account: ALICE, asset, amount: 100_000 as Units, reference: '' });
  return driven;
}

/** Refused, and without a trace. */
function expectRefusal(driven: DrivenEngine, command: Command, reason: RejectionName): void {
  const before = driven.engine.digest();
  expect(driven.apply(command)).toBe(reason);
  expect(driven.engine.digest()).toBe(before);
}

describe('setting rules', () => {
  it('replaces all of them, tells them, and answers them from then on', () => {
    const driven = withMarket();
    const changed = { ...sameRules, priceMax: 20_000 as Price, takerFee: 7 as Ppm, positionMax: 50 as Units };
    expect(driven.apply(changed)).toEqual([{ ...changed, type: 'marketRulesSet' }]);
    expect(driven.ask({ type: 'listings' })).toContainEqual({
      ...coinForCash,
      priceMax: 20_000,
      takerFee: 7,
      positionMax: 50,
      type: 'marketListed',
    });
    expect(driven.apply(sameRules)).toEqual([{ ...sameRules, type: 'marketRulesSet' }]);
  });

  it('holds for what comes, and leaves open orders as they are', () => {
    const driven = withMarket();
    driven.accept(newOrder({ account: ALICE, price: 10_000, quantity: 10 }));
    driven.accept({ ...sameRules, priceMax: 5_000 as Price });
    expect(driven.apply(newOrder({ account: ALICE, price: 10_000, quantity: 10 }))).toBe('priceFilter');
    expect(driven.ask({ type: 'openOrders', account: ALICE, market: null })).toMatchObject([
      { price: 10_000 },
    ]);
    driven.engine.checkInvariants();
    driven.accept(cancelAll(ALICE));
  });

  it.each([
    ['unknownMarket', { market: 1 }],
    ['unknownMarket', { market: -1 }],
    ['unknownMarket', { market: 2 ** 32 }],
    ['invalidListing', { priceMax: 10_001 }],
    ['invalidListing', { priceMax: 10 * 2 ** 31 }],
    ['invalidListing', { quantityMin: 5 }],
    ['invalidListing', { ordersMax: 0 }],
    ['invalidListing', { breakerMove: -1 }],
    ['invalidListing', { averageMinutes: 2_000 }],
    ['invalidListing', { positionMax: 1 }],
    ['invalidListing', { makerFee: 1_000_000 }],
  ] as const)('is refused as %s: %j', (reason, change) => {
    expectRefusal(withMarket(), { ...sameRules, ...change } as CommandOf<'setMarketRules'>, reason);
  });
});

describe("a market's status", () => {
  it.each(MARKET_STATUSES)('is set to %s, told and answered', (status) => {
    const driven = withMarket();
    const set = { type: 'setMarketStatus', market: MARKET, status } as const;
    expect(driven.apply(set)).toEqual([{ type: 'marketStatus', market: MARKET, status }]);
    expect(driven.ask({ type: 'listings' }).at(-1)).toEqual({ type: 'marketStatus', market: MARKET, status });
    const placed = driven.apply(newOrder({ account: ALICE, price: 10, quantity: 10 }));
    expect(placed === 'marketClosed').toBe(status !== 'TRADING');
  });

  it('is of a listed market', () => {
    for (const market of [1, -1, 2 ** 32] as MarketId[])
      expectRefusal(withMarket(), { type: 'setMarketStatus', market, status: 'HALT' }, 'unknownMarket');
  });
});

describe('a fee tier', () => {
  const tier = { type: 'setFeeTier', tier: 1, makerFee: 0 as Ppm, takerFee: 999_999 as Ppm } as const;

  it('is defined, told, and defined anew', () => {
    const driven = withMarket();
    expect(driven.apply(tier)).toEqual([{ ...tier, type: 'feeTierSet' }]);
    const last = { ...tier, tier: 255, takerFee: 5 as Ppm } as const;
    expect(driven.apply(last)).toEqual([{ ...last, type: 'feeTierSet' }]);
    driven.accept({ type: 'setAccountTier', account: ALICE, tier: 255 });
    driven.accept({ ...last, takerFee: 6 as Ppm });
    expect(driven.ask({ type: 'fees', account: ALICE, market: MARKET })).toEqual([
      { type: 'feeRates', makerFee: 0, takerFee: 6 },
    ]);
  });

  it.each([
    { tier: 0 },
    { tier: -1 },
    { tier: 256 },
    { tier: 2 ** 32 + 1 },
    { makerFee: -1 },
    { makerFee: 1_000_000 },
    { takerFee: -1 },
    { takerFee: 2 ** 32 },
  ])('is refused as invalidTier: %j', (change) => {
    expectRefusal(withMarket(), { ...tier, ...change } as CommandOf<'setFeeTier'>, 'invalidTier');
  });
});

describe("an account's tier", () => {
  function withTier(): DrivenEngine {
    const driven = withMarket();
    driven.accept({ type: 'setFeeTier', tier: 2, makerFee: 1 as Ppm, takerFee: 1 as Ppm });
    return driven;
  }

  it('is set, also of an account that has nothing yet, and taken back by 0', () => {
    const driven = withTier();
    for (const account of [ALICE, 2 ** 31 - 1] as AccountId[]) {
      for (const tier of [2, 0]) {
        const command = { type: 'setAccountTier', account, tier } as const;
        expect(driven.apply(command)).toEqual([{ ...command, type: 'accountTierSet' }]);
      }
    }
  });

  it.each([
    { tier: 1 },
    { tier: 3 },
    { tier: -1 },
    { tier: 256 },
    { account: 0 },
    { account: -1 },
    { account: 2 ** 31 },
    { account: 2 ** 32 + 1 },
  ])('is refused as invalidTier: %j', (change) => {
    const command = { type: 'setAccountTier', account: ALICE, tier: 2, ...change };
    expectRefusal(withTier(), command as CommandOf<'setAccountTier'>, 'invalidTier');
  });
});

describe('another logic', () => {
  it.each([-1, 0, 1, 2, 3, 2 ** 53 - 1])('of version %i is refused: there is none', (version) => {
    expectRefusal(withMarket(), { type: 'activateLogic', version }, 'unknownLogic');
  });
});

describe('a session', () => {
  const open = (driven: DrivenEngine, nonce: number) => driven.apply({ type: 'openSession', nonce });

  it('is told, and is the same one for the same nonce', () => {
    const driven = withMarket();
    for (const [nonce, session] of [
      [7, 1],
      [-7, 2],
      [0, 3],
      [2 ** 53 - 1, 4],
      [7, 1],
    ] as const)
      expect(open(driven, nonce)).toEqual([{ type: 'sessionOpened', session, nonce }]);
  });

  it('that another took the place of is opened as a new one', () => {
    const driven = withMarket();
    for (let nonce = 1; nonce <= SESSIONS_MAX; nonce++) open(driven, nonce);
    expect(open(driven, 1)).toMatchObject([{ session: 1 }]);
    expect(open(driven, 1_000)).toMatchObject([{ session: SESSIONS_MAX + 1 }]);
    // 2 was the one unused for longest, since 1 was asked for again.
    expect(open(driven, 2)).toMatchObject([{ session: SESSIONS_MAX + 2 }]);
    expect(open(driven, 1)).toMatchObject([{ session: 1 }]);
  });
});

describe('passing time', () => {
  it('tells nothing while nothing waits', () => {
    const driven = withMarket();
    const before = driven.engine.digest();
    expect(driven.apply({ type: 'advanceTime' }, 1_000_000)).toEqual([]);
    expect(driven.engine.digest()).toBe(before);
  });
});
