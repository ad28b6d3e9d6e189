/** What the engine can be told to do. Every command is journalled before it is answered, refusals included. */
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
  Units,
} from './ids.ts';
import {
  CANCEL_REPLACE_MODES,
  CANCEL_RESTRICTIONS,
  CLIENT_ORDER_ID_CHARS_MAX,
  MARKET_STATUSES,
  ORDER_LIST_KINDS,
  ORDER_TYPES,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from './orders.ts';
import { choice, type Field, int, type MessageOf, optional, shape, text } from './schema.ts';

/** Most bytes of an asset's name and of a market's symbol; a symbol may be any UTF-8. */
const NAME_BYTES_MAX = 24;
const SYMBOL_BYTES_MAX = 48;
const REFERENCE_BYTES_MAX = 64;

const clientId = text(CLIENT_ORDER_ID_CHARS_MAX);

/**
 * Names a request, so that sending it again does not execute it again: `request` numbers rise within a session that
 * `openSession` gave out. Session 0 is for requests that nobody repeats.
 */
const attempt = { session: int<SessionId>(), request: int() };

/** Rules of a market that may change while orders are open; see `markets.ts` for what makes them valid. */
export const marketRules = {
  priceMin: int<Price>(),
  priceMax: int<Price>(),
  quantityMin: int<Units>(),
  quantityMax: int<Units>(),
  marketQuantityMax: int<Units>(),
  notionalMin: int<Units>(),
  notionalMax: int<Units>(),
  /** A buyer's price lies from `bidDown` to `bidUp` millionths of the average price, a seller's likewise; 0 is no bound. */
  bidDown: int<Ppm>(),
  bidUp: int<Ppm>(),
  askDown: int<Ppm>(),
  askUp: int<Ppm>(),
  /** What the average is taken over; 0 for the last price alone. */
  averageMinutes: int(),
  /** Most open orders of one account on this market; then of those, most conditional ones, and most icebergs. */
  ordersMax: int(),
  algoOrdersMax: int(),
  icebergOrdersMax: int(),
  orderListsMax: int(),
  /** Most slices of one iceberg. */
  icebergPartsMax: int(),
  /** Most amendments of one order. */
  amendsMax: int(),
  /** Most of the base asset that an account may have and bid for; null for no bound. */
  positionMax: optional<Units>(),
  /** Trailing deltas of orders that wait for a price above the market, and below it. */
  trailingAboveMin: int<BasisPoints>(),
  trailingAboveMax: int<BasisPoints>(),
  trailingBelowMin: int<BasisPoints>(),
  trailingBelowMax: int<BasisPoints>(),
  /** A trade that would move the price so far from any of the last `breakerSeconds` halts the market; 0 for never. */
  breakerMove: int<Ppm>(),
  breakerSeconds: int(),
  makerFee: int<Ppm>(),
  takerFee: int<Ppm>(),
} as const;

/** What an order is, whether it is placed alone or in a list. */
const terms = {
  side: choice(SIDES),
  orderType: choice(ORDER_TYPES),
  timeInForce: choice(TIMES_IN_FORCE),
  price: optional<Price>(),
  quantity: optional<Units>(),
  stopPrice: optional<Price>(),
  trailingDelta: optional<BasisPoints>(),
  icebergQuantity: optional<Units>(),
} as const;

const orderFields = {
  ...terms,
  quoteOrderQty: optional<Units>(),
  selfTradePrevention: choice(SELF_TRADE_PREVENTIONS),
} as const;

type Leg<P extends string> = {
  readonly [K in keyof typeof terms as `${P}${Capitalize<K>}`]: (typeof terms)[K];
};

/** The terms of one order of a list, each field's name after `prefix`. */
function leg<P extends string>(prefix: P): Leg<P> {
  const fields: Record<string, Field<unknown>> = {};
  for (const [name, field] of Object.entries(terms))
    fields[prefix + name[0]!.toUpperCase() + name.slice(1)] = field;
  return fields as Leg<P>;
}

export const commands = {
  /** Lists the next asset: `asset` is the number of assets listed so far. */
  listAsset: shape(1, {
    asset: int<AssetId>(),
    scale: int(),
    name: text(NAME_BYTES_MAX),
  }),
  /**
   * Lists the next market, which trades at once. Prices are multiples of `tick`, quantities multiples of `lot`;
   * `tick × lot` is a whole number of quote units. Fees are taken from what is received.
   */
  listMarket: shape(2, {
    market: int<MarketId>(),
    base: int<AssetId>(),
    quote: int<AssetId>(),
    tick: int<Price>(),
    lot: int<Units>(),
    ...marketRules,
    symbol: text(SYMBOL_BYTES_MAX),
  }),
  /** Credits an account from outside. A `reference` counts once per account and asset; a second use is refused. */
  deposit: shape(3, {
    account: int<AccountId>(),
    asset: int<AssetId>(),
    amount: int<Units>(),
    reference: text(REFERENCE_BYTES_MAX),
  }),
  /**
   * A new order.
   * - LIMIT: price, quantity, time in force; LIMIT_MAKER: price and quantity.
   * - MARKET: quantity (of base), or quoteOrderQty (most to spend, or to receive, of quote).
   * - STOP_LOSS, TAKE_PROFIT: quantity; STOP_LOSS_LIMIT, TAKE_PROFIT_LIMIT: price, quantity, time in force; each with
   *   stopPrice, trailingDelta or both.
   * - icebergQuantity: with any GTC order that has a price.
   */
  place: shape(4, {
    ...attempt,
    account: int<AccountId>(),
    market: int<MarketId>(),
    ...orderFields,
    clientOrderId: clientId,
  }),
  /** Cancels one open order, named by `orderId`, by `clientOrderId`, or by both when they agree; and with it its list. */
  cancel: shape(5, {
    ...attempt,
    account: int<AccountId>(),
    market: int<MarketId>(),
    orderId: optional<OrderId>(),
    restriction: choice(CANCEL_RESTRICTIONS),
    clientOrderId: clientId,
    /** The cancel's own id, told to the account's streams. */
    newClientOrderId: clientId,
  }),
  /** Cancels all of an account's open orders on a market; refused as `unknownOrder` when there are none. */
  cancelAll: shape(6, { ...attempt, account: int<AccountId>(), market: int<MarketId>() }),
  /** Replaces all rules of a market. Orders that are open stay as they are. */
  setMarketRules: shape(7, { market: int<MarketId>(), ...marketRules }),
  setMarketStatus: shape(8, { market: int<MarketId>(), status: choice(MARKET_STATUSES) }),
  /** Defines what accounts of a tier pay on every market. Tier 0 is fixed: each market's own fees. */
  setFeeTier: shape(9, { tier: int(), makerFee: int<Ppm>(), takerFee: int<Ppm>() }),
  setAccountTier: shape(10, { account: int<AccountId>(), tier: int() }),
  /** From the next command on the engine behaves as that version does; `version` is the one after the current. */
  activateLogic: shape(11, { version: int() }),
  /** Nothing but its time: cascades of triggered orders that reached their bound go on. */
  advanceTime: shape(12, {}),
  /** Gives the caller a session for its requests; `nonce` tells callers apart, and asking again gives the same one. */
  openSession: shape(13, { nonce: int() }),
  /** A leader's first command; epochs rise by one. Engines alone write it. */
  beginEpoch: shape(18, { epoch: int() }),
  /** Cancels an order and places another. Both outcomes are told by `cancelReplaced`, failures too. */
  cancelReplace: shape(14, {
    ...attempt,
    account: int<AccountId>(),
    market: int<MarketId>(),
    ...orderFields,
    mode: choice(CANCEL_REPLACE_MODES),
    cancelOrderId: optional<OrderId>(),
    cancelRestriction: choice(CANCEL_RESTRICTIONS),
    clientOrderId: clientId,
    cancelClientOrderId: clientId,
    cancelNewClientOrderId: clientId,
  }),
  /** Lowers an open order's quantity; it keeps its place. Orders of lists are refused. */
  amend: shape(15, {
    ...attempt,
    account: int<AccountId>(),
    market: int<MarketId>(),
    orderId: optional<OrderId>(),
    quantity: int<Units>(),
    clientOrderId: clientId,
    /** The order's id from now on; empty to keep it. */
    newClientOrderId: clientId,
  }),
  /** An order list. OCO: above, below, and `third` unused; OTO: working, pending; OTOCO: working, above, below. */
  placeList: shape(16, {
    ...attempt,
    account: int<AccountId>(),
    market: int<MarketId>(),
    kind: choice(ORDER_LIST_KINDS),
    selfTradePrevention: choice(SELF_TRADE_PREVENTIONS),
    ...leg('first'),
    ...leg('second'),
    ...leg('third'),
    listClientOrderId: clientId,
    firstClientOrderId: clientId,
    secondClientOrderId: clientId,
    thirdClientOrderId: clientId,
  }),
  /** Cancels a whole open list, named by either id, or by both when they agree. */
  cancelList: shape(17, {
    ...attempt,
    account: int<AccountId>(),
    market: int<MarketId>(),
    orderListId: optional<OrderListId>(),
    listClientOrderId: clientId,
    newClientOrderId: clientId,
  }),
  /**
   * Holds what is to leave the exchange: `amount` in all, of which `fee`, less than it, stays as the exchange's own.
   * A `reference` counts once for all withdrawals: the same again is `duplicateReference`, another under it
   * `conflictingReference`, and neither does anything.
   */
  holdWithdrawal: shape(19, {
    account: int<AccountId>(),
    asset: int<AssetId>(),
    amount: int<Units>(),
    fee: int<Units>(),
    reference: text(REFERENCE_BYTES_MAX),
  }),
  /** What a withdrawal holds has left, its fee goes to the fee account. Again: `duplicateReference`. */
  settleWithdrawal: shape(20, { reference: text(REFERENCE_BYTES_MAX) }),
  /** What a withdrawal holds is available again. Again: `duplicateReference`. */
  releaseWithdrawal: shape(21, { reference: text(REFERENCE_BYTES_MAX) }),
  /** Moves what is available from one account to another. A `reference` counts once, as that of a withdrawal does. */
  transfer: shape(22, {
    from: int<AccountId>(),
    to: int<AccountId>(),
    asset: int<AssetId>(),
    amount: int<Units>(),
    reference: text(REFERENCE_BYTES_MAX),
  }),
} as const;

export type Command = MessageOf<typeof commands>;
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;
