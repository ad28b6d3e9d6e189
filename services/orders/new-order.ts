/** Reads a new order from the parameters of `order`, `order/test`, `order/cancelReplace` and `sor/order`. */
import { randomUUID } from 'node:crypto';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, Units } from '#domain/ids.ts';
import { type OrderType, SIDES } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { refusalOf } from './engine-refusals.ts';
import { type ResponseType, readResponseType, readSelfTradePrevention } from './order-options.ts';
import { namesBehind, readOrderType, readTerms } from './order-terms.ts';
import { UNNUMBERED } from './unnumbered.ts';

export interface NewOrder {
  readonly market: Market;
  readonly command: CommandOf<'place'>;
  readonly responseType: ResponseType;
}

export type ReadOrder = (parameters: Parameters, listings: Listings, account: AccountId) => NewOrder;

const NAMES = namesBehind('');

/**
 * Checks everything but what depends on the state of the exchange, which is the engine's to judge. Whoever calls has
 * still to refuse parameters that nobody reads.
 * @throws {ApiError}
 */
export function readNewOrder(
  parameters: Parameters,
  listings: Listings,
  account: AccountId,
  types?: readonly OrderType[],
): NewOrder {
  const market = listings.marketOf(parameters.symbol());
  const side = parameters.mandatoryOneOf('side', SIDES, apiErrors.invalidSide);
  const orderType = readOrderType(parameters, 'type', types);
  const amounts = readAmounts(parameters, orderType, market);
  const base = { side, orderType, quantity: amounts.quantity };
  const terms = readTerms(parameters, NAMES, base, market, apiErrors.unsupportedCombination);
  if (amounts.quoteOrderQty === 0) throw refusalOf('notional');
  const isImmediate = orderType === 'LIMIT' || orderType === 'MARKET';
  const responseType = readResponseType(parameters, isImmediate ? 'FULL' : 'ACK');
  const selfTradePrevention = readSelfTradePrevention(parameters);
  const clientOrderId = parameters.clientId('newClientOrderId') ?? randomUUID();
  return {
    market,
    command: {
      type: 'place',
      ...UNNUMBERED,
      account,
      market: market.id,
      ...terms,
      ...amounts,
      selfTradePrevention,
      clientOrderId,
    },
    responseType,
  };
}

type Amounts = Pick<CommandOf<'place'>, 'quantity' | 'quoteOrderQty'>;

function readAmounts(parameters: Parameters, orderType: OrderType, { base, quote }: Market): Amounts {
  const quantity = parameters.decimal<Units>('quantity', base.scale) ?? null;
  const quoteOrderQty = parameters.decimal<Units>('quoteOrderQty', quote.scale) ?? null;
  if (orderType === 'MARKET') {
    if (quantity === null && quoteOrderQty === null)
      throw apiErrors.eitherMandatory('quantity', 'quoteOrderQty');
    if (quantity !== null && quoteOrderQty !== null) throw apiErrors.notRequired('quoteOrderQty');
  } else {
    if (quantity === null) throw apiErrors.mandatory('quantity');
    if (quoteOrderQty !== null) throw apiErrors.notRequired('quoteOrderQty');
  }
  return { quantity, quoteOrderQty };
}
