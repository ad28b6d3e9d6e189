/** `GET /api/v3/trades`, `/historicalTrades` and `/aggTrades`: what was traded, in order. */
import { type Kysely, sql } from 'kysely';
import type { MarketId, TimeUs, TradeId } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Side } from '#domain/orders.ts';
import type { Database } from '#platform/database.ts';
import type { ApiReply, ApiRequest } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { MarketDataDeps, UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export const trades: UseCase = (deps, request) => tradesFrom(undefined, deps, request);

/** The same, from any trade on. */
export const historicalTrades: UseCase = (deps, request) =>
  tradesFrom(request.parameters.integer<TradeId>('fromId'), deps, request);

async function tradesFrom(
  fromId: TradeId | undefined,
  { db, listings }: MarketDataDeps,
  { parameters, time }: ApiRequest,
): Promise<ApiReply> {
  const market = listings.marketOf(parameters.symbol());
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();
  const query = db
    .selectFrom('projector.trades')
    .select(['trade_id', 'price', 'quantity', 'quote_quantity', 'traded_at', 'taker_side'])
    .where('market_id', '=', market.id)
    .limit(limit);
  const rows =
    fromId === undefined
      ? (await query.orderBy('trade_id', 'desc').execute()).reverse()
      : await query.where('trade_id', '>=', fromId).orderBy('trade_id').execute();
  return {
    json: rows.map((row) => ({
      id: row.trade_id,
      price: formatDecimal(row.price, market.quote.scale),
      qty: formatDecimal(row.quantity, market.base.scale),
      quoteQty: formatDecimal(row.quote_quantity, market.quote.scale),
      time: time(row.traded_at),
      isBuyerMaker: isBuyerMaker(row.taker_side),
      isBestMatch: true,
    })),
  };
}

export const aggregateTrades: UseCase = async ({ db, listings }, request) => {
  const { parameters } = request;
  const market = listings.marketOf(parameters.symbol());
  const wanted = {
    fromId: parameters.integer('fromId'),
    start: parameters.timeUs('startTime'),
    end: parameters.endTimeUs('endTime'),
    limit: parameters.limit(LIMIT_DEFAULT, LIMIT_MAX),
  };
  parameters.end();
  const isTimed = wanted.start !== undefined || wanted.end !== undefined;
  if (wanted.fromId !== undefined && isTimed) throw apiErrors.badCombination();
  const rows = await aggregatesOf(db, market.id, wanted);
  return { json: rows.map((row) => aggregateView(market, row, request)) };
};

interface Wanted {
  readonly fromId: number | undefined;
  readonly start: TimeUs | undefined;
  readonly end: TimeUs | undefined;
  readonly limit: number;
}

interface Aggregate {
  readonly aggregate_id: number;
  readonly price: number;
  readonly quantity: string;
  readonly first_trade_id: TradeId;
  readonly last_trade_id: TradeId;
  readonly traded_at: TimeUs;
  readonly taker_side: Side;
}

/** Trades of one taker at one price carry one id, have one time, and are told as one. */
async function aggregatesOf(db: Kysely<Database>, market: MarketId, wanted: Wanted): Promise<Aggregate[]> {
  const ascending = wanted.fromId !== undefined || wanted.start !== undefined;
  let query = db
    .selectFrom('projector.trades')
    .select((row) => [
      'aggregate_id',
      row.fn.min('price').as('price'),
      sql<string>`sum(quantity)`.as('quantity'),
      row.fn.min('trade_id').as('first_trade_id'),
      row.fn.max('trade_id').as('last_trade_id'),
      row.fn.min('traded_at').as('traded_at'),
      sql<Side>`min(taker_side)`.as('taker_side'),
    ])
    .where('market_id', '=', market)
    .groupBy('aggregate_id')
    .orderBy('aggregate_id', ascending ? 'asc' : 'desc')
    .limit(wanted.limit);
  if (wanted.fromId !== undefined) query = query.where('aggregate_id', '>=', wanted.fromId);
  if (wanted.start !== undefined) query = query.where('traded_at', '>=', wanted.start);
  if (wanted.end !== undefined) query = query.where('traded_at', '<=', wanted.end);
  const rows = await query.execute();
  return ascending ? rows : rows.reverse();
}

function aggregateView({ base, quote }: Market, row: Aggregate, { time }: ApiRequest) {
  return {
    a: row.aggregate_id,
    p: formatDecimal(row.price, quote.scale),
    q: formatDecimal(BigInt(row.quantity), base.scale),
    f: row.first_trade_id,
    l: row.last_trade_id,
    T: time(row.traded_at),
    m: isBuyerMaker(row.taker_side),
    M: true,
  };
}

/** The buyer was the maker when the taker sold. */
export function isBuyerMaker(takerSide: Side): boolean {
  return takerSide === 'SELL';
}
