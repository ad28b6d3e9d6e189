/** What happened. Every event belongs to the command whose sequence and time its record carries. */
import { commands, marketRules } from './commands.ts';
import type {
  AccountId,
  AssetId,
  BasisPoints,
  MarketId,
  OrderId,
  OrderListId,
  Ppm,
  Price,
  SessionId,
  TimeUs,
  TradeId,
  Units,
} from './ids.ts';
import {
  CLIENT_ORDER_ID_CHARS_MAX,
  MARKET_STATUSES,
  ORDER_LIST_KINDS,
  ORDER_LIST_STATUSES,
  ORDER_STATUSES,
  ORDER_TYPES,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from './orders.ts';
import { choice, int, type MessageOf, optional, shape, text } from './schema.ts';

const clientId = text(CLIENT_ORDER_ID_CHARS_MAX);

export const events = {
  assetListed: shape(64, commands.listAsset.fields),
  marketListed: shape(65, commands.listMarket.fields),
  deposited: shape(66, commands.deposit.fields),
  /** An account's whole balance of one asset after a change: what is free to use; what orders and withdrawals hold. */
  balance: shape(67, {
    account: int<AccountId>(),
    asset: int<AssetId>(),
    available: int<Units>(),
    held: int<Units>(),
  }),
  /**
   * An order as it stands after a change: once when it is accepted (`NEW` or `PENDING_NEW`, with nothing executed),
   * once when it begins to work later (`NEW` with `workingAt`), once for each trade of a maker, once after all trades
   * of a taker, once when it is amended, and once when it ends.
   */
  order: shape(68, {
    orderId: int<OrderId>(),
    account: int<AccountId>(),
    market: int<MarketId>(),
    side: choice(SIDES),
    orderType: choice(ORDER_TYPES),
    timeInForce: choice(TIMES_IN_FORCE),
    selfTradePrevention: choice(SELF_TRADE_PREVENTIONS),
    status: choice(ORDER_STATUSES),
    /** Null for MARKET, STOP_LOSS and TAKE_PROFIT. */
    price: optional<Price>(),
    /** Ordered quantity of base; for a quoteOrderQty order what it executed, once it has ended. */
    quantity: int<Units>(),
    quoteOrderQty: optional<Units>(),
    executedQuantity: int<Units>(),
    /** Quote units paid or received so far, before fees. */
    executedQuote: int<Units>(),
    /** What self-trade prevention took out of it. */
    preventedQuantity: int<Units>(),
    stopPrice: optional<Price>(),
    trailingDelta: optional<BasisPoints>(),
    icebergQuantity: optional<Units>(),
    orderListId: optional<OrderListId>(),
    createdAt: int<TimeUs>(),
    /** Since when it can trade; null while it waits for its trigger or its working order. */
    workingAt: optional<TimeUs>(),
    clientOrderId: clientId,
    /** The cancel's own id when a cancel ended the order, else empty. */
    cancelId: clientId,
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
  /** The total quantity shown at a price after a change; 0 when the level is gone. */
  level: shape(70, {
    market: int<MarketId>(),
    side: choice(SIDES),
    price: int<Price>(),
    quantity: int<Units>(),
  }),
  marketRulesSet: shape(71, { market: int<MarketId>(), ...marketRules }),
  /** A market's status after a command or a circuit breaker set it. */
  marketStatus: shape(72, { market: int<MarketId>(), status: choice(MARKET_STATUSES) }),
  feeTierSet: shape(73, { tier: int(), makerFee: int<Ppm>(), takerFee: int<Ppm>() }),
  accountTierSet: shape(74, { account: int<AccountId>(), tier: int() }),
  logicActivated: shape(75, { version: int() }),
  sessionOpened: shape(76, { session: int<SessionId>(), nonce: int() }),
  /** From here on another engine, or the same one again, puts commands in order. */
  epochBegan: shape(81, { epoch: int() }),
  /** Comes before the order as it stands afterwards. */
  amended: shape(77, {
    account: int<AccountId>(),
    market: int<MarketId>(),
    orderId: int<OrderId>(),
    /** 1 for the order's first amendment. */
    number: int(),
    quantityBefore: int<Units>(),
    quantity: int<Units>(),
    clientOrderIdBefore: clientId,
  }),
  /** Two orders of one account met and did not trade; comes before what became of them. */
  preventedMatch: shape(78, {
    market: int<MarketId>(),
    /** Positive, contiguous within a market. */
    preventedMatchId: int(),
    account: int<AccountId>(),
    mode: choice(SELF_TRADE_PREVENTIONS),
    price: int<Price>(),
    takerOrderId: int<OrderId>(),
    makerOrderId: int<OrderId>(),
    /** What was taken out of each; 0 for an order that goes on as it was. */
    takerPreventedQuantity: int<Units>(),
    makerPreventedQuantity: int<Units>(),
  }),
  /** An order list when it is accepted and when all its orders have ended. */
  orderList: shape(79, {
    orderListId: int<OrderListId>(),
    account: int<AccountId>(),
    market: int<MarketId>(),
    kind: choice(ORDER_LIST_KINDS),
    status: choice(ORDER_LIST_STATUSES),
    firstOrderId: int<OrderId>(),
    secondOrderId: int<OrderId>(),
    /** Null but for OTOCO. */
    thirdOrderId: optional<OrderId>(),
    createdAt: int<TimeUs>(),
    listClientOrderId: clientId,
  }),
  /** The codes of both halves, of `rejections.ts`; 0 for done, null for a placement that was not tried. */
  cancelReplaced: shape(80, { cancelCode: int(), placeCode: optional() }),
  /** Still the account's, but not free to use. */
  withdrawalHeld: shape(82, commands.holdWithdrawal.fields),
  /** The account has `amount` less: `fee` is the fee account's now, the rest has left the exchange. */
  withdrawalSettled: shape(83, commands.holdWithdrawal.fields),
  withdrawalReleased: shape(84, commands.holdWithdrawal.fields),
  transferred: shape(85, commands.transfer.fields),
} as const;

export type Event = MessageOf<typeof events>;
export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
