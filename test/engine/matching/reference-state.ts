/** What the reference engine knows: plain arrays and maps, whole units in bigints. */
import type { CommandOf } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, OrderId, OrderListId, Price, Units } from '#domain/ids.ts';
import type { MarketStatus, OrderListKind, OrderStatus } from '#domain/orders.ts';
import type { RejectionName } from '#domain/rejections.ts';

/** What an order asks for, alone or as a leg of a list. */
export type Terms = Omit<CommandOf<'place'>, 'type' | 'session' | 'request'>;
export type Rules = Omit<CommandOf<'setMarketRules'>, 'type' | 'market'>;

export interface Asset {
  readonly listing: CommandOf<'listAsset'>;
  supply: bigint;
  readonly references: Set<string>;
}

export interface Market {
  /** With the rules it was listed with; those in force are in `rules`. */
  readonly listing: CommandOf<'listMarket'>;
  readonly baseUnits: bigint;
  rules: Rules;
  status: MarketStatus;
  lastPrice: bigint;
  lastTradeId: number;
  lastAggregateId: number;
  lastPreventedMatchId: number;
  /** Triggered orders, and lists whose working order was filled, in the order in which they go on. */
  queue: (Order | List)[];
  /** Trades for the average price by bucket number. */
  averageBuckets: Map<bigint, { lots: bigint; sum: bigint }>;
  /** Lowest and highest trade for the circuit breaker by bucket number. */
  breakerBuckets: Map<bigint, { low: bigint; high: bigint }>;
}

export interface Order {
  readonly id: number;
  readonly terms: Terms;
  readonly market: Market;
  readonly list: List | null;
  readonly createdAt: number;
  workingAt: number | null;
  clientOrderId: string;
  /** 0 for a quoteOrderQty order until it ends. */
  quantity: bigint;
  executed: bigint;
  executedQuote: bigint;
  prevented: bigint;
  /** What prevented lots would have cost, which is taken off what is left to spend. */
  preventedQuote: bigint;
  status: OrderStatus;
  /** Pending: for its working order; waiting: for its trigger; queued: triggered, not yet run. */
  place: 'pending' | 'waiting' | 'queued' | 'taking' | 'resting' | 'ended';
  /** What a resting order shows. */
  shown: bigint;
  /** Place in its queue: when it came to rest, to wait, or to be tracked. */
  turn: number;
  /** Whether it trails by now, and the best price since. */
  isTracked: boolean;
  extreme: bigint | null;
  amendments: number;
}

export interface List {
  readonly id: number;
  readonly command: CommandOf<'placeList'>;
  readonly createdAt: number;
  /** In leg order. */
  orders: Order[];
  /** Whether a leg of its OCO pair traded or triggered. */
  isDecided: boolean;
  isDone: boolean;
}

export interface Session {
  readonly id: number;
  readonly nonce: number;
  /** What each remembered request came to, by its number mod {@link REQUESTS_MAX}. */
  readonly outcomes: Map<number, { readonly request: number; readonly outcome: RejectionName | 'repeated' }>;
}

export interface Withdrawal {
  readonly command: CommandOf<'holdWithdrawal'>;
  status: 'held' | 'settled' | 'released';
}

export class State {
  timeUs = 0;
  readonly assets: Asset[] = [];
  readonly markets: Market[] = [];
  /** All but those that are just trading as takers. */
  open: Order[] = [];
  lists: List[] = [];
  sessions: Session[] = [];
  readonly withdrawals: Withdrawal[] = [];
  readonly transfers: CommandOf<'transfer'>[] = [];
  readonly feeTiers = new Map<number, { readonly makerFee: number; readonly takerFee: number }>();
  readonly accountTiers = new Map<number, number>();
  /** What each account has of each asset, held or not, by `account/asset`. */
  readonly totals = new Map<string, bigint>();
  lastOrderId = 0;
  lastListId = 0;
  lastSessionId = 0;
  lastTurn = 0;
  /** Makers met by the current command. */
  fills = 0;
  events: Event[] = [];
}

