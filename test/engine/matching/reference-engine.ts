/**
 * The exchange's rules written for reading alone: whole units in bigints, plain arrays sorted anew for every
 * command, holds worked out from the open orders. The real engine must agree with it on everything.
 */
import type { Command, CommandOf } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, OrderId, Price, TradeId, Units } from '#domain/ids.ts';
import { marketFault } from '#domain/markets.ts';
import type { OrderStatus, Side } from '#domain/orders.ts';
import type { RejectionName } from '#domain/rejections.ts';

interface Asset {
  readonly listing: CommandOf<'listAsset'>;
  supply: bigint;
  readonly references: Set<string>;
}

interface Market {
  readonly listing: CommandOf<'listMarket'>;
  readonly baseUnits: bigint;
  lastPrice: bigint;
  lastTradeId: number;
  lastAggregateId: number;
}

interface Order {
  readonly id: number;
  readonly command: CommandOf<'place'>;
  readonly market: Market;
  readonly createdAt: number;
  readonly price: bigint;
  quantity: bigint;
  executed: bigint;
  executedQuote: bigint;
  status: OrderStatus;
}

const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const by = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

export class ReferenceEngine {
  readonly assets: Asset[] = [];
  readonly markets: Market[] = [];
  /** In order of acceptance. */
  open: Order[] = [];
  /** What each account has of each asset, held or not, by `account/asset`. */
  readonly totals = new Map<string, bigint>();
  lastOrderId = 0;
  #events: Event[] = [];

  /** The refusal, or what happened; changed levels and balances come last, sorted by their text. */
  apply(timeUs: number, command: Command): RejectionName | readonly Event[] {
    this.#events = [];
    const levels = this.#levels();
    const balances = this.#balances();
    const refusal = this.#dispatch(timeUs, command);
    if (refusal !== undefined) return refusal;
    const noLevel = (level: EventOf<'level'>) => ({ ...level, quantity: 0 as Units });
    const nothing = (balance: EventOf<'balance'>) => ({
      ...balance,
      available: 0 as Units,
      held: 0 as Units,
    });
    return [
      ...this.#events,
      ...changes(levels, this.#levels(), noLevel),
      ...changes(balances, this.#balances(), nothing),
    ];
  }

  #dispatch(timeUs: number, command: Command): RejectionName | undefined {
    switch (command.type) {
      case 'listAsset':
        return this.#listAsset(command);
      case 'listMarket':
        return this.#listMarket(command);
      case 'deposit':
        return this.#deposit(command);
      case 'place':
        return this.#place(timeUs, command);
      case 'cancel':
        return this.#cancel(command);
      case 'cancelAll':
        return this.#cancelAll(command);
    }
  }

  #listAsset(command: CommandOf<'listAsset'>): RejectionName | undefined {
    if (command.asset < this.assets.length) return 'alreadyListed';
    if (this.assets.some(({ listing }) => listing.name === command.name)) return 'alreadyListed';
    if (command.asset > this.assets.length || command.name === '') return 'invalidListing';
    if (command.scale < 0 || command.scale > 15) return 'invalidListing';
    this.assets.push({ listing: command, supply: 0n, references: new Set() });
    this.#events.push({ ...command, type: 'assetListed' });
    return undefined;
  }

