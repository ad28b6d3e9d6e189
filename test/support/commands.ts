/** Commands with all that a test does not care about filled in. */
import type { CommandOf } from '#domain/commands.ts';
import type { MarketId, SessionId } from '#domain/ids.ts';

/** Commands are made of plain numbers here; which of them are ids and which amounts, the fields' names say. */
type Plain<T> = {
  -readonly [K in keyof T]: T[K] extends number | null ? number | Extract<T[K], null> : T[K];
};
type Rules = Omit<CommandOf<'setMarketRules'>, 'type' | 'market'>;

/** Of a request that nobody repeats. */
export const noSession = { session: 0 as SessionId, request: 0 };

/** A LIMIT GTC on market 0, unless `fields` say otherwise. */
export function newOrder(
  fields: Partial<Plain<CommandOf<'place'>>> & { readonly account: number },
): CommandOf<'place'> {
  return {
    type: 'place',
    ...noSession,
    market: 0,
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    price: null,
    quantity: null,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    quoteOrderQty: null,
    selfTradePrevention: 'NONE',
    clientOrderId: '',
    ...fields,
  } as CommandOf<'place'>;
}

export function cancelAll(account: number, market = 0): CommandOf<'cancelAll'> {
  return { type: 'cancelAll', ...noSession, account, market } as CommandOf<'cancelAll'>;
}

/** Rules under which everything goes that is exact, for nothing. */
const looseRules = {
  priceMin: 1,
  priceMax: 2 ** 31 - 1,
  quantityMin: 1,
  quantityMax: Number.MAX_SAFE_INTEGER,
  marketQuantityMax: Number.MAX_SAFE_INTEGER,
  notionalMin: 1,
  notionalMax: Number.MAX_SAFE_INTEGER,
  bidDown: 0,
  bidUp: 0,
  askDown: 0,
  askUp: 0,
  averageMinutes: 0,
  ordersMax: 10_000,
  algoOrdersMax: 10_000,
  icebergOrdersMax: 10_000,
  orderListsMax: 10_000,
  icebergPartsMax: 1_000_000,
  amendsMax: 1_000,
  positionMax: null,
  trailingAboveMin: 1,
  trailingAboveMax: 65_535,
  trailingBelowMin: 1,
  trailingBelowMax: 9_999,
  breakerMove: 0,
  breakerSeconds: 60,
  makerFee: 0,
  takerFee: 0,
} as Plain<Rules> as Rules;

/** Market 0, of asset 0 for asset 1, by units unless `fields` say otherwise. */
export function newMarket(fields: Partial<Plain<CommandOf<'listMarket'>>> = {}): CommandOf<'listMarket'> {
  return {
    type: 'listMarket',
    market: 0 as MarketId,
    base: 0,
    quote: 1,
    tick: 1,
    lot: 1,
    ...looseRules,
    symbol: 'COINCASH',
    ...fields,
  } as CommandOf<'listMarket'>;
}
