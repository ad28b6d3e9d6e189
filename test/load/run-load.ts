/**
 * A short load at a fixed rate: reads of the depth, and orders far from the market that are cancelled at once. Whatever
 * happens, it leaves no order behind; what a run that was killed could not clear away, the next one does.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeClient } from '#services/canary/exchange-client.ts';
import { type FarOrder, farOrder } from '#services/canary/far-order.ts';
import { cancelOrder, clearAway, isNoSuchOrder } from '#services/canary/own-orders.ts';
import { bestBid, rulesOf } from '#services/canary/trade-once.ts';
import { expectWithinLimits, type Rate } from './budget.ts';
import { Samples } from './samples.ts';

/** By this its own orders are known among those of the account. */
const MARK = 'load-';

export interface LoadOptions extends Rate {
  readonly symbol: string;
  /** Requests under way at once. */
  readonly connections: number;
  /** Ends the load early; what is under way is finished, and cleared away. */
  readonly signal?: AbortSignal;
}

interface Job {
  readonly kind: 'read' | 'order';
  /** When it is to begin, in milliseconds after the start. */
  readonly dueMs: number;
}

/** @throws {Error} when the load would use more than half of a limit. @throws {RequestError} before and after it. */
export async function runLoad(client: ExchangeClient, options: LoadOptions): Promise<Samples> {
  const { symbol, connections, signal } = options;
  await expectWithinLimits(client, symbol, options);
  await clearAway(client, symbol, MARK);
  const depth = await client.get('/api/v3/depth', { symbol, limit: '5' });
  const order = farOrder(await rulesOf(client, symbol), bestBid(depth));
  const samples = new Samples();
  const jobs = schedule(options);
  const startMs = performance.now();
  const lane = async () => {
    for (let job = jobs.next(); !job.done && !signal?.aborted; job = jobs.next()) {
      const dueMs = startMs + job.value.dueMs;
      await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => {});
      if (signal?.aborted) return;
      // From when it was due: a wait for a lane that a slow answer holds up is the exchange's doing too.
      if (job.value.kind === 'read') await read(client, symbol, samples, dueMs);
      else await placeAndCancel(client, { symbol, ...order }, samples, dueMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, lane));
  } finally {
    await clearAway(client, symbol, MARK);
  }
  return samples;
}

/** All jobs in the order of their times. */
function* schedule({ seconds, ordersPerSecond, readsPerSecond }: Rate): Generator<Job> {
  const jobs = (kind: Job['kind'], perSecond: number) =>
    Array.from({ length: seconds * perSecond }, (_, index) => ({ kind, dueMs: (index * 1_000) / perSecond }));
  yield* [...jobs('read', readsPerSecond), ...jobs('order', ordersPerSecond)].sort(
    (one, other) => one.dueMs - other.dueMs,
  );
}

async function read(client: ExchangeClient, symbol: string, samples: Samples, dueMs: number): Promise<void> {
  await samples.time('depth', dueMs, () => client.get('/api/v3/depth', { symbol, limit: '5' }));
}

async function placeAndCancel(
  client: ExchangeClient,
  { symbol, ...order }: FarOrder & { readonly symbol: string },
  samples: Samples,
  dueMs: number,
): Promise<void> {
  const id = `${MARK}${randomUUID().slice(0, 18)}`;
  const terms = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', newClientOrderId: id };
  const isPlaced = await samples.time('place', dueMs, () =>
    client.signed('POST', '/api/v3/order', { symbol, ...terms, ...order }),
  );
  await samples.time('cancel', performance.now(), async () => {
    try {
      await cancelOrder(client, symbol, id);
    } catch (error) {
      // Of one that was refused, or whose outcome is unknown, there may be nothing to cancel.
      if (isPlaced || !isNoSuchOrder(error)) throw error;
    }
  });
}