export const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);
export const FILLS_MAX = 5_000;
export const TRIGGERS_MAX = 1_000;
export const TRAILING_MAX = 1_000;
export const SESSIONS_MAX = 256;
export const REQUESTS_MAX = 1_024;

export const max = (a: bigint, b: bigint) => (a > b ? a : b);
export const min = (a: bigint, b: bigint) => (a < b ? a : b);
export const isAccount = (account: number) => account >= 1 && account < 2 ** 31;
/** A name that is taken; the empty one never is. */
export const isSame = (id: string, other: string) => id !== '' && id === other;

export const isConditional = ({ orderType }: Terms) =>
  orderType.startsWith('STOP_LOSS') || orderType.startsWith('TAKE_PROFIT');
/** Trades at any price once it works. */
export const isMarketType = ({ orderType }: Terms) =>
  orderType === 'MARKET' || orderType === 'STOP_LOSS' || orderType === 'TAKE_PROFIT';
/** Waits for a price above the market rather than below it. */
export const isRising = ({ side, orderType }: Terms) =>
  orderType.startsWith('STOP_LOSS') === (side === 'BUY');
export const mayRest = (terms: Terms) => !isMarketType(terms) && terms.timeInForce === 'GTC';

export function newOrder(state: State, terms: Terms, list: List | null): Order {
  return {
    id: ++state.lastOrderId,
    terms,
    market: state.markets[terms.market]!,
    list,
    createdAt: state.timeUs,
    workingAt: isConditional(terms) ? null : state.timeUs,
    clientOrderId: terms.clientOrderId,
    quantity: BigInt(terms.quantity ?? 0),
    executed: 0n,
    executedQuote: 0n,
    prevented: 0n,
    preventedQuote: 0n,
    status: 'NEW',
    place: 'taking',
    shown: 0n,
    turn: 0,
    isTracked: false,
    extreme: null,
    amendments: 0,
  };
}

export const left = ({ quantity, executed, prevented }: Order) => quantity - executed - prevented;

export function notionalOf({ baseUnits }: Market, price: bigint, quantity: bigint): bigint {
  const product = price * quantity;
  if (product % baseUnits !== 0n)
    throw new Error(`${quantity} at ${price} is not a whole number of quote units`);
  return product / baseUnits;
}

/** The other leg of an order's OCO pair, open or not. */
export function siblingOf(order: Order): Order | undefined {
  const { list } = order;
  if (list === null || list.command.kind === 'OTO') return undefined;
  const pair = list.command.kind === 'OCO' ? list.orders : list.orders.slice(1);
  return pair.includes(order) ? pair.find((other) => other !== order) : undefined;
}

/** What an order would need for all that is left of it. */
function needOf(order: Order): bigint {
  const { side, price } = order.terms;
  if (side === 'SELL') return left(order);
  return price === null ? 0n : notionalOf(order.market, BigInt(price), left(order));
}

/** Of a pair the first holds what it needs, the second what it needs beyond that. */
function holdOf(order: Order): bigint {
  const holds = ({ place }: Order) => place === 'waiting' || place === 'queued' || place === 'resting';
  if (!holds(order)) return 0n;
  const sibling = siblingOf(order);
  const isSecond = sibling !== undefined && sibling.id < order.id && holds(sibling);
  return isSecond ? max(0n, needOf(order) - needOf(sibling)) : needOf(order);
}

/** What these orders and all withdrawals hold, by `account/asset`. */
function holds(orders: readonly Order[], withdrawals: readonly Withdrawal[]): Map<string, bigint> {
  const held = new Map<string, bigint>();
  const hold = (account: number, asset: number, amount: bigint) => {
    held.set(`${account}/${asset}`, (held.get(`${account}/${asset}`) ?? 0n) + amount);
  };
  for (const order of orders) {
    const { base, quote } = order.market.listing;
    hold(order.terms.account, order.terms.side === 'BUY' ? quote : base, holdOf(order));
  }
  for (const { command, status } of withdrawals)
    if (status === 'held') hold(command.account, command.asset, BigInt(command.amount));
  return held;
}

