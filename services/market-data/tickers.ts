/** `GET /api/v3/ticker`, `/24hr`, `/tradingDay`, `/price` and `/bookTicker`. */
import { type Candle, tradesIn } from '#domain/candles.ts';
import type { TimeUs } from '#domain/ids.ts';
import { DAY_US, HOUR_US, intervalOf, MINUTE_US } from '#domain/intervals.ts';
import { formatDecimal } from '#domain/money.ts';
import type { ApiRequest } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { present, readSelection, type Selection } from './symbol-selection.ts';
import { bestOf, figuresOf } from './ticker-figures.ts';
import { readZoneUs } from './time-zone.ts';
import type { MarketDataDeps, UseCase } from './use-case.ts';
import { anyWindow, closeBefore, recentWindow, windowOpen } from './windows.ts';

const WINDOW_SYMBOLS_MAX = 100;
const WINDOW_WEIGHT_EACH = 4;
const WINDOW_WEIGHT_MAX = 200;
/** A minute to 59 minutes, an hour to 23 hours, or a day to 7 days. */
const WINDOW_SIZE = /^(?:([1-9]|[1-5]\d)m|([1-9]|1\d|2[0-3])h|([1-7])d)$/;

type TickerType = 'FULL' | 'MINI';

/** 2 for one symbol, 4 for several or all. */
export function tickerWeight(parameters: Parameters): number {
  return parameters.has('symbol') ? 2 : 4;
}

/** 2 up to 20 symbols, 40 up to 100, 80 for more or all. */
export function dayTickerWeight(parameters: Parameters): number {
  if (parameters.has('symbol')) return 2;
  const count = parameters.symbols()?.length ?? Number.POSITIVE_INFINITY;
  if (count <= 20) return 2;
  return count <= 100 ? 40 : 80;
}

/** 4 for each symbol, and 200 at most. */
export function windowTickerWeight(parameters: Parameters): number {
  const count = parameters.has('symbol') ? 1 : (parameters.symbols()?.length ?? 1);
  return Math.min(count * WINDOW_WEIGHT_EACH, WINDOW_WEIGHT_MAX);
}

export const priceTicker: UseCase = ({ recent, listings }, { parameters }) => {
  const selection = readSelection(parameters, listings);
  parameters.end();
  const view = (market: Market) => ({
    symbol: market.symbol,
    price: formatDecimal(recent.lastTrade(market.id)?.price ?? 0, market.quote.scale),
  });
  return { json: present(selection, view) };
};

export const bookTicker: UseCase = ({ books, listings }, { parameters }) => {
  const selection = readSelection(parameters, listings);
  parameters.end();
  const view = (market: Market) => ({ symbol: market.symbol, ...bestOf(market, books.of(market.id)) });
  return { json: present(selection, view) };
};

export const dayTicker: UseCase = ({ books, recent, listings }, request) => {
  const { parameters } = request;
  const type = readType(parameters);
  const selection = readSelection(parameters, listings);
  parameters.end();
  const nowUs = Date.now() * 1_000;
  const from = windowOpen(nowUs, DAY_US);
  const view = (market: Market) => {
    const window = recentWindow(recent, market.id, from);
    const times = { opened: (nowUs - DAY_US) as TimeUs, closed: nowUs as TimeUs };
    const told = windowView(market, window, type, times, request);
    if (type === 'MINI') return told;
    const last = recent.lastTrade(market.id);
    return {
      ...told,
      prevClosePrice: formatDecimal(closeBefore(recent, market.id, from, window), market.quote.scale),
      lastQty: formatDecimal(last?.quantity ?? 0, market.base.scale),
      ...bestOf(market, books.of(market.id)),
    };
  };
  return { json: present(selection, view) };
};

export const rollingTicker: UseCase = async (deps, request) => {
  const { parameters } = request;
  const type = readType(parameters);
  const lengthUs = readWindowSize(parameters);
  const selection = readNamed(parameters, deps);
  parameters.end();
  const nowUs = Date.now() * 1_000;
  const times = { opened: windowOpen(nowUs, lengthUs), closed: nowUs as TimeUs };
  return { json: await presentWindows(selection, type, times, deps, request) };
};

export const tradingDayTicker: UseCase = async (deps, request) => {
  const { parameters } = request;
  const type = readType(parameters);
  const day = intervalOf('1d', readZoneUs(parameters))!;
  const selection = readNamed(parameters, deps);
  parameters.end();
  const opened = day.openOf(Date.now() * 1_000);
  const times = { opened, closed: (day.after(opened, 1) - 1) as TimeUs };
  return { json: await presentWindows(selection, type, times, deps, request) };
};

function readType(parameters: Parameters): TickerType {
  return parameters.oneOf('type', ['FULL', 'MINI'], apiErrors.invalidTickerType) ?? 'FULL';
}

/** A selection by name: windows are not summed up for all markets at once. */
function readNamed(parameters: Parameters, { listings }: MarketDataDeps): Selection {
  if (!parameters.has('symbol') && !parameters.has('symbols'))
    throw apiErrors.eitherMandatory('symbol', 'symbols');
  if ((parameters.symbols()?.length ?? 0) > WINDOW_SYMBOLS_MAX) throw apiErrors.invalidValue('symbols');
  return readSelection(parameters, listings);
}

function readWindowSize(parameters: Parameters): number {
  const match = WINDOW_SIZE.exec(parameters.text('windowSize') ?? '1d');
  if (match === null) throw apiErrors.invalidValue('windowSize');
  const [, minutes = 0, hours = 0, days = 0] = match;
  return Number(minutes) * MINUTE_US + Number(hours) * HOUR_US + Number(days) * DAY_US;
}

interface WindowTimes {
  readonly opened: TimeUs;
  readonly closed: TimeUs;
}

async function presentWindows(
  selection: Selection,
  type: TickerType,
  times: WindowTimes,
  { history, recent }: MarketDataDeps,
  request: ApiRequest,
) {
  const windows = new Map<Market, Candle>();
  for (const market of selection.markets)
    windows.set(market, await anyWindow(history, recent, market.id, times.opened));
  return present(selection, (market) => windowView(market, windows.get(market)!, type, times, request));
}

function windowView(
  market: Market,
  window: Candle,
  type: TickerType,
  { opened, closed }: WindowTimes,
  { time }: ApiRequest,
) {
  const figures = figuresOf(market, window);
  const change = {
    priceChange: figures.change,
    priceChangePercent: figures.changePercent,
    weightedAvgPrice: figures.average,
  };
  return {
    symbol: market.symbol,
    ...(type === 'FULL' ? change : {}),
    openPrice: figures.open,
    highPrice: figures.high,
    lowPrice: figures.low,
    lastPrice: figures.last,
    volume: figures.volume,
    quoteVolume: figures.quoteVolume,
    openTime: time(opened),
    closeTime: time(closed),
    firstId: window.firstTradeId,
    lastId: window.lastTradeId,
    count: tradesIn(window),
  };
}
