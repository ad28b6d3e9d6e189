/** What past trades say: the average price, and whether a price is too far away. In ticks. */
import { type Market, max, min, type Rules, type State } from './reference-state.ts';

const AVERAGE_BUCKETS = 12n;
const BREAKER_BUCKETS = 8n;
const SUM_MAX = 2n ** 49n;

const ticks = ({ listing }: Market, price: bigint) => price / BigInt(listing.tick);
const averageBucket = ({ rules }: Market, timeUs: number) =>
  BigInt(timeUs) / ((BigInt(rules.averageMinutes) * 60_000_000n) / AVERAGE_BUCKETS);
const breakerBucket = ({ rules }: Market, timeUs: number) =>
  BigInt(timeUs) / ((BigInt(rules.breakerSeconds) * 1_000_000n) / BREAKER_BUCKETS);

export function recordTrade(state: State, market: Market, price: bigint, quantity: bigint): void {
  const at = ticks(market, price);
  if (market.rules.averageMinutes > 0) {
    const number = averageBucket(market, state.timeUs);
    const bucket = market.averageBuckets.get(number) ?? { lots: 0n, sum: 0n };
    const lots = quantity / BigInt(market.listing.lot);
    if (bucket.sum + at * lots < SUM_MAX) {
      market.averageBuckets.set(number, { lots: bucket.lots + lots, sum: bucket.sum + at * lots });
    }
  }
  const number = breakerBucket(market, state.timeUs);
  const { low, high } = market.breakerBuckets.get(number) ?? { low: at, high: at };
  market.breakerBuckets.set(number, { low: min(at, low), high: max(at, high) });
}

/** The price that percentages are taken of; 0 while the market never traded. */
export function referencePrice(state: State, market: Market): bigint {
  if (market.rules.averageMinutes === 0) return market.lastPrice;
  const now = averageBucket(market, state.timeUs);
  const recent = [...market.averageBuckets].filter(([number]) => number > now - AVERAGE_BUCKETS);
  const lots = recent.reduce((total, [, bucket]) => total + bucket.lots, 0n);
  const sum = recent.reduce((total, [, bucket]) => total + bucket.sum, 0n);
  return lots === 0n ? market.lastPrice : (sum / lots) * BigInt(market.listing.tick);
}

/** Whether the circuit breaker forbids a trade at this price. */
export function breaks(state: State, market: Market, price: bigint): boolean {
  const move = BigInt(market.rules.breakerMove);
  if (move === 0n) return false;
  const now = breakerBucket(market, state.timeUs);
  const at = ticks(market, price) * 1_000_000n;
  return [...market.breakerBuckets]
    .filter(([number]) => number > now - BREAKER_BUCKETS)
    .some(([, { low, high }]) => at > low * (1_000_000n + move) || at < high * (1_000_000n - move));
}

/** New rules: what was gathered under others that matter counts no longer. */
export function setRules(market: Market, rules: Rules): void {
  const { averageMinutes, breakerMove, breakerSeconds } = market.rules;
  if (averageMinutes !== rules.averageMinutes) market.averageBuckets.clear();
  if (breakerMove !== rules.breakerMove || breakerSeconds !== rules.breakerSeconds) {
    market.breakerBuckets.clear();
  }
  market.rules = rules;
}
