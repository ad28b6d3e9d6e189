/** What is traded here, by which rules, and how it went lately. */
import { decimalsOf } from '../amounts.ts';
import { type Answer, ask } from './request.ts';

interface Asset {
  readonly name: string;
  /** Decimals of its smallest unit. */
  readonly scale: number;
}

/** Amounts are decimals as the exchange wrote them. */
export interface Market {
  readonly symbol: string;
  readonly name: string;
  readonly base: Asset;
  readonly quote: Asset;
  readonly isTrading: boolean;
  readonly tick: string;
  readonly priceMin: string;
  readonly priceMax: string;
  readonly lot: string;
  readonly quantityMin: string;
  readonly quantityMax: string;
  readonly marketQuantityMax: string;
  readonly notionalMin: string;
  readonly notionalMax: string;
  /** As many as its tick and its lot have. */
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
}

interface SymbolInfo {
  readonly symbol: string;
  readonly status: string;
  readonly baseAsset: string;
  readonly baseAssetPrecision: number;
  readonly quoteAsset: string;
  readonly quoteAssetPrecision: number;
  readonly filters: readonly Readonly<Record<string, string>>[];
}

export async function fetchMarkets(): Promise<Answer<readonly Market[]>> {
  const answer = await ask<{ symbols: readonly SymbolInfo[] }>('GET', '/api/v3/exchangeInfo');
  return answer.ok ? { ok: true, value: answer.value.symbols.map(marketOf) } : answer;
}

function marketOf({ symbol, status, filters, ...info }: SymbolInfo): Market {
  const rule = (filterType: string, name: string) =>
    filters.find((filter) => filter.filterType === filterType)?.[name] ?? '0';
  const tick = rule('PRICE_FILTER', 'tickSize');
  const lot = rule('LOT_SIZE', 'stepSize');
  return {
    symbol,
    name: `${info.baseAsset}/${info.quoteAsset}`,
    base: { name: info.baseAsset, scale: info.baseAssetPrecision },
    quote: { name: info.quoteAsset, scale: info.quoteAssetPrecision },
    isTrading: status === 'TRADING',
    tick,
    priceMin: rule('PRICE_FILTER', 'minPrice'),
    priceMax: rule('PRICE_FILTER', 'maxPrice'),
    lot,
    quantityMin: rule('LOT_SIZE', 'minQty'),
    quantityMax: rule('LOT_SIZE', 'maxQty'),
    marketQuantityMax: rule('MARKET_LOT_SIZE', 'maxQty'),
    notionalMin: rule('NOTIONAL', 'minNotional'),
    notionalMax: rule('NOTIONAL', 'maxNotional'),
    priceDecimals: decimalsOf(tick),
    quantityDecimals: decimalsOf(lot),
  };
}

/** A market's last 24 hours. */
export interface Day {
  readonly symbol: string;
  readonly lastPrice: string;
  readonly priceChangePercent: string;
  readonly highPrice: string;
  readonly lowPrice: string;
  readonly volume: string;
  readonly quoteVolume: string;
}

/** Asked for by name: that weighs a fortieth of asking for whatever there is. */
export function fetchDays(markets: readonly Market[]): Promise<Answer<readonly Day[]>> {
  const symbols = JSON.stringify(markets.map(({ symbol }) => symbol));
  return ask('GET', `/api/v3/ticker/24hr?symbols=${encodeURIComponent(symbols)}`);
}
