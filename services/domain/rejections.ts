/**
 * Why the engine refuses a command. A refusal is an outcome like any other: it is journalled, replayed and
 * answered. Codes are part of the wire format and the journal: append, never renumber or reuse.
 */
export const rejections = {
  unknownAsset: 1,
  unknownMarket: 2,
  alreadyListed: 3,
  invalidListing: 4,
  invalidAmount: 5,
  /** The reference was used before: its outcome stands. */
  duplicateReference: 6,
  supplyOverflow: 7,
  /** Not the version after the current one, or not one that this program knows. */
  unknownLogic: 8,
  invalidTier: 9,
  /** The session has ended: it was the one unused for longest when another was opened. */
  unknownSession: 10,
  /** The request is older than all that its session remembers. */
  forgottenRequest: 11,
  /** The reference was used before for something else. */
  conflictingReference: 12,
  unknownWithdrawal: 13,
  /** What is to be settled was released before, or the other way round. */
  withdrawalEnded: 14,

  insufficientBalance: 20,
  duplicateClientOrderId: 21,
  unknownOrder: 22,
  /** A LIMIT_MAKER that would trade on arrival. */
  wouldTake: 23,
  /** The order's status does not meet the cancel restriction. */
  cancelRestricted: 24,
  /** The order id and the client order id name different orders. */
  orderIdMismatch: 25,
  /** A type, time in force or amount that do not go together. */
  invalidOrder: 26,
  /** The stop price is met already. */
  wouldTrigger: 27,
  marketClosed: 28,
  /** Not below the order's quantity, not above what has executed, or an order of a list. */
  invalidAmend: 29,
  unknownOrderList: 30,
  duplicateListClientOrderId: 31,
  /** Orders that do not make a list of this kind. */
  invalidOrderList: 32,
  /** Prices on the wrong sides of each other or of the last price. */
  orderListPrices: 33,

  priceFilter: 40,
  lotSize: 41,
  marketLotSize: 42,
  notional: 43,
  maxNumOrders: 44,
  percentPriceBySide: 45,
  icebergParts: 46,
  maxNumAlgoOrders: 47,
  maxNumIcebergOrders: 48,
  maxNumOrderLists: 49,
  maxPosition: 50,
  trailingDelta: 51,
  maxNumOrderAmends: 52,
} as const;

export type RejectionName = keyof typeof rejections;

const names = new Map<number, RejectionName>(
  (Object.keys(rejections) as RejectionName[]).map((name) => [rejections[name], name]),
);

/** The name of a code, or undefined for a code this version does not know. */
export function rejectionName(code: number): RejectionName | undefined {
  return names.get(code);
}
