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
  /** The deposit's reference was used before: its outcome stands. */
  duplicateReference: 6,
  supplyOverflow: 7,

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

  priceFilter: 40,
  lotSize: 41,
  marketLotSize: 42,
  notional: 43,
  maxNumOrders: 44,
} as const;

export type RejectionName = keyof typeof rejections;

const names = new Map<number, RejectionName>(
  (Object.keys(rejections) as RejectionName[]).map((name) => [rejections[name], name]),
);

/** The name of a code, or undefined for a code this version does not know. */
export function rejectionName(code: number): RejectionName | undefined {
  return names.get(code);
}
