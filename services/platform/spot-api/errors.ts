/**
 * The errors of the Binance Spot dialect: code, HTTP status and message, each once. Clients match the texts
 * literally. Source: https://developers.binance.com/docs/binance-spot-api-docs/errors
 */

interface ApiErrorOptions extends ErrorOptions {
  /** HTTP status; 400 unless given. */
  readonly status?: number;
  /** When trying again makes sense, sent as `Retry-After` in whole seconds. */
  readonly retryAfterMs?: number;
  /** The one at fault, when there is one: the JSON API of people names it. */
  readonly parameter?: string;
}

/** Refuses a request; the endpoint turns it into a reply. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: number;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly parameter: string | undefined;

  constructor(code: number, message: string, options: ApiErrorOptions = {}) {
    const { status = 400, retryAfterMs, parameter, cause } = options;
    super(message, { cause });
    this.parameter = parameter;
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** The body of the reply. */
  toJSON(): { code: number; msg: string } {
    return { code: this.code, msg: this.message };
  }
}

const HOUR_MS = 3_600_000;
const AVOID_POLLING = 'Please use WebSocket Streams for live updates to avoid polling the API.';
/** To a signature that holds it may be said what is wrong with the key; to others nothing. */
const rejectedKey = (...mend: readonly string[]) =>
  new ApiError(-2015, ['Invalid API-key, IP, or permissions for action.', ...mend].join(' '), {
    status: 401,
  });
const AVOID_BANS = 'Please use WebSocket Streams for live updates to avoid bans.';

