/**
 * Listings as people write them (decimal texts, `environments/markets.ts`) and as the engine needs them
 * (integers, `listAsset` and `listMarket`). A market is refused unless all its arithmetic is exact.
 */
import type { CommandOf } from './commands.ts';
import type { AssetId, BasisPoints, MarketId, Ppm, Price, Units } from './ids.ts';
import { parseDecimal, SCALE_MAX } from './money.ts';

/** Most open orders that a market may allow one account: a cancel of all of them must fit one frame of events. */
export const ORDERS_MAX = 10_000;

/** Most ticks of a price, so that one is a 32-bit integer. */
const TICKS_MAX = 2 ** 31 - 1;

interface AssetListing {
  readonly name: string;
  /** Decimals of its smallest unit, 0 to 15. The whole supply must stay below 2^53 units: 9 billion at scale 6. */
  readonly scale: number;
}

/** Decimals are texts in whole assets; prices are quote for one base. */
interface MarketListing {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly priceMin: string;
  readonly priceMax: string;
  readonly lotSize: string;
  readonly quantityMin: string;
  readonly quantityMax: string;
  readonly marketQuantityMax: string;
  readonly notionalMin: string;
  readonly notionalMax: string;
  /** Millionths of the average price; 0 for no bound. */
  readonly bidDownPpm: number;
  readonly bidUpPpm: number;
  readonly askDownPpm: number;
  readonly askUpPpm: number;
  /** What the average price is taken over, up to a day; 0 for the last price alone. */
  readonly averageMinutes: number;
  /** Most open orders of one account, and of those most conditional ones, icebergs, and lists of orders. */
  readonly ordersMax: number;
  readonly algoOrdersMax: number;
  readonly icebergOrdersMax: number;
  readonly orderListsMax: number;
  /** Most slices of one iceberg. */
  readonly icebergPartsMax: number;
  /** Most amendments of one order. */
  readonly amendsMax: number;
  /** Most of the base asset that an account may have and bid for; null for no bound. */
  readonly positionMax: string | null;
  /** Basis points by which an order may trail a price above the market, and below it. */
  readonly trailingAboveMin: number;
  readonly trailingAboveMax: number;
  readonly trailingBelowMin: number;
  readonly trailingBelowMax: number;
  /** A trade further than this from any of the last `breakerSeconds` halts the market; 0 for never. */
  readonly breakerMovePpm: number;
  readonly breakerSeconds: number;
  /** Millionths of what the maker receives. */
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
}

export interface Listings {
  readonly assets: readonly AssetListing[];
  readonly markets: readonly MarketListing[];
}

/** Faults in listings; each names the market or asset, the field, the fault and the mend. */
export class ListingError extends Error {
  override name = 'ListingError';
}

/**
 * The commands that list everything, assets first, numbered in order.
 * @throws {ListingError} with every fault, a line each.
 */
export function listingCommands(listings: Listings): (CommandOf<'listAsset'> | CommandOf<'listMarket'>)[] {
  const faults: string[] = [];
  const assets = listings.assets.map((asset, index): CommandOf<'listAsset'> => {
    if (!(Number.isInteger(asset.scale) && asset.scale >= 0 && asset.scale <= SCALE_MAX)) {
      faults.push(
        `asset ${asset.name}: scale: ${asset.scale} is not from 0 to ${SCALE_MAX}; use the decimals of its unit`,
      );
    }
    return { type: 'listAsset', asset: index as AssetId, ...asset };
  });
  const assetIds = uniqueIndex(listings.assets, (asset) => asset.name, 'asset', faults);
  uniqueIndex(listings.markets, (market) => market.symbol, 'market', faults);
  const markets = listings.markets.map((market, index) => {
    const base = assetIds.get(market.base);
    const quote = assetIds.get(market.quote);
    if (base === undefined || quote === undefined || base === quote) {
      faults.push(
        `market ${market.symbol}: base and quote: ${market.base} and ${market.quote} are not two listed assets; list both`,
      );
      return undefined;
    }
    return marketCommand(market, index, assets[base]!, assets[quote]!, faults);
  });
  if (faults.length > 0) throw new ListingError(faults.join('\n'));
  return [...assets, ...markets.filter((market) => market !== undefined)];
}

