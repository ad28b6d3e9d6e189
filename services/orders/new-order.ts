/** Reads a new order from the parameters of `order` and `order/test`. */
import { randomUUID } from 'node:crypto';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, Price, Units } from '#domain/ids.ts';
import { ORDER_TYPES, type OrderType, SIDES, TIMES_IN_FORCE } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { refusalOf } from './engine-refusals.ts';

const RESPONSE_TYPES = ['ACK', 'RESULT', 'FULL'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

export interface NewOrder {
  readonly market: Market;
  readonly command: CommandOf<'place'>;
  readonly responseType: ResponseType;
}

/** The dialect's other order types and modes, refused in its own words: no market here allows them. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  STOP_LOSS: 'Stop loss orders are not supported for this symbol.',
  STOP_LOSS_LIMIT: 'Stop loss limit orders are not supported for this symbol.',
  TAKE_PROFIT: 'Take profit orders are not supported for this symbol.',
  TAKE_PROFIT_LIMIT: 'Take profit limit orders are not supported for this symbol.',
};
const OTHER_PARAMETERS: Readonly<Record<string, string>> = {
  icebergQty: 'Iceberg orders are not supported for this symbol.',
  pegPriceType: 'Pegged orders are not supported for this symbol.',
};
const SELF_TRADE_PREVENTION_MODES = [
  'NONE',
  'EXPIRE_TAKER',
  'EXPIRE_MAKER',
  'EXPIRE_BOTH',
  'DECREMENT',
  'TRANSFER',
] as const;

/**
 * Checks everything but what depends on the state of the exchange, which is the engine's to judge.
 * @throws {ApiError}
 */
export function readNewOrder(parameters: Parameters, listings: Listings, account: AccountId): NewOrder {
  const market = listings.marketOf(parameters.symbol());
  parameters.mandatoryText('side');
  const side = parameters.oneOf('side', SIDES, apiErrors.invalidSide)!;
  const orderType = readType(parameters);
  const terms = readTerms(parameters, orderType, market);
  refuseOthers(parameters);
  const responseType =
    parameters.oneOf('newOrderRespType', RESPONSE_TYPES) ?? (orderType === 'LIMIT_MAKER' ? 'ACK' : 'FULL');
  const clientOrderId = parameters.clientId('newClientOrderId') ?? randomUUID();
  parameters.end();
  return {
    market,
    command: { type: 'place', account, market: market.id, side, orderType, ...terms, clientOrderId },
    responseType,
  };
}

function readType(parameters: Parameters): OrderType {
  const type = parameters.mandatoryText('type');
  const refusal = OTHER_TYPES[type];
  if (refusal !== undefined) throw apiErrors.invalidMessage(refusal);
  return parameters.oneOf('type', ORDER_TYPES, apiErrors.invalidOrderType)!;
}

type Terms = Pick<CommandOf<'place'>, 'timeInForce' | 'price' | 'quantity' | 'quoteOrderQty'>;

/** A zero is an amount, and below the least that the filters allow. */
function readTerms(parameters: Parameters, orderType: OrderType, { base, quote }: Market): Terms {
  const timeInForce = parameters.oneOf('timeInForce', TIMES_IN_FORCE, apiErrors.invalidTimeInForce) ?? null;
  const price = parameters.decimal<Price>('price', quote.scale) ?? null;
  const quantity = parameters.decimal<Units>('quantity', base.scale) ?? null;
  const quoteOrderQty = parameters.decimal<Units>('quoteOrderQty', quote.scale) ?? null;
  if (orderType === 'MARKET') {
    if (timeInForce !== null) throw apiErrors.timeInForceNotRequired();
    if (price !== null) throw apiErrors.notRequired('price');
    if (quantity === null && quoteOrderQty === null)
      throw apiErrors.eitherMandatory('quantity', 'quoteOrderQty');
    if (quantity !== null && quoteOrderQty !== null) throw apiErrors.notRequired('quoteOrderQty');
  } else {
    if (orderType === 'LIMIT' && timeInForce === null) throw apiErrors.mandatory('timeInForce');
    if (orderType === 'LIMIT_MAKER' && timeInForce !== null) throw apiErrors.timeInForceNotRequired();
    if (quantity === null) throw apiErrors.mandatory('quantity');
    if (price === null) throw apiErrors.mandatory('price');
    if (quoteOrderQty !== null) throw apiErrors.notRequired('quoteOrderQty');
  }
  if (price === 0) throw refusalOf('priceFilter');
  if (quantity === 0) throw refusalOf('lotSize');
  if (quoteOrderQty === 0) throw refusalOf('notional');
  return { timeInForce: timeInForce ?? 'GTC', price, quantity, quoteOrderQty };
}

function refuseOthers(parameters: Parameters): void {
  for (const [name, message] of Object.entries(OTHER_PARAMETERS))
    if (parameters.has(name)) throw apiErrors.invalidMessage(message);
  for (const name of ['stopPrice', 'trailingDelta'])
    if (parameters.has(name)) throw apiErrors.notRequired(name);
  const mode = parameters.oneOf('selfTradePreventionMode', SELF_TRADE_PREVENTION_MODES);
  if (mode !== undefined && mode !== 'NONE')
    throw apiErrors.invalidMessage('This symbol does not allow the specified self-trade prevention mode.');
}
