/** `GET /api/v3/myPreventedMatches`: what self-trade prevention kept from trading, by its number or by an order. */
import type { OrderId } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { ask } from './engine-refusals.ts';
import { preventedQuantities } from './order-view.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;
/** No accounts trade as a group here. */
export const NO_TRADE_GROUP = -1;

export function preventedMatchesWeight(parameters: Parameters): number {
  return parameters.has('orderId') ? 20 : 2;
}

export const listPreventedMatches: UseCase = async ({ engine, listings, db, barrier }, request) => {
  const { parameters, caller } = request;
  const market = listings.marketOf(parameters.symbol());
  const wanted = readWanted(parameters);
  parameters.end();
  const { seq } = await ask(engine, { type: 'position' });
  await barrier.reach(seq);
  let query = db
    .selectFrom('projector.prevented_matches')
    .selectAll()
    .where('market_id', '=', market.id)
    .where('account_id', '=', caller.account)
    .orderBy('prevented_match_id')
    .limit(wanted.limit);
  const { matchId, orderId, fromMatchId } = wanted;
  if (matchId !== undefined) query = query.where('prevented_match_id', '=', matchId);
  if (orderId !== undefined)
    query = query.where((where) =>
      where.or([where('taker_order_id', '=', orderId), where('maker_order_id', '=', orderId)]),
    );
  if (fromMatchId !== undefined) query = query.where('prevented_match_id', '>=', fromMatchId);
  const rows = await query.execute();
  return {
    json: rows.map((row) => ({
      symbol: market.symbol,
      preventedMatchId: row.prevented_match_id,
      takerOrderId: row.taker_order_id,
      makerSymbol: market.symbol,
      makerOrderId: row.maker_order_id,
      tradeGroupId: NO_TRADE_GROUP,
      selfTradePreventionMode: row.mode,
      price: formatDecimal(row.price, market.quote.scale),
      ...preventedQuantities(market, {
        mode: row.mode,
        takerPreventedQuantity: row.taker_prevented_quantity,
        makerPreventedQuantity: row.maker_prevented_quantity,
      }),
      transactTime: request.time(row.prevented_at),
    })),
  };
};

/** @throws {ApiError} −1128 for any but the combinations that the dialect has. */
function readWanted(parameters: Parameters) {
  const matchId = parameters.integer('preventedMatchId');
  const orderId = parameters.integer<OrderId>('orderId');
  const fromMatchId = parameters.integer('fromPreventedMatchId');
  const hasLimit = parameters.has('limit');
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  const byMatch = matchId !== undefined;
  if (byMatch === (orderId !== undefined)) throw apiErrors.badCombination();
  if (fromMatchId !== undefined && byMatch) throw apiErrors.badCombination();
  if (hasLimit && fromMatchId === undefined) throw apiErrors.badCombination();
  return { matchId, orderId, fromMatchId, limit };
}