function uniqueIndex<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  what: string,
  faults: string[],
): Map<string, number> {
  const index = new Map<string, number>();
  items.forEach((item, at) => {
    const name = nameOf(item);
    if (index.has(name)) faults.push(`${what} ${name}: listed twice; remove one`);
    index.set(name, at);
  });
  return index;
}

function marketCommand(
  market: MarketListing,
  index: number,
  base: CommandOf<'listAsset'>,
  quote: CommandOf<'listAsset'>,
  faults: string[],
): CommandOf<'listMarket'> {
  const decimal = (field: keyof MarketListing, asset: CommandOf<'listAsset'>): number => {
    const value = parseDecimal(String(market[field]), asset.scale);
    if (typeof value === 'number') return value;
    faults.push(
      `market ${market.symbol}: ${field}: "${market[field]}" is not an exact amount of ${asset.name} (${value}); ` +
        `write a plain decimal with at most ${asset.scale} decimals`,
    );
    return 0;
  };
  const command: CommandOf<'listMarket'> = {
    type: 'listMarket',
    market: index as MarketId,
    base: base.asset,
    quote: quote.asset,
    tick: decimal('tickSize', quote) as Price,
    lot: decimal('lotSize', base) as Units,
    priceMin: decimal('priceMin', quote) as Price,
    priceMax: decimal('priceMax', quote) as Price,
    quantityMin: decimal('quantityMin', base) as Units,
    quantityMax: decimal('quantityMax', base) as Units,
    marketQuantityMax: decimal('marketQuantityMax', base) as Units,
    notionalMin: decimal('notionalMin', quote) as Units,
    notionalMax: decimal('notionalMax', quote) as Units,
    bidDown: market.bidDownPpm as Ppm,
    bidUp: market.bidUpPpm as Ppm,
    askDown: market.askDownPpm as Ppm,
    askUp: market.askUpPpm as Ppm,
    averageMinutes: market.averageMinutes,
    ordersMax: market.ordersMax,
    algoOrdersMax: market.algoOrdersMax,
    icebergOrdersMax: market.icebergOrdersMax,
    orderListsMax: market.orderListsMax,
    icebergPartsMax: market.icebergPartsMax,
    amendsMax: market.amendsMax,
    positionMax: market.positionMax === null ? null : (decimal('positionMax', base) as Units),
    trailingAboveMin: market.trailingAboveMin as BasisPoints,
    trailingAboveMax: market.trailingAboveMax as BasisPoints,
    trailingBelowMin: market.trailingBelowMin as BasisPoints,
    trailingBelowMax: market.trailingBelowMax as BasisPoints,
    breakerMove: market.breakerMovePpm as Ppm,
    breakerSeconds: market.breakerSeconds,
    makerFee: market.makerFeePpm as Ppm,
    takerFee: market.takerFeePpm as Ppm,
    symbol: market.symbol,
  };
  const fault = marketFault(command, base.scale);
  if (fault !== undefined) faults.push(`market ${market.symbol}: ${fault}`);
  return command;
}

/** A market's unchanging units and its rules, as a listing or a change of rules has them. */
type MarketTerms = Omit<CommandOf<'listMarket'>, 'type' | 'market' | 'base' | 'quote' | 'symbol'>;

/**
 * Why a market cannot be traded exactly and within the engine's limits, or undefined. The engine asks again, since
 * a listing reaches it as a command like any other.
 */
export function marketFault(market: MarketTerms, baseScale: number): string | undefined {
  return unitsFault(market, baseScale) ?? rangesFault(market) ?? limitsFault(market);
}

