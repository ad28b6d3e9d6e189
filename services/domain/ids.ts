/**
 * Identifiers and quantities as branded numbers, so that an order id cannot be passed for an account id,
 * nor an amount of one kind for another. All are safe integers; a brand costs nothing at run time.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** A user's account. Positive, below 2^31; {@link FEE_ACCOUNT} belongs to the exchange. */
export type AccountId = Branded<'AccountId'>;
/** An asset's place in the order of listing, from 0. */
export type AssetId = Branded<'AssetId'>;
/** A market's place in the order of listing, from 0. */
export type MarketId = Branded<'MarketId'>;
/** Positive, rising over the whole exchange in the order of acceptance. */
export type OrderId = Branded<'OrderId'>;
/** Positive, rising over the whole exchange in the order of acceptance. */
export type OrderListId = Branded<'OrderListId'>;
/** Positive, contiguous within a market. */
export type TradeId = Branded<'TradeId'>;
/** The place of a command in the journal, from 1, contiguous. */
export type Seq = Branded<'Seq'>;
/** Microseconds since 1970-01-01T00:00:00Z. */
export type TimeUs = Branded<'TimeUs'>;
/** An amount of an asset in its smallest units: 1 BTC at scale 8 is 100,000,000 units. */
export type Units = Branded<'Units'>;
/** A price: units of the quote asset for one whole base asset. */
export type Price = Branded<'Price'>;
/** A fee rate in millionths of the amount received: 1,000 is 0.1 %. */
export type Ppm = Branded<'Ppm'>;

/** A hundredth of a percent. */
export type BasisPoints = Branded<'BasisPoints'>;
/** Positive; see `openSession` in `commands.ts`. */
export type SessionId = Branded<'SessionId'>;

/** Where trading fees are collected. */
export const FEE_ACCOUNT = 0 as AccountId;
