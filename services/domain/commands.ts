/** What the engine can be told to do. Every command is journalled before it is answered, refusals included. */
import type { AccountId, AssetId, MarketId, OrderId, Ppm, Price, Units } from './ids.ts';
import {
  CANCEL_RESTRICTIONS,
  CLIENT_ORDER_ID_CHARS_MAX,
  ORDER_TYPES,
  SIDES,
  TIMES_IN_FORCE,
} from './orders.ts';
import { choice, int, type MessageOf, optional, shape, text } from './schema.ts';

/** Most bytes of an asset's name and of a market's symbol; a symbol may be any UTF-8. */
const NAME_BYTES_MAX = 24;
const SYMBOL_BYTES_MAX = 48;
const REFERENCE_BYTES_MAX = 64;

export const commands = {
  /** Lists the next asset: `asset` is the number of assets listed so far. */
  listAsset: shape(1, {
    asset: int<AssetId>(),
    scale: int(),
    name: text(NAME_BYTES_MAX),
  }),
  /**
   * Lists the next market. Prices are multiples of `tick` from `priceMin` to `priceMax`, quantities multiples of
   * `lot`; `tick × lot` is a whole number of quote units (see `markets.ts`). Fees are taken from what is received.
   */
  listMarket: shape(2, {
    market: int<MarketId>(),
    base: int<AssetId>(),
    quote: int<AssetId>(),
    tick: int<Price>(),
    priceMin: int<Price>(),
    priceMax: int<Price>(),
    lot: int<Units>(),
    quantityMin: int<Units>(),
    quantityMax: int<Units>(),
    marketQuantityMax: int<Units>(),
    notionalMin: int<Units>(),
    notionalMax: int<Units>(),
    /** Most open orders of one account on this market. */
    ordersMax: int(),
    makerFee: int<Ppm>(),
    takerFee: int<Ppm>(),
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
   * A new order. LIMIT has price, quantity and time in force; LIMIT_MAKER price and quantity; MARKET either
   * quantity (of base) or quoteOrderQty (most to spend, or to receive, of quote).
   */
  place: shape(4, {
    account: int<AccountId>(),
    market: int<MarketId>(),
    side: choice(SIDES),
    orderType: choice(ORDER_TYPES),
    timeInForce: choice(TIMES_IN_FORCE),
    price: optional<Price>(),
    quantity: optional<Units>(),
    quoteOrderQty: optional<Units>(),
    clientOrderId: text(CLIENT_ORDER_ID_CHARS_MAX),
  }),
  /** Cancels one open order, named by `orderId`, by `clientOrderId`, or by both when they agree. */
  cancel: shape(5, {
    account: int<AccountId>(),
    market: int<MarketId>(),
    orderId: optional<OrderId>(),
    restriction: choice(CANCEL_RESTRICTIONS),
    clientOrderId: text(CLIENT_ORDER_ID_CHARS_MAX),
    /** The cancel's own id, told to the account's streams. */
    newClientOrderId: text(CLIENT_ORDER_ID_CHARS_MAX),
  }),
  /** Cancels all of an account's open orders on a market; refused as `unknownOrder` when there are none. */
  cancelAll: shape(6, { account: int<AccountId>(), market: int<MarketId>() }),
} as const;

export type Command = MessageOf<typeof commands>;
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;
