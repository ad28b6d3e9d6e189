/** `GET /api/v3/myTrades` */
import type { OrderId, TradeId } from '#domain/ids.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { ask } from './engine-refusals.ts';
import { readTrades, type WantedTrades } from './own-trades.ts';
import { readTimeRange } from './time-range.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export function myTradesWeight(parameters: Parameters): number {
  return parameters.has('orderId') ? 5 : 20;
}

export const listMyTrades: UseCase = async ({ engine, listings, db, barrier }, request) => {
  const { parameters, caller } = request;
  const market = listings.marketOf(parameters.symbol());
  const wanted = readWanted(parameters);
  parameters.end();
  const { seq } = await ask(engine, { type: 'position' });
  await barrier.reach(seq);
  return { json: await readTrades(db, request, caller.account, market, wanted) };
};

/** @throws {ApiError} −1128: an order or a first trade does not go together with times. */
function readWanted(parameters: Parameters): WantedTrades {
  const range = readTimeRange(parameters);
  const orderId = parameters.integer<OrderId>('orderId');
  const fromId = parameters.integer<TradeId>('fromId');
  const timed = range.start !== undefined || range.end !== undefined;
  if (timed && (orderId !== undefined || fromId !== undefined)) throw apiErrors.badCombination();
  return { ...range, orderId, fromId, limit: parameters.limit(LIMIT_DEFAULT, LIMIT_MAX) };
}
