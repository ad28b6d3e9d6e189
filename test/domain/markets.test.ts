import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Price, Units } from '#domain/ids.ts';
import { ListingError, type Listings, listingCommands, quoteUnitsPerStep } from '#domain/markets.ts';
import { listings as deployed } from '#environments/markets.ts';

const market = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  priceMin: '0.01',
  priceMax: '1000000',
  lotSize: '0.0001',
  quantityMin: '0.0001',
  quantityMax: '9000',
  marketQuantityMax: '100',
  notionalMin: '5',
  notionalMax: '9000000',
  ordersMax: 200,
  makerFeePpm: 1_000,
  takerFeePpm: 1_000,
};
const listings: Listings = {
  assets: [
    { name: 'USDT', scale: 6 },
    { name: 'BTC', scale: 8 },
  ],
  markets: [market],
};
const withMarket = (change: Partial<typeof market>): Listings => ({
  ...listings,
  markets: [{ ...market, ...change }],
});

describe('listings', () => {
  it('become commands in units, assets before markets, each with its number', () => {
    expect(listingCommands(listings)).toEqual([
      { type: 'listAsset', asset: 0, name: 'USDT', scale: 6 },
      { type: 'listAsset', asset: 1, name: 'BTC', scale: 8 },
      {
        type: 'listMarket',
        market: 0,
        base: 1,
        quote: 0,
        tick: 10_000,
        priceMin: 10_000,
        priceMax: 1_000_000_000_000,
        lot: 10_000,
        quantityMin: 10_000,
        quantityMax: 900_000_000_000,
        marketQuantityMax: 10_000_000_000,
        notionalMin: 5_000_000,
        notionalMax: 9_000_000_000_000,
        ordersMax: 200,
        makerFee: 1_000,
        takerFee: 1_000,
        symbol: 'BTCUSDT',
      },
    ]);
  });

  it('of the environments are without fault', () => {
    expect(listingCommands(deployed)).toHaveLength(deployed.assets.length + deployed.markets.length);
  });

  it.each([
    [{ tickSize: '0' }, 'market BTCUSDT: tickSize and lotSize: must be above zero'],
    [{ priceMin: '0' }, 'market BTCUSDT: priceMin and priceMax: must be multiples of tickSize'],
    [{ tickSize: '0.03' }, 'market BTCUSDT: priceMin and priceMax: must be multiples of tickSize'],
    [{ priceMax: '0.00' }, 'market BTCUSDT: priceMin and priceMax'],
    [{ quantityMin: '0.00015' }, 'market BTCUSDT: quantityMin and quantityMax: must be multiples of lotSize'],
    [{ quantityMax: '0.00005' }, 'market BTCUSDT: quantityMin and quantityMax'],
    [
      { marketQuantityMax: '9001' },
      'market BTCUSDT: marketQuantityMax: must lie from quantityMin to quantityMax',
    ],
    [{ marketQuantityMax: '0' }, 'market BTCUSDT: marketQuantityMax'],
    [{ notionalMin: '0' }, 'market BTCUSDT: notionalMin and notionalMax: must be above zero'],
    [{ notionalMax: '4' }, 'market BTCUSDT: notionalMin and notionalMax'],
    [
      { lotSize: '0.00001', quantityMin: '0.00001' },
      'market BTCUSDT: tickSize and lotSize: their product is not a whole number of quote units',
    ],
    [{ ordersMax: 0 }, 'market BTCUSDT: ordersMax: must be from 1 to 10000'],
    [{ ordersMax: 10_001 }, 'market BTCUSDT: ordersMax: must be from 1 to 10000'],
    [
      { makerFeePpm: -1 },
      'market BTCUSDT: makerFeePpm and takerFeePpm: -1 is not from 0 to 999999 millionths',
    ],
    [{ takerFeePpm: 1_000_000 }, 'market BTCUSDT: makerFeePpm and takerFeePpm: 1000000'],
    [{ takerFeePpm: 0.5 }, 'market BTCUSDT: makerFeePpm and takerFeePpm: 0.5'],
    [
      { tickSize: '0.0000001' },
      'market BTCUSDT: tickSize: "0.0000001" is not an exact amount of USDT (precision)',
    ],
    [{ notionalMax: '1e6' }, 'market BTCUSDT: notionalMax: "1e6" is not an exact amount of USDT (malformed)'],
    [
      { notionalMax: '9007199255' },
      'market BTCUSDT: notionalMax: "9007199255" is not an exact amount of USDT (overflow)',
    ],
    [{ base: 'GOLD' }, 'market BTCUSDT: base and quote: GOLD and USDT are not two listed assets; list both'],
    [{ base: 'USDT' }, 'market BTCUSDT: base and quote: USDT and USDT are not two listed assets'],
  ])('with the fault %j are refused, and told what to mend', (change, fault) => {
    expect(() => listingCommands(withMarket(change))).toThrow(ListingError);
    expect(() => listingCommands(withMarket(change))).toThrow(fault);
  });

  it('name every fault at once, a line each', () => {
    const faulty: Listings = {
      assets: [...listings.assets, { name: 'GOLD', scale: 16 }, { name: 'USDT', scale: 6 }],
      markets: [
        { ...market, tickSize: 'x' },
        { ...market, ordersMax: 0 },
      ],
    };
    const told = () => listingCommands(faulty);
    expect(told).toThrow('asset GOLD: scale: 16 is not from 0 to 15');
    expect(told).toThrow('asset USDT: listed twice; remove one');
    expect(told).toThrow('market BTCUSDT: listed twice; remove one');
    expect(told).toThrow('market BTCUSDT: tickSize: "x"');
    expect(told).toThrow('market BTCUSDT: ordersMax');
  });
});

describe('the value of one lot at one tick', () => {
  it('is found exactly when it is whole, and not at all otherwise', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        fc.integer({ min: 0, max: 15 }),
        (tick, lot, baseScale) => {
          const step = quoteUnitsPerStep({ tick: tick as Price, lot: lot as Units }, baseScale);
          const product = BigInt(tick) * BigInt(lot);
          const whole = 10n ** BigInt(baseScale);
          expect(step).toBe(product % whole === 0n ? Number(product / whole) : undefined);
        },
      ),
    );
    expect(quoteUnitsPerStep({ tick: 10_000 as Price, lot: 10_000 as Units }, 8)).toBe(1);
    expect(quoteUnitsPerStep({ tick: 10_000 as Price, lot: 1_000 as Units }, 8)).toBeUndefined();
  });
});
