/** What happened. Every event belongs to the command whose sequence and time its record carries. */
import { commands } from './commands.ts';
import type { AccountId, AssetId, MarketId, OrderId, Price, TimeUs, TradeId, Units } from './ids.ts';
import { CLIENT_ORDER_ID_CHARS_MAX, ORDER_STATUSES, ORDER_TYPES, SIDES, TIMES_IN_FORCE } from './orders.ts';
import { choice, int, type MessageOf, optional, shape, text } from './schema.ts';

export const events = {
  assetListed: shape(64, commands.listAsset.fields),
  marketListed: shape(65, commands.listMarket.fields),
  deposited: shape(66, commands.deposit.fields),
  /** An account's whole balance of one asset after a change: what is free to use, and what open orders hold. */
  balance: shape(67, {
    account: int<AccountId>(),
    asset: int<AssetId>(),
    available: int<Units>(),
    held: int<Units>(),
  }),
  /**
   * An order as it stands after a change: once when it is accepted (`NEW`, with nothing executed), then once
   * for each trade of a maker, once after all trades of a taker, and once when it ends.
   */
  order: shape(68, {
    orderId: int<OrderId>(),
    account: int<AccountId>(),
    market: int<MarketId>(),
    side: choice(SIDES),
    orderType: choice(ORDER_TYPES),
    timeInForce: choice(TIMES_IN_FORCE),
    status: choice(ORDER_STATUSES),
    /** Null for MARKET. */
    price: optional<Price>(),
    /** Ordered quantity of base; for a quoteOrderQty order what it executed, once it has ended. */
    quantity: int<Units>(),
    quoteOrderQty: optional<Units>(),
    executedQuantity: int<Units>(),
    /** Quote units paid or received so far, before fees. */
    executedQuote: int<Units>(),
    createdAt: int<TimeUs>(),
    clientOrderId: text(CLIENT_ORDER_ID_CHARS_MAX),
    /** The cancel's own id when a cancel ended the order, else empty. */
    cancelId: text(CLIENT_ORDER_ID_CHARS_MAX),
  }),
  /** A trade at the maker's price. Each side's fee is in the asset it receives: buyers in base, sellers in quote. */
  trade: shape(69, {
    market: int<MarketId>(),
    tradeId: int<TradeId>(),
    /** Trades of one taker at one price share it; contiguous within a market. */
    aggregateId: int(),
    price: int<Price>(),
    quantity: int<Units>(),
    quoteQuantity: int<Units>(),
    takerSide: choice(SIDES),
    makerOrderId: int<OrderId>(),
    takerOrderId: int<OrderId>(),
    makerAccount: int<AccountId>(),
    takerAccount: int<AccountId>(),
    makerFee: int<Units>(),
    takerFee: int<Units>(),
  }),
  /** The total quantity resting at a price after a change; 0 when the level is gone. */
  level: shape(70, {
    market: int<MarketId>(),
    side: choice(SIDES),
    price: int<Price>(),
    quantity: int<Units>(),
  }),
} as const;

export type Event = MessageOf<typeof events>;
export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
