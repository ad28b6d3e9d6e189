/** The assets and markets that every environment lists. A new market is one entry here. */
import type { Listings } from '#domain/markets.ts';

/** Limits that hold for every market, unless its entry says otherwise. */
const ordinaryLimits = {
  bidDownPpm: 200_000,
  bidUpPpm: 5_000_000,
  askDownPpm: 200_000,
  askUpPpm: 5_000_000,
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
  // A market that moves a fifth within a minute halts until an operator lets it go on.
  breakerMovePpm: 200_000,
  breakerSeconds: 60,
  makerFeePpm: 1_000,
  takerFeePpm: 1_000,
};

/** Filters that hold for every market quoted in USDT, unless its entry says otherwise. */
const quotedInUsdt = {
  ...ordinaryLimits,
  quote: 'USDT',
  tickSize: '0.01',
  priceMin: '0.01',
  priceMax: '1000000.00',
  notionalMin: '5',
  notionalMax: '9000000',
};

export const listings: Listings = {
  // USDT has six decimals on its chains too; at that scale its supply here may reach nine billion.
  assets: [
    { name: 'USDT', scale: 6 },
    { name: 'BTC', scale: 8 },
    { name: 'ETH', scale: 8 },
    { name: 'SOL', scale: 8 },
    { name: 'XRP', scale: 6 },
  ],
  markets: [
    {
      ...quotedInUsdt,
      symbol: 'BTCUSDT',
      base: 'BTC',
      lotSize: '0.0001',
      quantityMin: '0.0001',
      quantityMax: '9000',
      marketQuantityMax: '100',
    },
    {
      ...quotedInUsdt,
      symbol: 'ETHUSDT',
      base: 'ETH',
      lotSize: '0.0001',
      quantityMin: '0.0001',
      quantityMax: '90000',
      marketQuantityMax: '1000',
    },
    {
      ...quotedInUsdt,
      symbol: 'SOLUSDT',
      base: 'SOL',
      lotSize: '0.001',
      quantityMin: '0.001',
      quantityMax: '900000',
      marketQuantityMax: '10000',
    },
    {
      ...quotedInUsdt,
      symbol: 'XRPUSDT',
      base: 'XRP',
      tickSize: '0.0001',
      priceMin: '0.0001',
      priceMax: '10000.0000',
      lotSize: '0.1',
      quantityMin: '0.1',
      quantityMax: '9000000',
      marketQuantityMax: '1000000',
    },
    {
      ...ordinaryLimits,
      symbol: 'ETHBTC',
      base: 'ETH',
      quote: 'BTC',
      tickSize: '0.00001',
      priceMin: '0.00001',
      priceMax: '100.00000',
      lotSize: '0.001',
      quantityMin: '0.001',
      quantityMax: '90000',
      marketQuantityMax: '1000',
      notionalMin: '0.0001',
      notionalMax: '900',
    },
  ],
};
