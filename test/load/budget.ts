/** What the load may ask for: a share of what the exchange lets one account and one address do. */
import type { ExchangeClient } from '#services/canary/exchange-client.ts';

/** The rest is for others who use the same account, such as the canary. */
const SHARE = 0.5;

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api */
const WEIGHT_OF_DEPTH = 5;
/** Until it succeeds: an order, and its cancel. */
const WEIGHT_OF_ORDER = 2;

export interface Rate {
  readonly seconds: number;
  readonly ordersPerSecond: number;
  readonly readsPerSecond: number;
}

/** Of `GET /api/v3/exchangeInfo`. */
interface RateLimit {
  readonly rateLimitType: string;
  readonly interval: string;
  readonly intervalNum: number;
  readonly limit: number;
}

const SECONDS: Readonly<Record<string, number>> = { SECOND: 1, MINUTE: 60, HOUR: 3_600, DAY: 86_400 };

/** @throws {Error} that names the limit of which the load would use more than half, and what it is. */
export async function expectWithinLimits(client: ExchangeClient, symbol: string, rate: Rate): Promise<void> {
  const { rateLimits } = (await client.get('/api/v3/exchangeInfo', { symbol })) as {
    readonly rateLimits?: readonly RateLimit[];
  };
  if (!Array.isArray(rateLimits)) throw new Error('exchangeInfo tells no limits');
  for (const limit of rateLimits as readonly RateLimit[]) {
    const asked = askedWithin(limit, rate);
    if (asked <= limit.limit * SHARE) continue;
    const { rateLimitType, intervalNum, interval } = limit;
    throw new Error(
      `${asked} of ${rateLimitType} in ${intervalNum} ${interval}, of which ${limit.limit} are allowed: ` +
        `put fewer orders or reads, so that it is ${limit.limit * SHARE} at most`,
    );
  }
}

function askedWithin({ rateLimitType, interval, intervalNum }: RateLimit, rate: Rate): number {
  const seconds = Math.min(rate.seconds, intervalNum * (SECONDS[interval] ?? 1));
  if (rateLimitType === 'ORDERS') return rate.ordersPerSecond * seconds;
  if (rateLimitType !== 'REQUEST_WEIGHT') return 0;
  return (rate.ordersPerSecond * WEIGHT_OF_ORDER + rate.readsPerSecond * WEIGHT_OF_DEPTH) * seconds;
}
