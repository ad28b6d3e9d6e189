/** What each route does that is no stream, and what it weighs. */
import assert from 'node:assert/strict';
import type { TimeUs } from '#domain/ids.ts';
import type { Weight } from '#platform/spot-api/endpoint.ts';
import { averagePrice } from './average-price.ts';
import { depth, depthWeight } from './depth.ts';
import { exchangeInfo } from './exchange-info.ts';
import { executionRules, executionRulesWeight } from './execution-rules.ts';
import { klines } from './klines.ts';
import { routes } from './routes.ts';
import {
  bookTicker,
  dayTicker,
  dayTickerWeight,
  priceTicker,
  rollingTicker,
  tickerWeight,
  tradingDayTicker,
  windowTickerWeight,
} from './tickers.ts';
import { aggregateTrades, historicalTrades, trades } from './trades.ts';
import type { UseCase } from './use-case.ts';

const ping: UseCase = (_, { parameters }) => {
  parameters.end();
  return { json: {} };
};

const time: UseCase = (_, request) => {
  request.parameters.end();
  return { json: { serverTime: request.time((Date.now() * 1_000) as TimeUs) } };
};

const systemStatus: UseCase = (_, { parameters }) => {
  parameters.end();
  return { json: { status: 0, msg: 'normal' } };
};

export const useCases = {
  ping,
  time,
  exchangeInfo,
  executionRules,
  depth,
  trades,
  historicalTrades,
  aggTrades: aggregateTrades,
  klines,
  uiKlines: klines,
  avgPrice: averagePrice,
  ticker: rollingTicker,
  tickerTradingDay: tradingDayTicker,
  ticker24hr: dayTicker,
  tickerPrice: priceTicker,
  tickerBook: bookTicker,
  systemStatus,
} satisfies Record<string, UseCase>;

export type EndpointName = keyof typeof useCases;

/** Of those whose weight depends on the parameters. */
const weights: Readonly<Partial<Record<EndpointName, Weight>>> = {
  executionRules: executionRulesWeight,
  depth: depthWeight,
  ticker: windowTickerWeight,
  tickerTradingDay: windowTickerWeight,
  ticker24hr: dayTickerWeight,
  tickerPrice: tickerWeight,
  tickerBook: tickerWeight,
};

export function weightOf(name: EndpointName): Weight {
  const { weight } = routes[name];
  const weighed = weight === 'handler' ? weights[name] : weight;
  assert(weighed !== undefined, `the weight of ${name} depends on its parameters`);
  return weighed;
}