function unitsFault({ tick, lot, priceMin, priceMax }: MarketTerms, baseScale: number): string | undefined {
  if (tick < 1 || lot < 1)
    return 'tickSize and lotSize: must be above zero; use the smallest step that is traded';
  if (priceMin < tick || priceMin % tick !== 0 || priceMax % tick !== 0 || priceMax < priceMin) {
    return 'priceMin and priceMax: must be multiples of tickSize, the first not above the second';
  }
  if (priceMax / tick > TICKS_MAX)
    return `priceMax: is over ${TICKS_MAX} times tickSize; lower it, or make tickSize coarser`;
  if (quoteUnitsPerStep({ tick, lot }, baseScale) === undefined) {
    return 'tickSize and lotSize: their product is not a whole number of quote units; make one of them coarser';
  }
  return undefined;
}

function rangesFault(market: MarketTerms): string | undefined {
  const { lot, quantityMin, quantityMax, marketQuantityMax, notionalMin, notionalMax, positionMax } = market;
  if (quantityMin < lot || quantityMin % lot !== 0 || quantityMax % lot !== 0 || quantityMax < quantityMin) {
    return 'quantityMin and quantityMax: must be multiples of lotSize, the first not above the second';
  }
  if (marketQuantityMax < quantityMin || marketQuantityMax > quantityMax) {
    return 'marketQuantityMax: must lie from quantityMin to quantityMax';
  }
  if (notionalMin < 1 || notionalMax < notionalMin) {
    return 'notionalMin and notionalMax: must be above zero, the first not above the second';
  }
  if (positionMax !== null && positionMax < quantityMin) return 'positionMax: must not be below quantityMin';
  return undefined;
}

/** Rules with their smallest and largest value. */
const LIMITS: readonly (readonly [keyof MarketTerms, number, number])[] = [
  ['bidDown', 0, 1_000_000],
  ['bidUp', 0, 1_000_000_000],
  ['askDown', 0, 1_000_000],
  ['askUp', 0, 1_000_000_000],
  ['averageMinutes', 0, 1_440],
  ['ordersMax', 1, ORDERS_MAX],
  ['algoOrdersMax', 0, ORDERS_MAX],
  ['icebergOrdersMax', 0, ORDERS_MAX],
  ['orderListsMax', 0, ORDERS_MAX],
  ['icebergPartsMax', 0, 1_000_000],
  ['amendsMax', 0, 1_000],
  ['trailingAboveMin', 1, 65_535],
  ['trailingAboveMax', 1, 65_535],
  ['trailingBelowMin', 1, 9_999],
  ['trailingBelowMax', 1, 9_999],
  ['breakerMove', 0, 1_000_000],
  ['breakerSeconds', 1, 86_400],
  ['makerFee', 0, 999_999],
  ['takerFee', 0, 999_999],
];

/** Rules that bound the same thing from below and from above. */
const PAIRS: readonly (readonly [keyof MarketTerms, keyof MarketTerms])[] = [
  ['bidDown', 'bidUp'],
  ['askDown', 'askUp'],
  ['trailingAboveMin', 'trailingAboveMax'],
  ['trailingBelowMin', 'trailingBelowMax'],
];

function limitsFault(market: MarketTerms): string | undefined {
  for (const [rule, min, max] of LIMITS) {
    const value = market[rule]!;
    if (!(Number.isInteger(value) && value >= min && value <= max))
      return `${rule}: ${value} is not from ${min} to ${max}`;
  }
  for (const [low, high] of PAIRS) {
    // 0 is no bound.
    if (market[high] !== 0 && market[low]! > market[high]!)
      return `${low} and ${high}: the first must not be above the second`;
  }
  return undefined;
}

/**
 * Quote units of one lot at a price of one tick: `tick × lot / 10^baseScale`. Since it is whole, the value of any
 * order, `ticks × lots × this`, is whole too. Undefined when it is not.
 */
export function quoteUnitsPerStep(
  market: Pick<CommandOf<'listMarket'>, 'tick' | 'lot'>,
  baseScale: number,
): number | undefined {
  const product = BigInt(market.tick) * BigInt(market.lot);
  const whole = 10n ** BigInt(baseScale);
  return product % whole === 0n ? Number(product / whole) : undefined;
}
