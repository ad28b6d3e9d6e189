/**
 * Reads what an order is, placed alone or in a list: the same parameters under other names. A strategy's id and type
 * are checked as the dialect demands, and then forgotten: they are the client's own labels, and no reply repeats them.
 */
import type { CommandOf } from '#domain/commands.ts';
import type { BasisPoints, Price, Units } from '#domain/ids.ts';
import { ORDER_TYPES, type OrderType, TIMES_IN_FORCE } from '#domain/orders.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { refusalOf } from './engine-refusals.ts';

const STRATEGY_TYPE_MIN = 1_000_000;

export type OrderTerms = Pick<
  CommandOf<'place'>,
  | 'side'
  | 'orderType'
  | 'timeInForce'
  | 'price'
  | 'quantity'
  | 'stopPrice'
  | 'trailingDelta'
  | 'icebergQuantity'
>;

/** What the parameters of one order are called; one without a name cannot be sent. */
export interface TermNames {
  readonly price: string;
  readonly icebergQty: string;
  readonly strategyId: string;
  readonly strategyType: string;
  readonly timeInForce?: string;
  readonly stopPrice?: string;
  readonly trailingDelta?: string;
  readonly pegPriceType?: string;
}

/** The regular names behind a prefix: `abovePrice`, `aboveStopPrice` and so on; without one, `price`. */
export function namesBehind(prefix: string): Required<TermNames> {
  const name = (plain: string) =>
    prefix === '' ? plain : prefix + plain.charAt(0).toUpperCase() + plain.slice(1);
  return {
    price: name('price'),
    icebergQty: name('icebergQty'),
    strategyId: name('strategyId'),
    strategyType: name('strategyType'),
    timeInForce: name('timeInForce'),
    stopPrice: name('stopPrice'),
    trailingDelta: name('trailingDelta'),
    pegPriceType: name('pegPriceType'),
  };
}

interface Traits {
  readonly hasPrice: boolean;
  readonly hasTimeInForce: boolean;
  readonly isConditional: boolean;
}

const plain: Traits = { hasPrice: true, hasTimeInForce: true, isConditional: false };
const traits: Readonly<Record<OrderType, Traits>> = {
  LIMIT: plain,
  LIMIT_MAKER: { ...plain, hasTimeInForce: false },
  MARKET: { hasPrice: false, hasTimeInForce: false, isConditional: false },
  STOP_LOSS: { hasPrice: false, hasTimeInForce: false, isConditional: true },
  TAKE_PROFIT: { hasPrice: false, hasTimeInForce: false, isConditional: true },
  STOP_LOSS_LIMIT: { ...plain, isConditional: true },
  TAKE_PROFIT_LIMIT: { ...plain, isConditional: true },
};

/** Whether orders of this type wait for a trigger. */
export function isConditional(type: OrderType): boolean {
  return traits[type].isConditional;
}

/** @throws {ApiError} −1102, −1116, or `refusal` for a type that is none of `allowed`. */
export function readOrderType(
  parameters: Parameters,
  name: string,
  allowed: readonly OrderType[] = ORDER_TYPES,
  refusal: () => Error = apiErrors.invalidOrderType,
): OrderType {
  const type = parameters.mandatoryOneOf(name, ORDER_TYPES, apiErrors.invalidOrderType);
  if (!allowed.includes(type)) throw refusal();
  return type;
}

type Base = Pick<OrderTerms, 'side' | 'orderType' | 'quantity'>;

/**
 * What comes besides side, type and quantity. A zero is an amount, and below the least that the filters allow; but an
 * `icebergQty` of zero is none.
 * @throws {ApiError}
 */
export function readTerms(
  parameters: Parameters,
  names: TermNames,
  base: Base,
  market: Market,
  icebergRefusal = apiErrors.icebergTimeInForce,
): OrderTerms {
  const { quote } = market;
  const type = traits[base.orderType];
  const timeInForce = readTimeInForce(parameters, names, type);
  const price = parameters.decimal<Price>(names.price, quote.scale) ?? null;
  if (type.hasPrice && price === null) throw apiErrors.mandatory(names.price);
  if (!type.hasPrice && price !== null) throw apiErrors.notRequired(names.price);
  const trigger = readTrigger(parameters, names, type, market);
  const icebergQuantity = readIcebergQuantity(parameters, names, base, type, market);
  if (icebergQuantity !== null && timeInForce !== 'GTC')
    throw icebergRefusal(names.icebergQty, names.timeInForce ?? '');
  refuseUnsupported(parameters, names);
  if (price === 0 || trigger.stopPrice === 0) throw refusalOf('priceFilter');
  if (base.quantity === 0) throw refusalOf('lotSize');
  if (trigger.trailingDelta === 0) throw refusalOf('trailingDelta');
  return { ...base, timeInForce, price, ...trigger, icebergQuantity };
}

function readTimeInForce(
  parameters: Parameters,
  { timeInForce: name }: TermNames,
  { hasTimeInForce }: Traits,
): OrderTerms['timeInForce'] {
  if (name === undefined) return 'GTC';
  const timeInForce = parameters.oneOf(name, TIMES_IN_FORCE, apiErrors.invalidTimeInForce);
  if (hasTimeInForce && timeInForce === undefined) throw apiErrors.mandatory(name);
  if (!hasTimeInForce && timeInForce !== undefined) throw apiErrors.timeInForceNotRequired();
  return timeInForce ?? 'GTC';
}

function readTrigger(
  parameters: Parameters,
  names: TermNames,
  type: Traits,
  { quote }: Market,
): Pick<OrderTerms, 'stopPrice' | 'trailingDelta'> {
  const { stopPrice: stopName, trailingDelta: deltaName } = names;
  if (stopName === undefined || deltaName === undefined) return { stopPrice: null, trailingDelta: null };
  const stopPrice = parameters.decimal<Price>(stopName, quote.scale) ?? null;
  const trailingDelta = parameters.integer<BasisPoints>(deltaName) ?? null;
  if (type.isConditional) {
    if (stopPrice === null && trailingDelta === null) throw apiErrors.eitherMandatory(stopName, deltaName);
  } else {
    if (stopPrice !== null) throw apiErrors.notRequired(stopName);
    if (trailingDelta !== null) throw apiErrors.notRequired(deltaName);
  }
  return { stopPrice, trailingDelta };
}

function readIcebergQuantity(
  parameters: Parameters,
  { icebergQty: name }: TermNames,
  { quantity }: Base,
  type: Traits,
  { base }: Market,
): Units | null {
  const icebergQuantity = parameters.decimal<Units>(name, base.scale) ?? 0;
  if (icebergQuantity === 0) return null;
  if (!type.hasPrice) throw apiErrors.notRequired(name);
  if (quantity !== null && icebergQuantity > quantity)
    throw apiErrors.invalidMessage('IcebergQty exceeds QTY.');
  return icebergQuantity as Units;
}

function refuseUnsupported(parameters: Parameters, names: TermNames): void {
  const { strategyId, strategyType, pegPriceType } = names;
  parameters.integer(strategyId);
  const type = parameters.integer(strategyType);
  if (type !== undefined && type < STRATEGY_TYPE_MIN) throw apiErrors.strategyType(strategyType);
  if (pegPriceType !== undefined && parameters.has(pegPriceType))
    throw apiErrors.invalidMessage('Pegged orders are not supported for this symbol.');
}
