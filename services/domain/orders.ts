/** The vocabulary of orders. The lists are part of the wire format and the journal: append only. */

export const SIDES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDES)[number];

export const ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER', 'MARKET'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** `GTC` rests until cancelled, `IOC` trades what it can at once, `FOK` trades all at once or nothing. */
export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

export const ORDER_STATUSES = ['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Which status an order must have for a cancel to apply. */
export const CANCEL_RESTRICTIONS = ['NONE', 'ONLY_NEW', 'ONLY_PARTIALLY_FILLED'] as const;

/** Most characters of a client order id: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/ */
export const CLIENT_ORDER_ID_CHARS_MAX = 36;
