/** `GET /api/v3/avgPrice`: the average of the last minutes, as the engine's percent price filter has it. */
import type { TimeUs } from '#domain/ids.ts';
import { MINUTE_US } from '#domain/intervals.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { RecentTrading } from './recent-trading.ts';
import { averageOf } from './ticker-figures.ts';
import type { UseCase } from './use-case.ts';

/** The engine keeps a twelfth of the minutes together, and lets go of them together. */
const PARTS = 12;

export const averagePrice: UseCase = ({ listings, recent }, { parameters, time }) => {
  const market = listings.marketOf(parameters.symbol());
  parameters.end();
  return {
    json: {
      mins: market.averageMinutes,
      price: averagePriceOf(recent, market, Date.now() * 1_000),
      closeTime: time(recent.lastTrade(market.id)?.tradedAt ?? (0 as TimeUs)),
    },
  };
};

/** On a whole tick, rounded down; the last price when nothing was traded in time. */
export function averagePriceOf(recent: RecentTrading, market: Market, nowUs: number): string {
  const { averageMinutes, base, quote, tick, id } = market;
  const last = recent.lastTrade(id)?.price ?? 0;
  const partUs = (averageMinutes * MINUTE_US) / PARTS;
  const from = nowUs - (nowUs % partUs) - (PARTS - 1) * partUs;
  const traded = averageMinutes === 0 ? undefined : recent.between(id, from);
  const average = traded === undefined ? BigInt(last) : averageOf(traded, base.scale);
  return formatDecimal(average - (average % BigInt(tick)), quote.scale);
}