export const totalOf = ({ totals }: State, account: number, asset: number) =>
  totals.get(`${account}/${asset}`) ?? 0n;

export function available(state: State, account: number, asset: number): bigint {
  const own = state.open.filter(({ terms }) => terms.account === account);
  const held = holds(own, state.withdrawals);
  return totalOf(state, account, asset) - (held.get(`${account}/${asset}`) ?? 0n);
}

export function add(state: State, account: number, asset: number, amount: bigint): void {
  state.totals.set(`${account}/${asset}`, totalOf(state, account, asset) + amount);
}

export function balancesOf(state: State): Map<string, EventOf<'balance'>> {
  const held = holds(state.open, state.withdrawals);
  return new Map(
    [...state.totals].map(([key, total]) => {
      const [account, asset] = key.split('/').map(Number) as [AccountId, AssetId];
      const hold = held.get(key) ?? 0n;
      if (total < hold) throw new Error(`balance ${key} holds ${hold} of ${total}`);
      return [
        key,
        {
          type: 'balance',
          account,
          asset,
          available: Number(total - hold) as Units,
          held: Number(hold) as Units,
        },
      ];
    }),
  );
}

/** What each level shows. */
export function levelsOf(state: State): Map<string, EventOf<'level'>> {
  const levels = new Map<string, EventOf<'level'>>();
  for (const { place, terms, shown } of state.open) {
    if (place !== 'resting') continue;
    const { market, side } = terms;
    const key = `${market} ${side} ${terms.price}`;
    const before = levels.get(key)?.quantity ?? 0;
    const price = terms.price as Price;
    levels.set(key, { type: 'level', market, side, price, quantity: (before + Number(shown)) as Units });
  }
  return levels;
}

export function tell(state: State, order: Order, cancelId = ''): void {
  state.events.push(orderAsTold(order, cancelId));
}

export function orderAsTold(order: Order, cancelId = ''): EventOf<'order'> {
  const { terms } = order;
  return {
    type: 'order',
    orderId: order.id as OrderId,
    account: terms.account,
    market: terms.market,
    side: terms.side,
    orderType: terms.orderType,
    timeInForce: terms.timeInForce,
    selfTradePrevention: terms.selfTradePrevention,
    status: order.status,
    price: terms.price,
    quantity: Number(order.quantity) as Units,
    quoteOrderQty: terms.quoteOrderQty,
    executedQuantity: Number(order.executed) as Units,
    executedQuote: Number(order.executedQuote) as Units,
    preventedQuantity: Number(order.prevented) as Units,
    stopPrice: terms.stopPrice,
    trailingDelta: terms.trailingDelta,
    icebergQuantity: terms.icebergQuantity,
    orderListId: order.list === null ? null : (order.list.id as OrderListId),
    createdAt: order.createdAt as EventOf<'order'>['createdAt'],
    workingAt: order.workingAt as EventOf<'order'>['workingAt'],
    clientOrderId: order.clientOrderId,
    cancelId,
  };
}

export function listAsTold({ id, command, createdAt, orders, isDone }: List): EventOf<'orderList'> {
  return {
    type: 'orderList',
    orderListId: id as OrderListId,
    account: command.account,
    market: command.market,
    kind: command.kind satisfies OrderListKind,
    status: isDone ? 'ALL_DONE' : 'EXECUTING',
    firstOrderId: orders[0]!.id as OrderId,
    secondOrderId: orders[1]!.id as OrderId,
    thirdOrderId: (orders[2]?.id ?? null) as OrderId | null,
    createdAt: createdAt as EventOf<'orderList'>['createdAt'],
    listClientOrderId: command.listClientOrderId,
  };
}
