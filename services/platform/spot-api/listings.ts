/** The assets and markets a service knows, as the engine lists them. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventOf } from '#domain/events.ts';
import type { AssetId, MarketId } from '#domain/ids.ts';
import type { MarketStatus } from '#domain/orders.ts';
import { type EngineClient, EngineUnavailable } from '../engine-client.ts';
import { apiErrors } from './errors.ts';

export interface Asset {
  readonly id: AssetId;
  readonly name: string;
  readonly scale: number;
}

/** A listed market with its rules and its status as they were when last asked for; amounts as in `listMarket`. */
export interface Market extends Omit<EventOf<'marketListed'>, 'type' | 'market' | 'base' | 'quote'> {
  readonly id: MarketId;
  readonly base: Asset;
  readonly quote: Asset;
  readonly status: MarketStatus;
}

/** New markets, rules and statuses are rare, and appear within this long wherever no event tells of them. */
const REFRESH_INTERVAL_MS = 5_000;
/** A service that starts together with the engine waits this long for it. */
const LOAD_TIMEOUT_MS = 30_000;
const LOAD_RETRY_MS = 100;

export class Listings {
  readonly #engine: EngineClient;
  #assets: readonly Asset[] = [];
  #markets: readonly Market[] = [];
  #bySymbol: ReadonlyMap<string, Market> = new Map();
  #timer: NodeJS.Timeout | undefined;

  private constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /**
   * Loads what is listed now, and goes on looking for changes until {@link close}.
   * @throws {EngineUnavailable}
   */
  static async load(engine: EngineClient): Promise<Listings> {
    const listings = new Listings(engine);
    await listings.#load(performance.now() + LOAD_TIMEOUT_MS);
    // While the engine is away nothing is listed either: what is known stays.
    listings.#timer = setInterval(() => listings.refresh().catch(() => {}), REFRESH_INTERVAL_MS).unref();
    return listings;
  }

  async #load(deadlineMs: number): Promise<void> {
    for (;;) {
      try {
        return await this.refresh();
      } catch (error) {
        if (!(error instanceof EngineUnavailable) || performance.now() > deadlineMs) throw error;
        await delay(LOAD_RETRY_MS);
      }
    }
  }

  /** @throws {EngineUnavailable} */
  async refresh(): Promise<void> {
    const { records } = await this.#engine.ask({ type: 'listings' });
    const assets: Asset[] = [];
    const markets: Market[] = [];
    const statuses = new Map<MarketId, MarketStatus>();
    for (const record of records)
      if (record.type === 'marketStatus') statuses.set(record.market, record.status);
    for (const record of records) {
      if (record.type === 'assetListed') {
        assets.push({ id: record.asset, name: record.name, scale: record.scale });
      } else if (record.type === 'marketListed') {
        const { type, market, base, quote, ...rest } = record;
        const status = statuses.get(market) ?? 'TRADING';
        markets.push({ ...rest, id: market, base: assets[base]!, quote: assets[quote]!, status });
      }
    }
    this.#assets = assets;
    this.#markets = markets;
    this.#bySymbol = new Map(markets.map((market) => [market.symbol, market]));
  }

  /** All markets, in the order of listing. */
  get markets(): readonly Market[] {
    return this.#markets;
  }

  /** All assets, in the order of listing. */
  get assets(): readonly Asset[] {
    return this.#assets;
  }

  /** @throws {ApiError} −1121 when no such symbol is listed. */
  marketOf(symbol: string): Market {
    const market = this.#bySymbol.get(symbol);
    if (market === undefined) throw apiErrors.invalidSymbol();
    return market;
  }

  market(id: MarketId): Market {
    const market = this.#markets[id];
    assert(market, `market ${id} is not known here`);
    return market;
  }

  asset(id: AssetId): Asset {
    const asset = this.#assets[id];
    assert(asset, `asset ${id} is not known here`);
    return asset;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
