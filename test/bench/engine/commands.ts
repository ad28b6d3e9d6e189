/** The operations of the workloads, and what they are as commands of the engine. */
import type { Command, CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, OrderId, Price, SessionId, Units } from '#domain/ids.ts';
import { listingCommands } from '#domain/markets.ts';
import { SIDES } from '#domain/orders.ts';

export interface Operation {
  /** `take` trades at once or not at all; `move` cancels its target and places the same at another price. */
  readonly kind: 'insert' | 'cancel' | 'take' | 'amend' | 'move';
  /** The order's id: of its own, or for cancels and amends of the order they aim at. */
  readonly id: number;
  readonly side: number;
  /** 0 for an order without a limit. */
  readonly ticks: number;
  readonly lots: number;
  readonly account: number;
  readonly market: number;
  /** The order that a move cancels. */
  readonly target: number;
  readonly clientId: string;
}

const TICK = 10_000;
const LOT = 10_000;
/** So that no account runs out of money, nor the supply out of 2^53. */
const DEPOSIT = 2 ** 52;

/** All filters on, wide enough that nothing is refused; limits as high as they may be. */
export function setUp(accounts: number, markets: number): Command[] {
  const rules = {
    base: 'COIN',
    quote: 'CASH',
    tickSize: '0.01',
    priceMin: '0.01',
    priceMax: '1000000',
    lotSize: '0.0001',
    quantityMin: '0.0001',
    quantityMax: '9000',
    marketQuantityMax: '100',
    notionalMin: '0.01',
    notionalMax: '9000000',
    bidDownPpm: 200_000,
    bidUpPpm: 5_000_000,
    askDownPpm: 200_000,
    askUpPpm: 5_000_000,
    averageMinutes: 5,
    ordersMax: 10_000,
    algoOrdersMax: 10_000,
    icebergOrdersMax: 10_000,
    orderListsMax: 10_000,
    icebergPartsMax: 100,
    amendsMax: 1_000,
    positionMax: null,
    trailingAboveMin: 10,
    trailingAboveMax: 2_000,
    trailingBelowMin: 10,
    trailingBelowMax: 2_000,
    breakerMovePpm: 200_000,
    breakerSeconds: 60,
    makerFeePpm: 1_000,
    takerFeePpm: 1_000,
  };
  const commands: Command[] = listingCommands({
    assets: [
      { name: 'CASH', scale: 6 },
      { name: 'COIN', scale: 8 },
    ],
    markets: Array.from({ length: markets }, (_, market) => ({ ...rules, symbol: `COINCASH${market}` })),
  });
  const amount = Math.floor(DEPOSIT / accounts) as Units;
  for (let account = 1; account <= accounts; account++) {
    for (const asset of [0, 1] as AssetId[])
      commands.push({ type: 'deposit', account: account as AccountId, asset, amount, reference: 'bench' });
  }
  return commands;
}

export function toCommand(operation: Operation): Command {
  const { kind, id, account, market, lots, target } = operation;
  const who = {
    session: 0 as SessionId,
    request: 0,
    account: account as AccountId,
    market: market as MarketId,
  };
  switch (kind) {
    case 'cancel':
      return {
        ...who,
        type: 'cancel',
        orderId: id as OrderId,
        restriction: 'NONE',
        clientOrderId: '',
        newClientOrderId: '',
      };
    case 'amend':
      return {
        ...who,
        type: 'amend',
        orderId: id as OrderId,
        quantity: (lots * LOT) as Units,
        clientOrderId: '',
        newClientOrderId: '',
      };
    case 'move':
      return {
        ...who,
        ...orderOf(operation),
        type: 'cancelReplace',
        mode: 'STOP_ON_FAILURE',
        cancelOrderId: target as OrderId,
        cancelRestriction: 'NONE',
        cancelClientOrderId: '',
        cancelNewClientOrderId: '',
      };
    default:
      return { ...who, ...orderOf(operation), type: 'place' };
  }
}

type OrderFields = Omit<CommandOf<'place'>, 'type' | 'session' | 'request' | 'account' | 'market'>;

function orderOf({ kind, side, ticks, lots, clientId }: Operation): OrderFields {
  return {
    side: SIDES[side]!,
    orderType: ticks === 0 ? 'MARKET' : 'LIMIT',
    timeInForce: kind === 'take' ? 'IOC' : 'GTC',
    price: ticks === 0 ? null : ((ticks * TICK) as Price),
    quantity: (lots * LOT) as Units,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    quoteOrderQty: null,
    selfTradePrevention: 'NONE',
    clientOrderId: clientId,
  };
}
