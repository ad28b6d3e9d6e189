/** An account's trades on a market, in order. One with itself shows twice, once per side. */
import type { Kysely } from 'kysely';
import type {
  AccountId,
  MarketId,
  OrderId,
  OrderListId,
  Price,
  TimeUs,
  TradeId,
  Units,
} from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Side } from '#domain/orders.ts';
import type { Database } from '#platform/database.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import { type Clock, commissionAsset } from './order-view.ts';
import type { TimeRange } from './time-range.ts';

/** From `fromId` or `start` on the oldest count, else the most recent, of those before `beforeId`. */
export interface WantedTrades extends Partial<TimeRange> {
  readonly orderId?: OrderId | undefined;
  readonly fromId?: TradeId | undefined;
  readonly beforeId?: TradeId | undefined;
  readonly limit: number;
}

/** A trade as its owner sees it. */
export type TradeView = ReturnType<typeof tradeView>;

export async function readTrades(
  db: Kysely<Database>,
  clock: Clock,
  account: AccountId,
  market: Market,
  wanted: WantedTrades,
): Promise<TradeView[]> {
  const trades = await tradesOf(db, account, market.id, wanted);
  const lists = await listsOf(db, trades);
  return trades.map((trade) => tradeView(clock, market, trade, lists.get(trade.order_id) ?? -1));
}

/** The lists that these trades' orders belong to, by order. */
async function listsOf(
  db: Kysely<Database>,
  trades: readonly OwnTrade[],
): Promise<ReadonlyMap<OrderId, OrderListId>> {
  if (trades.length === 0) return new Map();
  const orderIds = [...new Set(trades.map(({ order_id }) => order_id))];
  const rows = await db
    .selectFrom('projector.orders')
    .select(['order_id', 'order_list_id'])
    .where('order_id', 'in', orderIds)
    .where('order_list_id', 'is not', null)
    .execute();
  return new Map(rows.map((row) => [row.order_id, row.order_list_id!]));
}

/** One side of a trade. */
interface OwnTrade {
  readonly trade_id: TradeId;
  readonly price: Price;
  readonly quantity: Units;
  readonly quote_quantity: Units;
  readonly taker_side: Side;
  readonly traded_at: TimeUs;
  readonly order_id: OrderId;
  readonly fee: Units;
  readonly is_maker: boolean;
}

/** Each side is limited by itself, so that its index serves it, and then both together. */
async function tradesOf(
  db: Kysely<Database>,
  account: AccountId,
  market: MarketId,
  wanted: WantedTrades,
): Promise<OwnTrade[]> {
  const ascending = wanted.fromId !== undefined || wanted.start !== undefined;
  const sides = await Promise.all(
    (['maker', 'taker'] as const).map((role) => sideOf(db, role, account, market, wanted, ascending)),
  );
  const trades = sides
    .flat()
    .sort((a, b) => a.trade_id - b.trade_id || Number(a.is_maker) - Number(b.is_maker));
  return ascending ? trades.slice(0, wanted.limit) : trades.slice(-wanted.limit);
}

async function sideOf(
  db: Kysely<Database>,
  role: 'maker' | 'taker',
  account: AccountId,
  market: MarketId,
  { orderId, fromId, beforeId, start, end, limit }: WantedTrades,
  ascending: boolean,
): Promise<OwnTrade[]> {
  let query = db
    .selectFrom('projector.trades')
    .select(['trade_id', 'price', 'quantity', 'quote_quantity', 'taker_side', 'traded_at'])
    .select([`${role}_order_id as order_id`, `${role}_fee as fee`])
    .where('market_id', '=', market)
    .where(`${role}_account`, '=', account)
    .orderBy('trade_id', ascending ? 'asc' : 'desc')
    .limit(limit);
  if (orderId !== undefined) query = query.where(`${role}_order_id`, '=', orderId);
  if (fromId !== undefined) query = query.where('trade_id', '>=', fromId);
  if (beforeId !== undefined) query = query.where('trade_id', '<', beforeId);
  if (start !== undefined) query = query.where('traded_at', '>=', start);
  if (end !== undefined) query = query.where('traded_at', '<=', end);
  const rows = await query.execute();
  return rows.map((row) => ({ ...row, is_maker: role === 'maker' }));
}

function tradeView({ time }: Clock, market: Market, trade: OwnTrade, orderListId: number) {
  const isBuyer = (trade.taker_side === 'BUY') !== trade.is_maker;
  const asset = commissionAsset(market, isBuyer ? 'BUY' : 'SELL');
  return {
    symbol: market.symbol,
    id: trade.trade_id,
    orderId: trade.order_id,
    orderListId,
    price: formatDecimal(trade.price, market.quote.scale),
    qty: formatDecimal(trade.quantity, market.base.scale),
    quoteQty: formatDecimal(trade.quote_quantity, market.quote.scale),
    commission: formatDecimal(trade.fee, asset.scale),
    commissionAsset: asset.name,
    time: time(trade.traded_at),
    isBuyer,
    isMaker: trade.is_maker,
    isBestMatch: true,
  };
}
