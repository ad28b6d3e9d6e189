/**
 * What the canary does each minute: it looks at the book, places an order that nobody will take, cancels it, and sees
 * that nothing is left of it. Whatever fails, it leaves no order behind; what it could not clear away, because it was
 * stopped half-way, the next run does.
 */
import { randomUUID } from 'node:crypto';
import type { ExchangeClient } from './exchange-client.ts';
import { farOrder, type MarketRules } from './far-order.ts';
import { cancelOrder, clearAway } from './own-orders.ts';

/** By this its own orders are known among those of the account. */
const MARK = 'canary-';

export interface Trading {
  /** Such as `BTCUSDT`. */
  readonly symbol: string;
  /** How long one request may take, in milliseconds. */
  readonly latencyMsMax: number;
}

/** How long each request took, in milliseconds. */
export type Latencies = Readonly<Record<'depth' | 'place' | 'cancel', number>>;

interface Order {
  readonly clientOrderId: string;
  readonly status: string;
}

/** @throws {RequestError}, or {@link Error} when an answer is not as it must be, or came too late. */
export async function tradeOnce(
  client: ExchangeClient,
  { symbol, latencyMsMax }: Trading,
): Promise<Latencies> {
  await clearAway(client, symbol, MARK);
  const depth = await timed(() => client.get('/api/v3/depth', { symbol, limit: '5' }));
  const order = farOrder(await rulesOf(client, symbol), bestBid(depth.answer));
  const clientOrderId = `${MARK}${randomUUID().slice(0, 18)}`;
  const trade = placeAndCancel(client, { symbol, ...order, newClientOrderId: clientOrderId });
  const { place, cancel } = await trade.catch(async (error: unknown) => {
    // Should this fail too, the next run does it; what failed first is what has to be told.
    await clearAway(client, symbol, MARK).catch(() => {});
    throw error;
  });
  const latencies = { depth: depth.ms, place, cancel };
  expectInTime(latencies, latencyMsMax);
  return latencies;
}

type NewOrder = Readonly<Record<'symbol' | 'price' | 'quantity' | 'newClientOrderId', string>>;

async function placeAndCancel(client: ExchangeClient, order: NewOrder) {
  const terms = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
  const place = await timed(() => client.signed('POST', '/api/v3/order', { ...terms, ...order }));
  expectStatus(place.answer, 'NEW');
  const cancel = await timed(() => cancelOrder(client, order.symbol, order.newClientOrderId));
  expectStatus(cancel.answer, 'CANCELED');
  return { place: place.ms, cancel: cancel.ms };
}

/** The rules of a market, as the exchange tells them. @throws {RequestError} */
export async function rulesOf(client: ExchangeClient, symbol: string): Promise<MarketRules> {
  const { symbols } = (await client.get('/api/v3/exchangeInfo', { symbol })) as { symbols?: MarketRules[] };
  const rules = symbols?.[0];
  if (rules === undefined) throw new Error(`exchangeInfo does not tell the rules of ${symbol}`);
  return rules;
}

/** Of an answer of `GET /api/v3/depth`; undefined while nobody buys. */
export function bestBid(depth: unknown): string | undefined {
  const { bids, asks } = depth as { bids?: [string, string][]; asks?: [string, string][] };
  if (!Array.isArray(bids) || !Array.isArray(asks)) throw new Error('depth has no bids and asks');
  return bids[0]?.[0];
}

function expectStatus(answer: unknown, expected: string): void {
  const { status } = answer as Order;
  if (status !== expected) throw new Error(`the order should be ${expected}, and is ${status}`);
}

function expectInTime(latencies: Latencies, msMax: number): void {
  const late = Object.entries(latencies).filter(([, ms]) => ms > msMax);
  if (late.length === 0) return;
  const what = late.map(([request, ms]) => `${request} took ${ms} ms`).join(', ');
  throw new Error(`${what}; ${msMax} ms are allowed`);
}

async function timed<T>(request: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const started = performance.now();
  const answer = await request();
  return { answer, ms: Math.round(performance.now() - started) };
}