  #listMarket(command: CommandOf<'listMarket'>): RejectionName | undefined {
    const base = this.assets[command.base];
    if (command.market < this.markets.length) return 'alreadyListed';
    if (this.markets.some(({ listing }) => listing.symbol === command.symbol)) return 'alreadyListed';
    if (command.market > this.markets.length) return 'invalidListing';
    if (base === undefined || this.assets[command.quote] === undefined) return 'unknownAsset';
    if (command.symbol === '' || command.base === command.quote) return 'invalidListing';
    if (marketFault(command, base.listing.scale) !== undefined) return 'invalidListing';
    const baseUnits = 10n ** BigInt(base.listing.scale);
    this.markets.push({ listing: command, baseUnits, lastPrice: 0n, lastTradeId: 0, lastAggregateId: 0 });
    this.#events.push({ ...command, type: 'marketListed' });
    return undefined;
  }

  #deposit(command: CommandOf<'deposit'>): RejectionName | undefined {
    const { account, amount } = command;
    const asset = this.assets[command.asset];
    if (asset === undefined) return 'unknownAsset';
    if (account < 1 || amount < 1) return 'invalidAmount';
    const reference = `${account} ${command.reference}`;
    if (asset.references.has(reference)) return 'duplicateReference';
    if (asset.supply + BigInt(amount) > EXACT_MAX) return 'supplyOverflow';
    asset.references.add(reference);
    asset.supply += BigInt(amount);
    this.#add(account, command.asset, BigInt(amount));
    this.#events.push({ ...command, type: 'deposited' });
    return undefined;
  }

  #place(timeUs: number, command: CommandOf<'place'>): RejectionName | undefined {
    const market = this.markets[command.market];
    if (market === undefined) return 'unknownMarket';
    const refusal = this.#refusal(market, command);
    if (refusal !== undefined) return refusal;
    const taker: Order = {
      id: ++this.lastOrderId,
      command,
      market,
      createdAt: timeUs,
      price: BigInt(command.price ?? 0),
      quantity: BigInt(command.quantity ?? 0),
      executed: 0n,
      executedQuote: 0n,
      status: 'NEW',
    };
    this.#tell(taker);
    const { orderType, timeInForce } = command;
    const makers = this.#makersFor(market, command);
    const onOffer = makers.reduce((sum, maker) => sum + maker.quantity - maker.executed, 0n);
    const unfillable = orderType === 'LIMIT' && timeInForce === 'FOK' && onOffer < taker.quantity;
    if (!unfillable) this.#match(taker, makers);
    this.#finish(taker);
    return undefined;
  }

  #refusal(market: Market, command: CommandOf<'place'>): RejectionName | undefined {
    const { account, side, orderType, timeInForce, clientOrderId } = command;
    const { listing } = market;
    if (account < 1 || !fieldsGoTogether(command)) return 'invalidOrder';
    const price = BigInt(command.price ?? 0);
    const quantity = BigInt(command.quantity ?? 0);
    const isLimit = orderType !== 'MARKET';
    const within = (value: bigint, min: number, max: number) => value >= BigInt(min) && value <= BigInt(max);

    if (isLimit && price % BigInt(listing.tick) !== 0n) return 'priceFilter';
    if (isLimit && !within(price, listing.priceMin, listing.priceMax)) return 'priceFilter';
    if (command.quantity !== null) {
      if (quantity % BigInt(listing.lot) !== 0n) return 'lotSize';
      if (!within(quantity, listing.quantityMin, listing.quantityMax)) return 'lotSize';
    }
    if (!isLimit && quantity > BigInt(listing.marketQuantityMax)) return 'marketLotSize';
    const value =
      command.quoteOrderQty !== null
        ? BigInt(command.quoteOrderQty)
        : notionalOf(market, isLimit ? price : market.lastPrice, quantity);
    const isKnown = isLimit || command.quoteOrderQty !== null || market.lastPrice > 0n;
    if (isKnown && !within(value, listing.notionalMin, listing.notionalMax)) return 'notional';

    const own = this.open.filter((order) => order.command.account === account);
    const here = own.filter((order) => order.market === market);
    if (isLimit && timeInForce === 'GTC') {
      const { supply } = this.assets[listing.quote]!;
      if (side === 'SELL' && supply + value > EXACT_MAX) return 'notional';
      const resting = this.open
        .filter((order) => order.market === market && order.command.side === side && order.price === price)
        .reduce((sum, order) => sum + order.quantity - order.executed, 0n);
      if (resting + quantity > EXACT_MAX) return 'lotSize';
      if (here.length >= listing.ordersMax) return 'maxNumOrders';
    }
    if (clientOrderId !== '' && own.some((order) => order.command.clientOrderId === clientOrderId)) {
      return 'duplicateClientOrderId';
    }
    const makers = this.#makersFor(market, command);
    if (orderType === 'LIMIT_MAKER' && makers.length > 0) return 'wouldTake';
    return this.#needs(market, command, makers) >
      this.#available(account, side === 'BUY' ? listing.quote : listing.base)
      ? 'insufficientBalance'
      : undefined;
  }

  /** What the account must have available: of quote to buy, of base to sell. */
  #needs(market: Market, command: CommandOf<'place'>, makers: readonly Order[]): bigint {
    const { side, quantity, quoteOrderQty, price } = command;
    if (price !== null && side === 'BUY') return notionalOf(market, BigInt(price), BigInt(quantity!));
    if (side === 'SELL' && quantity !== null) return BigInt(quantity);
    if (side === 'BUY' && quoteOrderQty !== null) return BigInt(quoteOrderQty);
    // What the book decides: the cost of a quantity, or the quantity for an amount.
    let cost = 0n;
    let size = 0n;
    for (const maker of makers) {
      const taken = takes(
        market,
        maker,
        quantity === null ? null : BigInt(quantity) - size,
        quoteOrderQty,
        cost,
      );
      cost += notionalOf(market, maker.price, taken);
      size += taken;
      if (taken < maker.quantity - maker.executed) break;
    }
    return side === 'BUY' ? cost : size;
  }

  /** Open orders that it would trade with, in the order in which it would. */
  #makersFor(market: Market, { side, price }: CommandOf<'place'>): Order[] {
    const better = side === 'BUY' ? by : (a: bigint, b: bigint) => by(b, a);
    return this.open
      .filter((order) => order.market === market && order.command.side !== side)
      .filter((order) => price === null || better(order.price, BigInt(price)) <= 0)
      .sort((a, b) => better(a.price, b.price) || a.id - b.id);
  }

  #match(taker: Order, makers: readonly Order[]): void {
    let aggregatePrice = 0n;
    for (const maker of makers) {
      const { market, command, executedQuote } = taker;
      const left = command.quoteOrderQty === null ? taker.quantity - taker.executed : null;
      const quantity = takes(market, maker, left, command.quoteOrderQty, executedQuote);
      if (quantity === 0n) return;
      if (maker.price !== aggregatePrice) market.lastAggregateId++;
      aggregatePrice = maker.price;
      this.#trade(taker, maker, quantity);
      if (maker.executed < maker.quantity) return;
    }
  }

  #trade(taker: Order, maker: Order, quantity: bigint): void {
    const { market } = taker;
    const { base, quote, makerFee, takerFee } = market.listing;
    const value = notionalOf(market, maker.price, quantity);
    const [buyer, seller] = taker.command.side === 'BUY' ? [taker, maker] : [maker, taker];
    const fee = (order: Order, received: bigint) =>
      (received * BigInt(order === taker ? takerFee : makerFee)) / 1_000_000n;
    const buyerFee = fee(buyer, quantity);
    const sellerFee = fee(seller, value);
    this.#add(buyer.command.account, quote, -value);
    this.#add(seller.command.account, base, -quantity);
    this.#add(buyer.command.account, base, quantity - buyerFee);
    this.#add(seller.command.account, quote, value - sellerFee);
    this.#add(0, base, buyerFee);
    this.#add(0, quote, sellerFee);
    for (const order of [taker, maker]) {
      order.executed += quantity;
      order.executedQuote += value;
    }
    market.lastPrice = maker.price;
    this.#events.push({
      type: 'trade',
      market: market.listing.market,
      tradeId: ++market.lastTradeId as TradeId,
      aggregateId: market.lastAggregateId,
      price: Number(maker.price) as Price,
      quantity: Number(quantity) as Units,
      quoteQuantity: Number(value) as Units,
      takerSide: taker.command.side,
      makerOrderId: maker.id as OrderId,
      takerOrderId: taker.id as OrderId,
      makerAccount: maker.command.account,
      takerAccount: taker.command.account,
      makerFee: Number(maker === buyer ? buyerFee : sellerFee) as Units,
      takerFee: Number(taker === buyer ? buyerFee : sellerFee) as Units,
    });
    maker.status = maker.executed === maker.quantity ? 'FILLED' : 'PARTIALLY_FILLED';
    this.#tell(maker);
    if (maker.status === 'FILLED') this.#close(maker);
  }

  #finish(taker: Order): void {
    const { command, market } = taker;
    const spent =
      command.quoteOrderQty !== null &&
      taker.executed > 0n &&
      notionalOf(market, market.lastPrice, BigInt(market.listing.lot)) >
        BigInt(command.quoteOrderQty) - taker.executedQuote;
    if (spent) taker.quantity = taker.executed;
    const filled = taker.executed > 0n && taker.executed === taker.quantity;
    if (taker.executed > 0n) {
      taker.status = filled ? 'FILLED' : 'PARTIALLY_FILLED';
      this.#tell(taker);
    }
    if (filled) return;
    if (command.orderType !== 'MARKET' && command.timeInForce === 'GTC') {
      this.open.push(taker);
      return;
    }
    if (command.quoteOrderQty !== null) taker.quantity = taker.executed;
    taker.status = 'EXPIRED';
    this.#tell(taker);
  }

  #cancel(command: CommandOf<'cancel'>): RejectionName | undefined {
    const { account, market, orderId, clientOrderId, restriction } = command;
    if (this.markets[market] === undefined) return 'unknownMarket';
    if (orderId === null && clientOrderId === '') return 'unknownOrder';
    const order = this.open
      .filter((each) => each.command.account === account && each.command.market === market)
      .find((each) =>
        orderId === null ? each.command.clientOrderId === clientOrderId : each.id === orderId,
      );
    if (order === undefined) return 'unknownOrder';
    if (clientOrderId !== '' && order.command.clientOrderId !== clientOrderId) return 'orderIdMismatch';
    if (restriction === 'ONLY_NEW' && order.executed > 0n) return 'cancelRestricted';
    if (restriction === 'ONLY_PARTIALLY_FILLED' && order.executed === 0n) return 'cancelRestricted';
    this.#end(order, command.newClientOrderId);
    return undefined;
  }

  #cancelAll({ account, market }: CommandOf<'cancelAll'>): RejectionName | undefined {
    if (this.markets[market] === undefined) return 'unknownMarket';
    const orders = this.open.filter(
      ({ command }) => command.account === account && command.market === market,
    );
    if (orders.length === 0) return 'unknownOrder';
    for (const order of orders) this.#end(order, '');
    return undefined;
  }

  #end(order: Order, cancelId: string): void {
    order.status = 'CANCELED';
    this.#close(order);
    this.#tell(order, cancelId);
  }

  #close(order: Order): void {
    this.open = this.open.filter((other) => other !== order);
  }

  #tell(order: Order, cancelId = ''): void {
    this.#events.push(orderAsTold(order, cancelId));
  }

  /** An account's open orders, oldest first, as the query of that name answers them. */
  openOrders(account: number): EventOf<'order'>[] {
    return this.open
      .filter((order) => order.command.account === account)
      .map((order) => orderAsTold(order, ''));
  }

  #add(account: number, asset: number, amount: bigint): void {
    const key = `${account}/${asset}`;
    this.totals.set(key, (this.totals.get(key) ?? 0n) + amount);
  }

  #held(account: number, asset: number): bigint {
    const holds = this.open.map((order) => {
      const { side } = order.command;
      const { base, quote } = order.market.listing;
      if (order.command.account !== account || asset !== (side === 'BUY' ? quote : base)) return 0n;
      const left = order.quantity - order.executed;
      return side === 'BUY' ? notionalOf(order.market, order.price, left) : left;
    });
    return holds.reduce((sum, hold) => sum + hold, 0n);
  }

  #available(account: number, asset: number): bigint {
    return (this.totals.get(`${account}/${asset}`) ?? 0n) - this.#held(account, asset);
  }

  #balances(): Map<string, EventOf<'balance'>> {
    return new Map(
      [...this.totals.keys()].map((key) => {
        const [account, asset] = key.split('/').map(Number) as [AccountId, AssetId];
        const available = Number(this.#available(account, asset)) as Units;
        const held = Number(this.#held(account, asset)) as Units;
        return [key, { type: 'balance', account, asset, available, held }];
      }),
    );
  }

  #levels(): Map<string, EventOf<'level'>> {
    const levels = new Map<string, EventOf<'level'>>();
    for (const { command, price, quantity, executed } of this.open) {
      const { market, side } = command;
      const key = `${market} ${side} ${price}`;
      const before = levels.get(key)?.quantity ?? 0;
      const total = (before + Number(quantity - executed)) as Units;
      levels.set(key, { type: 'level', market, side, price: Number(price) as Price, quantity: total });
    }
    return levels;
  }

  /** An account's balances that are not zero, as the query of that name answers them. */
  balances(account: number): EventOf<'balance'>[] {
    return [...this.#balances().values()]
      .filter((balance) => balance.account === account && (balance.available > 0 || balance.held > 0))
      .sort((a, b) => a.asset - b.asset);
  }

  /** A market's book as the query of that name answers it. */
  book(market: number): EventOf<'level'>[] {
    const levels = [...this.#levels().values()].filter((level) => level.market === market);
    const side = (of: Side) => levels.filter((level) => level.side === of).sort((a, b) => a.price - b.price);
    return [...side('BUY').reverse(), ...side('SELL')];
  }
}

/** How much a taker takes of a maker: no more than it has left to trade, or to spend in whole lots. */
function takes(
  market: Market,
  maker: Order,
  quantityLeft: bigint | null,
  quoteOrderQty: number | null,
  spent: bigint,
): bigint {
  const left = maker.quantity - maker.executed;
  const lot = BigInt(market.listing.lot);
  const wanted =
    quantityLeft ?? ((BigInt(quoteOrderQty!) - spent) / notionalOf(market, maker.price, lot)) * lot;
  return wanted < left ? wanted : left;
}

function notionalOf({ baseUnits }: Market, price: bigint, quantity: bigint): bigint {
  const product = price * quantity;
  if (product % baseUnits !== 0n)
    throw new Error(`${quantity} at ${price} is not a whole number of quote units`);
  return product / baseUnits;
}

function fieldsGoTogether(command: CommandOf<'place'>): boolean {
  const { orderType, timeInForce, price, quantity, quoteOrderQty } = command;
  if ([price, quantity, quoteOrderQty].some((amount) => amount !== null && amount < 1)) return false;
  if (orderType === 'MARKET') return price === null && (quantity === null) !== (quoteOrderQty === null);
  if (price === null || quantity === null || quoteOrderQty !== null) return false;
  return orderType === 'LIMIT' || timeInForce === 'GTC';
}

function orderAsTold(order: Order, cancelId: string): EventOf<'order'> {
  const { account, market, side, orderType, timeInForce, price, quoteOrderQty, clientOrderId } =
    order.command;
  return {
    type: 'order',
    orderId: order.id as OrderId,
    account,
    market,
    side,
    orderType,
    timeInForce,
    status: order.status,
    price,
    quantity: Number(order.quantity) as Units,
    quoteOrderQty,
    executedQuantity: Number(order.executed) as Units,
    executedQuote: Number(order.executedQuote) as Units,
    createdAt: order.createdAt as EventOf<'order'>['createdAt'],
    clientOrderId,
    cancelId,
  };
}

/** What is different afterwards, sorted; `gone` says what a thing that is no longer there looks like. */
function changes<T>(before: Map<string, T>, after: Map<string, T>, gone: (thing: T) => T): T[] {
  const changed: T[] = [];
  for (const [key, thing] of after) {
    const was = before.get(key) ?? gone(thing);
    if (JSON.stringify(was) !== JSON.stringify(thing)) changed.push(thing);
  }
  for (const [key, thing] of before) if (!after.has(key)) changed.push(gone(thing));
  return sorted(changed);
}

/** Sorted by their text: changed levels and balances have no order of their own. */
export function sorted<T>(things: readonly T[]): T[] {
  const text = (thing: T) => JSON.stringify(thing);
  return [...things].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
