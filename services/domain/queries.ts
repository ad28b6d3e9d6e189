/**
 * Questions to the engine about its committed state, and the replies to commands and questions. A reply record
 * carries the sequence and time of the command it answers, or of the last committed command for a question;
 * `count` records follow it: a command's events, or the orders, balances, levels or listings asked for.
 */
import type { AccountId, MarketId, OrderId, Ppm } from './ids.ts';
import { CLIENT_ORDER_ID_CHARS_MAX } from './orders.ts';
import { int, type MessageOf, optional, shape, text } from './schema.ts';

/** Most balances of one answer: 64 KB. */
export const BALANCES_PAGE_MAX = 1_000;

export const queries = {
  /** Nothing but the last committed sequence: what a read model must have reached to show all that is answered. */
  position: shape(128, {}),
  /** All listed assets, then all listed markets, as `assetListed`, `marketListed` and `marketStatus`. */
  listings: shape(129, {}),
  /** An account's balances that are not zero, as `balance`. */
  balances: shape(130, { account: int<AccountId>() }),
  /**
   * A page of all balances, as `balance`, zero ones and the fee account's too: those from place `from` on, which begin
   * at 0 and keep their places, and `countMax` of them, or {@link BALANCES_PAGE_MAX}. Fewer are the last page. Each page
   * is of its own sequence.
   */
  allBalances: shape(136, { from: int(), countMax: int() }),
  /** An account's open orders, oldest first, on one market or on all, as `order`. */
  openOrders: shape(131, {
    account: int<AccountId>(),
    market: optional<MarketId>(),
  }),
  /** One open order, named as in `cancel`; none when it is not open. */
  openOrder: shape(132, {
    account: int<AccountId>(),
    market: int<MarketId>(),
    orderId: optional<OrderId>(),
    clientOrderId: text(CLIENT_ORDER_ID_CHARS_MAX),
  }),
  /** An account's open order lists, oldest first, as `orderList`. */
  openOrderLists: shape(134, { account: int<AccountId>() }),
  /** What an account pays on a market, as one `feeRates`. */
  fees: shape(135, { account: int<AccountId>(), market: int<MarketId>() }),
  /** A market's book as `level`: bids from the highest price, then asks from the lowest, `depthMax` of each. */
  book: shape(133, { market: int<MarketId>(), depthMax: int() }),
} as const;

export const replies = {
  accepted: shape(160, { requestId: int(), count: int() }),
  /** `code` is one of `rejections.ts`. */
  rejected: shape(161, { requestId: int(), code: int() }),
  /** The command was executed before, as the record's sequence: `count` records follow if they are still at hand. */
  repeated: shape(164, { requestId: int(), count: int() }),
  answered: shape(162, { requestId: int(), count: int() }),
  feeRates: shape(165, { makerFee: int<Ppm>(), takerFee: int<Ppm>() }),
  /** The engine took the request no further: too many wait. Nothing was executed. */
  overloaded: shape(163, { requestId: int() }),
} as const;

export type Query = MessageOf<typeof queries>;
export type Reply = MessageOf<typeof replies>;
