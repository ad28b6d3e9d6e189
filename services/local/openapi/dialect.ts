/** How each route of the dialect reads its request, for {@link dialectParameters} to watch. */
import type { AccountId, AssetId, MarketId, TimeUs } from '#domain/ids.ts';
import type { Routes } from '#platform/routes.ts';
import { readTiming } from '#platform/spot-api/authenticate.ts';
import type { ApiRequest } from '#platform/spot-api/endpoint.ts';
import type { Asset, Listings, Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { useCases as marketDataUseCases } from '#services/market-data/endpoints.ts';
import { endpointNames, useCaseOf } from '#services/orders/endpoints.ts';
import type { routes as ordersRoutes } from '#services/orders/routes.ts';
import {
  closeListenKey,
  keepListenKey,
  openListenKey,
} from '#services/orders/user-data/listen-key-endpoints.ts';
import type { routes as walletRoutes } from '#services/wallet/routes.ts';
import { useCases as walletUseCases } from '#services/wallet/spot-api/endpoints.ts';
import type { Reading } from './dialect-parameters.ts';

type Readings<R extends Routes> = { readonly [K in keyof R]?: Reading };

const base: Asset = { id: 0 as AssetId, name: 'BTC', scale: 8 };
const quote: Asset = { id: 1 as AssetId, name: 'USDT', scale: 8 };
const markets = (['TRADING', 'HALT', 'BREAK'] as const).map(
  (status) => ({ id: 0 as MarketId, symbol: 'BTCUSDT', status, base, quote }) as Market,
);
let lookUps = 0;
/** Any symbol is listed, and each time it has another status. */
const marketOf = () => markets[lookUps++ % markets.length]!;
const listings = { assets: [base, quote], markets, marketOf } as unknown as Listings;
/** Nothing else is there: a use case reads its request before it does anything. */
const deps = { listings, listenKeys: {} } as never;

function requestWith(parameters: Parameters): ApiRequest {
  return { query: '', body: '', parameters, address: '', header: () => 'key', time: (timeUs) => timeUs };
}

function signedWith(parameters: Parameters) {
  const caller = {
    account: 1 as AccountId,
    timestamp: (Date.now() * 1_000) as TimeUs,
    recvWindowUs: 5_000_000,
  };
  return { ...requestWith(parameters), caller };
}

export const ordersReadings: Readings<typeof ordersRoutes> = {
  ...Object.fromEntries(
    endpointNames.map((name) => [
      name,
      (parameters: Parameters) => {
        readTiming(parameters);
        return useCaseOf(name)(deps, signedWith(parameters));
      },
    ]),
  ),
  openListenKey: (parameters) => openListenKey(deps, signedWith(parameters)),
  keepListenKey: (parameters) => keepListenKey(deps, signedWith(parameters)),
  closeListenKey: (parameters) => closeListenKey(deps, signedWith(parameters)),
};

/** Any coin moves, by the one network that each has. */
const walletDeps = {
  assets: { find: () => base },
  custody: { network: () => ({ id: 'SANDBOX' }) },
} as never;

export const walletReadings: Readings<typeof walletRoutes> = Object.fromEntries(
  Object.entries(walletUseCases).map(([name, useCase]) => [
    name,
    (parameters: Parameters) => {
      readTiming(parameters);
      return useCase(walletDeps, signedWith(parameters));
    },
  ]),
);

export const marketDataReadings: Record<string, Reading> = Object.fromEntries(
  Object.entries(marketDataUseCases).map(([name, useCase]) => [
    name,
    (parameters: Parameters) => useCase(deps, requestWith(parameters)),
  ]),
);
