/** Reads new order lists: what they have in common, their legs, and the shape of an OCO. */
import { randomUUID } from 'node:crypto';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, Units } from '#domain/ids.ts';
import type { OrderListKind, OrderType, Side } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { type ResponseType, readResponseType, readSelfTradePrevention } from './order-options.ts';
import { namesBehind, type OrderTerms, readOrderType, readTerms } from './order-terms.ts';
import { UNNUMBERED } from './unnumbered.ts';

export interface NewOrderList {
  readonly market: Market;
  readonly command: CommandOf<'placeList'>;
  readonly responseType: ResponseType;
}

export interface Leg {
  readonly terms: OrderTerms;
  readonly clientOrderId: string;
}

/** The third leg of a list that has two. */
const NO_LEG: Leg = {
  terms: {
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    price: null,
    quantity: null,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
  },
  clientOrderId: '',
};

const OCO_TYPES: readonly OrderType[] = [
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
  'LIMIT_MAKER',
];
const WORKING_TYPES: readonly OrderType[] = ['LIMIT', 'LIMIT_MAKER'];

/** @throws {ApiError} also for parameters that nobody has read. */
export function readNewOrderList(
  parameters: Parameters,
  market: Market,
  account: AccountId,
  kind: OrderListKind,
  [first, second, third = NO_LEG]: readonly [Leg, Leg, Leg?],
): NewOrderList {
  const listClientOrderId = parameters.clientId('listClientOrderId') ?? randomUUID();
  const responseType = readResponseType(parameters, 'RESULT');
  const selfTradePrevention = readSelfTradePrevention(parameters);
  parameters.end();
  return {
    market,
    command: {
      type: 'placeList',
      ...UNNUMBERED,
      account,
      market: market.id,
      kind,
      selfTradePrevention,
      ...fieldsOf('first', first.terms),
      ...fieldsOf('second', second.terms),
      ...fieldsOf('third', third.terms),
      listClientOrderId,
      firstClientOrderId: first.clientOrderId,
      secondClientOrderId: second.clientOrderId,
      thirdClientOrderId: third.clientOrderId,
    },
    responseType,
  };
}

type FieldsOf<P extends string> = {
  readonly [K in keyof OrderTerms as `${P}${Capitalize<K>}`]: OrderTerms[K];
};

/** The terms as the fields of one leg: `price` is `firstPrice`. */
function fieldsOf<P extends string>(prefix: P, terms: OrderTerms): FieldsOf<P> {
  const fields = Object.entries(terms).map(([name, value]) => [
    prefix + name.charAt(0).toUpperCase() + name.slice(1),
    value,
  ]);
  return Object.fromEntries(fields) as FieldsOf<P>;
}

/** A leg whose parameters have the regular names behind `prefix`; the quantity may be another's too. */
function readLeg(
  parameters: Parameters,
  market: Market,
  prefix: string,
  base: Pick<OrderTerms, 'side' | 'orderType' | 'quantity'>,
): Leg {
  return {
    terms: readTerms(parameters, namesBehind(prefix), base, market),
    clientOrderId: readLegId(parameters, `${prefix}ClientOrderId`),
  };
}

export function readLegId(parameters: Parameters, name: string): string {
  return parameters.clientId(name) ?? randomUUID();
}

/** @throws {ApiError} −1158, −1165 to −1168 or −1196 to −1199 when the types do not make an OCO. */
export function readPair(
  parameters: Parameters,
  market: Market,
  side: Side,
  quantity: Units,
  [above, below]: readonly [string, string],
): [Leg, Leg] {
  const read = (prefix: string) =>
    readOrderType(parameters, `${prefix}Type`, OCO_TYPES, apiErrors.orderTypeOfOco);
  const aboveType = read(above);
  const belowType = read(below);
  requirePair(side, aboveType, belowType);
  return [
    readLeg(parameters, market, above, { side, orderType: aboveType, quantity }),
    readLeg(parameters, market, below, { side, orderType: belowType, quantity }),
  ];
}

function requirePair(side: Side, above: OrderType, below: OrderType): void {
  if (above === 'LIMIT_MAKER' && below === 'LIMIT_MAKER') throw apiErrors.noContingentOrder();
  const isLimit = (type: OrderType) => type === 'LIMIT_MAKER';
  const isStopLoss = (type: OrderType) => type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT';
  const isTakeProfit = (type: OrderType) => type === 'TAKE_PROFIT' || type === 'TAKE_PROFIT_LIMIT';
  if (side === 'BUY') {
    if (isLimit(above)) throw apiErrors.buyLimitAbove();
    if (isStopLoss(below)) throw apiErrors.buyStopLossBelow();
    if (isTakeProfit(above)) throw apiErrors.buyTakeProfitAbove();
  } else {
    if (isLimit(below)) throw apiErrors.sellLimitBelow();
    if (isStopLoss(above)) throw apiErrors.sellStopLossAbove();
    if (isTakeProfit(below)) throw apiErrors.sellTakeProfitBelow();
  }
}

/** The order that works at once; its price and quantity are mandatory. */
export function readWorkingLeg(parameters: Parameters, market: Market, side: Side): Leg {
  const orderType = readOrderType(parameters, 'workingType', WORKING_TYPES);
  const quantity = parameters.mandatoryDecimal<Units>('workingQuantity', market.base.scale);
  return readLeg(parameters, market, 'working', { side, orderType, quantity });
}

/** The one order that waits for another. */
export function readPendingLeg(parameters: Parameters, market: Market, side: Side): Leg {
  const orderType = readOrderType(parameters, 'pendingType');
  const quantity = readPendingQuantity(parameters, market);
  return readLeg(parameters, market, 'pending', { side, orderType, quantity });
}

export function readPendingQuantity(parameters: Parameters, market: Market): Units {
  return parameters.mandatoryDecimal<Units>('pendingQuantity', market.base.scale);
}
