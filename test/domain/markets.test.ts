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
  bidDownPpm: 200_000,
  bidUpPpm: 5_000_000,
  askDownPpm: 0,
  askUpPpm: 0,
  averageMinutes: 5,
  ordersMax: 200,
  algoOrdersMax: 5,
  icebergOrdersMax: 10,
  orderListsMax: 20,
  icebergPartsMax: 100,
  amendsMax: 10,
  positionMax: null,
  trailingAboveMin: 10,
  trailingAboveMax: 2_000,
  trailingBelowMin: 10,
  trailingBelowMax: 2_000,
  breakerMovePpm: 200_000,
  breakerSeconds: 60,
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
const withMarket = (change: Partial<Listings['markets'][number]>): Listings => ({
  ...listings,
  markets: [{ ...market, ...change }],
});

/** Of each rule that is a plain number: its name in a listing, what it may be, and its name in the engine. */
const LIMITS = [
  ['bidDownPpm', 0, 1_000_000, 'bidDown'],
  ['bidUpPpm', 0, 1_000_000_000, 'bidUp'],
  ['askDownPpm', 0, 1_000_000, 'askDown'],
  ['askUpPpm', 0, 1_000_000_000, 'askUp'],
  ['averageMinutes', 0, 1_440, 'averageMinutes'],
  ['ordersMax', 1, 10_000, 'ordersMax'],
  ['algoOrdersMax', 0, 10_000, 'algoOrdersMax'],
  ['icebergOrdersMax', 0, 10_000, 'icebergOrdersMax'],
  ['orderListsMax', 0, 10_000, 'orderListsMax'],
  ['icebergPartsMax', 0, 1_000_000, 'icebergPartsMax'],
  ['amendsMax', 0, 1_000, 'amendsMax'],
  ['trailingAboveMin', 1, 65_535, 'trailingAboveMin'],
  ['trailingAboveMax', 1, 65_535, 'trailingAboveMax'],
  ['trailingBelowMin', 1, 9_999, 'trailingBelowMin'],
  ['trailingBelowMax', 1, 9_999, 'trailingBelowMax'],
  ['breakerMovePpm', 0, 1_000_000, 'breakerMove'],
  ['breakerSeconds', 1, 86_400, 'breakerSeconds'],
  ['makerFeePpm', 0, 999_999, 'makerFee'],
  ['takerFeePpm', 0, 999_999, 'takerFee'],
] as const;

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
        bidDown: 200_000,
        bidUp: 5_000_000,
        askDown: 0,
        askUp: 0,
        averageMinutes: 5,
        ordersMax: 200,
        algoOrdersMax: 5,
        icebergOrdersMax: 10,
        orderListsMax: 20,
        icebergPartsMax: 100,
        amendsMax: 10,
        positionMax: null,
        trailingAboveMin: 10,
        trailingAboveMax: 2_000,
        trailingBelowMin: 10,
        trailingBelowMax: 2_000,
        breakerMove: 200_000,
        breakerSeconds: 60,
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
    [
      { tickSize: '0.000001', priceMin: '0.000001', priceMax: '2147.483648', lotSize: '1' },
      'market BTCUSDT: priceMax: is over 2147483647 times tickSize; lower it, or make tickSize coarser',
    ],
    [{ positionMax: '0.00005' }, 'market BTCUSDT: positionMax: must not be below quantityMin'],
    [{ positionMax: '-1' }, 'market BTCUSDT: positionMax: "-1" is not an exact amount of BTC (malformed)'],
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

  it('may have a price of as many ticks as an integer of 32 bits, and a bound on positions', () => {
    const [, , command] = listingCommands(
      withMarket({
        tickSize: '0.000001',
        priceMin: '0.000001',
        priceMax: '2147.483647',
        lotSize: '1',
        quantityMin: '1',
        positionMax: '12.5',
      }),
    );
    expect(command).toMatchObject({ tick: 1, priceMax: 2 ** 31 - 1, positionMax: 1_250_000_000 });
  });

  it.each(LIMITS)('take %s from %i to %i, as %s, and refuse any other', (field, min, max, rule) => {
    // Its own other bound goes with it, so that the two stay in order.
    const pair = field.replace(/Min$|Max$/, '');
    for (const value of [min, max]) {
      const both = field.startsWith('trailing') ? { [`${pair}Min`]: value, [`${pair}Max`]: value } : {};
      expect(() => listingCommands(withMarket({ ...both, [field]: value }))).not.toThrow();
    }
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53]) {
      const told = `market BTCUSDT: ${rule}: ${value} is not from ${min} to ${max}`;
      expect(() => listingCommands(withMarket({ [field]: value }))).toThrow(new ListingError(told));
    }
  });

  it.each([
    ['trailingAboveMin', 'trailingAboveMax'],
    ['trailingBelowMin', 'trailingBelowMax'],
  ])('take %s up to %s, and no further', (low, high) => {
    expect(() => listingCommands(withMarket({ [low]: 500, [high]: 500 }))).not.toThrow();
    expect(() => listingCommands(withMarket({ [low]: 501, [high]: 500 }))).toThrow(
      `market BTCUSDT: ${low} and ${high}: the first must not be above the second`,
    );
  });

  it('take a price range whose lower bound is not above the upper, where 0 is none', () => {
    expect(() => listingCommands(withMarket({ bidDownPpm: 900_000, bidUpPpm: 0 }))).not.toThrow();
    for (const [down, up] of [
      ['bidDownPpm', 'bidUpPpm'],
      ['askDownPpm', 'askUpPpm'],
    ]) {
      const told = 'the first must not be above the second';
      expect(() => listingCommands(withMarket({ [down!]: 900_000, [up!]: 899_999 }))).toThrow(told);
    }
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