/** Where the table's texts have a `%s`, the entry is called with what stands there. */
export const apiErrors = {
  unknown: (cause?: unknown) =>
    new ApiError(-1000, 'An unknown error occurred while processing the request.', { status: 500, cause }),
  tooMuchWeight: (limit: number, retryAfterMs: number) =>
    new ApiError(
      -1003,
      `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. ${AVOID_POLLING}`,
      { status: 429, retryAfterMs },
    ),
  banned: (untilMs: number, retryAfterMs: number) =>
    new ApiError(-1003, `Way too much request weight used; IP banned until ${untilMs}. ${AVOID_BANS}`, {
      status: 418,
      retryAfterMs,
    }),
  disconnected: (cause?: unknown) =>
    new ApiError(-1001, 'Internal error; unable to process your request. Please try again.', {
      status: 500,
      cause,
    }),
  /** Sent on and not yet answered. */
  tooManyQueued: (retryAfterMs: number) =>
    new ApiError(-1003, 'Too many requests queued.', { status: 429, retryAfterMs }),
  tooManyConnections: (retryAfterMs: number) =>
    new ApiError(-1003, 'Too many connections were opened from this address.', { status: 429, retryAfterMs }),
  tooManySubscriptions: () =>
    new ApiError(-1003, 'Too many User Data Stream subscriptions on this connection.', { status: 429 }),
  unauthorized: () => new ApiError(-1002, 'You are not authorized to execute this request.', { status: 401 }),
  timeout: (cause?: unknown) =>
    new ApiError(
      -1007,
      'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
      { status: 504, cause },
    ),
  overloaded: (retryAfterMs: number, cause?: unknown) =>
    new ApiError(
      -1008,
      'Server is currently overloaded with other requests. Please try again in a few minutes.',
      { status: 503, retryAfterMs, cause },
    ),
  /** Refused before the engine: a filter, or an order that is none. */
  invalidMessage: (message: string) => new ApiError(-1013, message),
  unsupportedCombination: () => new ApiError(-1014, 'Unsupported order combination.'),
  tooManyOrders: (limit: number, interval: string, retryAfterMs: number) =>
    new ApiError(-1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, {
      status: 429,
      retryAfterMs,
    }),
  unsupported: () => new ApiError(-1020, 'This operation is not supported.'),
  timestampOutside: () => new ApiError(-1021, 'Timestamp for this request is outside of the recvWindow.'),
  timestampAhead: () =>
    new ApiError(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
  invalidSignature: () => new ApiError(-1022, 'Signature for this request is not valid.'),

  illegalCharacters: (name: string, legal: string) =>
    new ApiError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${legal}'.`, {
      parameter: name,
    }),
  malformedEncoding: () => new ApiError(-1100, 'Illegal characters found in a parameter.'),
  bodyTooLarge: () => new ApiError(-1130, 'Invalid data sent for a parameter.', { status: 413 }),
  tooManyParameters: (expected: number, received: number) =>
    new ApiError(-1101, `Too many parameters; expected '${expected}' and received '${received}'.`),
  duplicateParameter: () => new ApiError(-1101, 'Duplicate values for a parameter detected.'),
  mandatory: (name: string) =>
    new ApiError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`, {
      parameter: name,
    }),
  eitherMandatory: (name: string, other: string) =>
    new ApiError(-1102, `Param '${name}' or '${other}' must be sent, but both were empty/null!`, {
      parameter: name,
    }),
  tooGreat: (name: string, most: number) =>
    new ApiError(-1102, `'${name}' contains unexpected value. Cannot be greater than ${most}.`, {
      parameter: name,
    }),
  unreadParameters: (read: number, sent: number) =>
    new ApiError(
      -1104,
      `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`,
    ),
  empty: (name: string) => new ApiError(-1105, `Parameter '${name}' was empty.`, { parameter: name }),
  notRequired: (name: string) =>
    new ApiError(-1106, `Parameter '${name}' sent when not required.`, { parameter: name }),
  overflow: (name: string) => new ApiError(-1108, `Parameter '${name}' overflowed.`, { parameter: name }),
  precision: (name: string) =>
    new ApiError(-1111, `Parameter '${name}' has too much precision.`, { parameter: name }),
  timeInForceNotRequired: () =>
    new ApiError(-1114, 'TimeInForce parameter sent when not required.', { parameter: 'timeInForce' }),
  invalidTimeInForce: () => new ApiError(-1115, 'Invalid timeInForce.', { parameter: 'timeInForce' }),
  invalidOrderType: () => new ApiError(-1116, 'Invalid orderType.', { parameter: 'type' }),
  invalidSide: () => new ApiError(-1117, 'Invalid side.', { parameter: 'side' }),
  invalidInterval: () => new ApiError(-1120, 'Invalid interval.'),
  invalidSymbol: () => new ApiError(-1121, 'Invalid symbol.', { parameter: 'symbol' }),
  invalidSymbolStatus: () => new ApiError(-1122, 'Invalid symbolStatus.'),
  invalidListenKey: () => new ApiError(-1125, 'This listenKey does not exist.'),
  intervalTooLong: (hours: number) =>
    new ApiError(-1127, `More than ${hours} hours between startTime and endTime.`),
  badCombination: () => new ApiError(-1128, 'Combination of optional parameters invalid.'),
  invalidValue: (name: string) =>
    new ApiError(-1130, `Data sent for parameter '${name}' is not valid.`, { parameter: name }),
  strategyType: (name: string) =>
    new ApiError(-1134, `'${name}' was less than 1000000.`, { parameter: name }),
  /** What a WebSocket message has to be; `fault` says of which part. */
  invalidJson: (fault = 'Invalid JSON Request') => new ApiError(-1135, fault),
  invalidTickerType: () => new ApiError(-1139, 'Invalid ticker type.'),
  invalidCancelRestrictions: () => new ApiError(-1145, 'Invalid cancelRestrictions'),
  duplicateSymbols: () => new ApiError(-1151, 'Symbol is present multiple times in the list.'),
  orderTypeOfOco: () => new ApiError(-1158, 'Order type not supported in OCO.'),
  icebergTimeInForce: (name: string, timeInForce: string) =>
    new ApiError(-1160, `Parameter '${name}' is not supported if '${timeInForce}' is not GTC.`, {
      parameter: name,
    }),
  buyLimitAbove: () => new ApiError(-1165, 'A limit order in a buy OCO must be below.'),
  sellLimitBelow: () => new ApiError(-1166, 'A limit order in a sell OCO must be above.'),
  noContingentOrder: () => new ApiError(-1168, 'At least one OCO order must be contingent.'),
  invalidTimeUnit: () =>
    new ApiError(-1194, 'Invalid value for time unit; expected either MICROSECOND or MILLISECOND.'),
  buyStopLossBelow: () => new ApiError(-1196, 'A stop loss order in a buy OCO must be above.'),
  sellStopLossAbove: () => new ApiError(-1197, 'A stop loss order in a sell OCO must be below.'),
  buyTakeProfitAbove: () => new ApiError(-1198, 'A take profit order in a buy OCO must be below.'),
  sellTakeProfitBelow: () => new ApiError(-1199, 'A take profit order in a sell OCO must be above.'),
  statusMismatch: () => new ApiError(-1220, "The symbol's status does not match the requested symbolStatus."),

  /** The engine's refusal of a new order, in its own words. */
  newOrderRejected: (message: string) => new ApiError(-2010, message),
  cancelRejected: (message: string) => new ApiError(-2011, message),
  noSuchOrder: () => new ApiError(-2013, 'Order does not exist.'),
  /** Left out of the documentation's table, which ends at orders. */
  noSuchOrderList: () => new ApiError(-2018, 'Order list does not exist.'),
  apiKeyFormat: () => new ApiError(-2014, 'API-key format invalid.', { status: 401 }),
  rejectedApiKey: () => rejectedKey(),
  mayNotWithdraw: () => rejectedKey('This key may not withdraw: make one with canWithdraw.'),
  withdrawsFromAnywhere: () =>
    rejectedKey('A key that withdraws needs an IP allow-list: make one with ipAllowList.'),
  cancelReplacePartlyFailed: () =>
    new ApiError(-2021, 'Order cancel-replace partially failed.', { status: 409 }),
  cancelReplaceFailed: () => new ApiError(-2022, 'Order cancel-replace failed.'),
  subscriptionActive: () => new ApiError(-2035, 'User Data Stream subscription already active.'),
  subscriptionInactive: () => new ApiError(-2036, 'User Data Stream subscription not active.'),
  amendRejected: (message: string) => new ApiError(-2038, message),
  clientOrderIdMismatch: () => new ApiError(-2039, 'Client order ID is not correct for this order ID.'),
  // Of the wallet: https://developers.binance.com/docs/wallet/error-code
  withdrawOrderIdTaken: () =>
    new ApiError(
      -4001,
      'Invalid operation. This withdrawOrderId was used for something else: choose another.',
    ),
  withdrawalLimited: (mend: string) => new ApiError(-4015, `Withdraw is limited. ${mend}`),
  unknownCoin: () =>
    new ApiError(
      -4018,
      "We don't have this asset. /sapi/v1/capital/config/getall lists those that move here.",
    ),
  tooLittleToWithdraw: (least: string) =>
    new ApiError(-4022, `Not less than the minimum pick-up quantity ${least}.`),
  overDailyMax: (mend: string) =>
    new ApiError(-4023, `Within 24 hours, the withdrawal exceeds the maximum amount. ${mend}`),
  tooLittleBalance: (mend: string) => new ApiError(-4026, `You have insufficient balance. ${mend}`),
  illegalAddress: () =>
    new ApiError(-4033, 'Illegal address. It is no address of this network: check each character.'),
  notInAddressBook: (mend: string) =>
    new ApiError(-4035, `This address is not on the whitelist. Please join and try again. ${mend}`),
  newAddress: (retryAfterMs: number) =>
    new ApiError(
      -4036,
      `The new address needs to be withdrawn in ${Math.ceil(retryAfterMs / HOUR_MS)} hours.`,
      { retryAfterMs },
    ),
  historyTooLong: () => new ApiError(-4047, 'Time interval must be within 0-90 days'),
  /** Documented by its name alone. */
  noAddressTag: () => new ApiError(-4106, 'The network has no address tags: leave addressTag out.'),
  /** Left out of the documentation's table, as is all that is not spot; clients know the code. */
  apiKeyType: (type: string) =>
    new ApiError(-4056, `${type} API key is not supported; log on with an Ed25519 one.`),
} as const;
