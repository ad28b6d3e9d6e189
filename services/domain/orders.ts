/** The vocabulary of orders. The lists are part of the wire format and the journal: append only. */

export const SIDES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDES)[number];

export const ORDER_TYPES = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** `GTC` rests until cancelled, `IOC` trades what it can at once, `FOK` trades all at once or nothing. */
export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

export const ORDER_STATUSES = [
  'NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'EXPIRED',
  /** In an order list, waiting for the working order to fill. */
  'PENDING_NEW',
  /** Ended by self-trade prevention. */
  'EXPIRED_IN_MATCH',
  /** A pending order that could not be placed when its time came. */
  'REJECTED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/**
 * What happens when an order meets one of its own account; the taker's mode rules:
 * https://developers.binance.com/docs/binance-spot-api-docs/faqs/stp_faq
 */
export const SELF_TRADE_PREVENTIONS = [
  'NONE',
  'EXPIRE_TAKER',
  'EXPIRE_MAKER',
  'EXPIRE_BOTH',
  'DECREMENT',
] as const;
export type SelfTradePrevention = (typeof SELF_TRADE_PREVENTIONS)[number];

/** Which status an order must have for a cancel to apply. */
export const CANCEL_RESTRICTIONS = ['NONE', 'ONLY_NEW', 'ONLY_PARTIALLY_FILLED'] as const;

/** Whether a cancel-replace places its order though the cancel failed. */
export const CANCEL_REPLACE_MODES = ['STOP_ON_FAILURE', 'ALLOW_FAILURE'] as const;

/**
 * `OCO`: two orders, the first that trades or triggers ends the other. `OTO`: a working order, and one that is placed
 * when it is filled. `OTOCO`: a working order, and an OCO that is placed when it is filled.
 */
export const ORDER_LIST_KINDS = ['OCO', 'OTO', 'OTOCO'] as const;
export type OrderListKind = (typeof ORDER_LIST_KINDS)[number];

export const ORDER_LIST_STATUSES = ['EXECUTING', 'ALL_DONE'] as const;

/**
 * In `HALT` and `BREAK` nothing is accepted for the market, in `CANCEL_ONLY` nothing but cancels. A circuit breaker
 * halts.
 */
export const MARKET_STATUSES = ['TRADING', 'HALT', 'BREAK', 'CANCEL_ONLY'] as const;
export type MarketStatus = (typeof MARKET_STATUSES)[number];

/** Most characters of a client order id: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ */
export const CLIENT_ORDER_ID_CHARS_MAX = 36;
