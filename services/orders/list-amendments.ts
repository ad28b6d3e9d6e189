/** `GET /api/v3/order/amendments`: all amendments of one order, the first ones first. */
import type { OrderId, Seq } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import { ask } from './engine-refusals.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export const listAmendments: UseCase = async ({ engine, listings, db, barrier }, request) => {
  const { parameters, caller } = request;
  const { symbol, id, base } = listings.marketOf(parameters.symbol());
  const orderId = parameters.mandatoryInteger<OrderId>('orderId');
  const fromSeq = parameters.integer<Seq>('fromExecutionId') ?? (0 as Seq);
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();
  const { seq } = await ask(engine, { type: 'position' });
  await barrier.reach(seq);
  const rows = await db
    .selectFrom('projector.amendments')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('account_id', '=', caller.account)
    .where('market_id', '=', id)
    .where('seq', '>=', fromSeq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return {
    json: rows.map((row) => ({
      symbol,
      orderId,
      executionId: row.seq,
      origClientOrderId: row.client_order_id_before,
      newClientOrderId: row.client_order_id,
      origQty: formatDecimal(row.quantity_before, base.scale),
      newQty: formatDecimal(row.quantity, base.scale),
      time: request.time(row.amended_at),
    })),
  };
};
