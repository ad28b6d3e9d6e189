/**
 * Plays a scenario written as text, and compares it with what the engine really does. One market: BTC for USD,
 * prices in whole dollars, quantities in tenths; makers pay 0.1 %, takers 0.2 %.
 *
 *   alice has 500 USD                  a deposit, before the first command
 *            | 102 | 3 carol           a ladder before the first command: these orders rest, each account having
 *     2 dave |  99 |                   just what they need; numbered #1, #2 … from the top, and along each queue
 *   > alice BUY LIMIT GTC 1 @ 102      a command (also: `MARKET 1`, `MARKET for 100 USD`, `CANCEL #3`,
 *                                      `CANCEL id`, `CANCEL ALL`; an order `as id` gets that client order id)
 *   #3 alice NEW 0 of 1                what must have happened, line by line, or `refused: reason`
 *            | 102 | 2 carol           a ladder after a command: how the book must stand
 */
import { expect } from '@jest/globals';
import type { Command } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, MarketId, OrderId, Price, Units } from '#domain/ids.ts';
import { listingCommands } from '#domain/markets.ts';
import { formatDecimal, parseDecimal } from '#domain/money.ts';
import type { OrderType, Side, TimeInForce } from '#domain/orders.ts';
import { DrivenEngine } from './driven-engine.ts';

const MARKET = 0 as MarketId;
const ASSETS = ['BTC', 'USD'];
const BTC = 0;
const USD = 1;
const SCALE = 4;

const listings = listingCommands({
  assets: ASSETS.map((name) => ({ name, scale: SCALE })),
  markets: [
    {
      symbol: 'BTCUSD',
      base: 'BTC',
      quote: 'USD',
      tickSize: '1',
      priceMin: '10',
      priceMax: '1000',
      lotSize: '0.1',
      quantityMin: '0.2',
      quantityMax: '100',
      marketQuantityMax: '50',
      notionalMin: '10',
      notionalMax: '10000',
      ordersMax: 3,
      makerFeePpm: 1_000,
      takerFeePpm: 2_000,
    },
  ],
});

/** Compares the scenario with what happens, as one text each, blanks aside. */
export function play(scenario: string): void {
  const lines = scenario
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
  expect(new Scenario().play(lines)).toEqual(lines);
}

class Scenario {
  readonly #driven = new DrivenEngine();
  /** Account 0 is the exchange's own, where fees go. */
  readonly #names = ['exchange'];

  constructor() {
    for (const listing of listings) this.#apply(listing);
  }

  /** What the text should have been. */
  play(lines: readonly string[]): string[] {
    const start = lines.findIndex((line) => line.startsWith('>'));
    const actual = lines.slice(0, start);
    for (const line of actual) this.#setUp(line);
    lines.slice(start).forEach((line, index, rest) => {
      if (line.startsWith('>')) actual.push(line, ...this.#apply(this.#command(line)));
      // A ladder's place in the text says when to look at the book.
      else if (isLadder(line) && !isLadder(rest[index - 1]!)) actual.push(...this.#ladder());
    });
    return actual;
  }

  #setUp(line: string): void {
    if (isLadder(line)) {
      const [bids, price, asks] = line.split('|').map((cell) => cell.trim());
      this.#rest('BUY', bids!, price!);
      this.#rest('SELL', asks!, price!);
      return;
    }
    const [, name, amount, asset] = /^(\w+) has (\S+) (\w+)$/.exec(line) ?? [];
    this.#deposit(name!, ASSETS.indexOf(asset!), units(amount!));
  }

  #rest(side: Side, queue: string, price: string): void {
    for (const entry of queue.split(',').filter((text) => text !== '')) {
      const [quantity, name] = entry.trim().split(' ') as [string, string];
      const needed = side === 'BUY' ? Number(quantity) * units(price) : units(quantity);
      this.#deposit(name, side === 'BUY' ? USD : BTC, Math.round(needed));
      this.#apply(this.#command(`> ${name} ${side} LIMIT GTC ${quantity} @ ${price}`));
    }
  }

  #deposit(name: string, asset: number, amount: number): void {
    this.#apply({
      type: 'deposit',
      account: this.#account(name),
      asset: asset as AssetId,
      amount: amount as Units,
      reference: String(this.#driven.engine.lastSeq),
    });
  }

  #account(name: string): AccountId {
    if (!this.#names.includes(name)) this.#names.push(name);
    return this.#names.indexOf(name) as AccountId;
  }

  #command(line: string): Command {
    const cancel = /^> (\w+) CANCEL (\S+)$/.exec(line);
    if (cancel !== null) return this.#cancel(cancel[1]!, cancel[2]!);
    const order =
      /^> (\w+) (BUY|SELL) (\w+)(?: (GTC|IOC|FOK))?(?: (?!for)(\S+))?(?: @ (\S+))?(?: for (\S+) USD)?(?: as (\S+))?$/;
    const match = order.exec(line);
    if (match === null) throw new Error(`not a command: ${line}`);
    const [, name, side, orderType, timeInForce, quantity, price, amount, clientOrderId] = match;
    return {
      type: 'place',
      account: this.#account(name!),
      market: MARKET,
      side: side as Side,
      orderType: orderType as OrderType,
      timeInForce: (timeInForce ?? 'GTC') as TimeInForce,
      price: price === undefined ? null : (units(price) as Price),
      quantity: quantity === undefined ? null : (units(quantity) as Units),
      quoteOrderQty: amount === undefined ? null : (units(amount) as Units),
      clientOrderId: clientOrderId ?? '',
    };
  }

  #cancel(name: string, what: string): Command {
    const account = this.#account(name);
    if (what === 'ALL') return { type: 'cancelAll', account, market: MARKET };
    const byNumber = what.startsWith('#');
    return {
      type: 'cancel',
      account,
      market: MARKET,
      orderId: byNumber ? (Number(what.slice(1)) as OrderId) : null,
      restriction: 'NONE',
      clientOrderId: byNumber ? '' : what,
      newClientOrderId: '',
    };
  }

  /** Applies a command; what happened, a line per event. */
  #apply(command: Command): string[] {
    const outcome = this.#driven.apply(command);
    this.#driven.engine.checkInvariants();
    if (typeof outcome === 'string') return [`refused: ${outcome}`];
    return outcome.map((event) => this.#line(event));
  }

  #line(event: Event): string {
    switch (event.type) {
      case 'order':
        return orderLine(event, this.#names[event.account]!);
      case 'trade':
        return this.#tradeLine(event);
      case 'level':
        return `${event.side === 'BUY' ? 'bids' : 'asks'} at ${decimal(event.price)}: ${decimal(event.quantity)}`;
      case 'balance': {
        const held = event.held > 0 ? `, ${decimal(event.held)} held` : '';
        return `${this.#names[event.account]} has ${decimal(event.available)} ${ASSETS[event.asset]}${held}`;
      }
      default:
        return event.type;
    }
  }

  #tradeLine(event: EventOf<'trade'>): string {
    const taker = { name: this.#names[event.takerAccount], fee: event.takerFee };
    const maker = { name: this.#names[event.makerAccount], fee: event.makerFee };
    const [buyer, seller] = event.takerSide === 'BUY' ? [taker, maker] : [maker, taker];
    const fees = `fees ${decimal(seller.fee)} USD, ${decimal(buyer.fee)} BTC`;
    return `${seller.name} sells ${decimal(event.quantity)} to ${buyer.name} at ${decimal(event.price)}, ${fees}`;
  }

  /** The book as it stands: every open order at its price, from the highest down. */
  #ladder(): string[] {
    const open = this.#names
      .flatMap((_, account) => this.#openOrders(account as AccountId))
      .sort((a, b) => a.orderId - b.orderId);
    const prices = [...new Set(open.map((order) => order.price!))].sort((a, b) => b - a);
    const queue = (price: number, side: Side) =>
      open
        .filter((order) => order.price === price && order.side === side)
        .map((order) => `${decimal(order.quantity - order.executedQuantity)} ${this.#names[order.account]}`)
        .join(', ');
    const rows = prices.map((price) =>
      `${queue(price, 'BUY')} | ${decimal(price)} | ${queue(price, 'SELL')}`.trim(),
    );
    return rows.length === 0 ? ['| empty |'] : rows;
  }

  #openOrders(account: AccountId): EventOf<'order'>[] {
    return this.#driven.ask({ type: 'openOrders', account, market: MARKET }) as EventOf<'order'>[];
  }
}

function orderLine(event: EventOf<'order'>, name: string): string {
  const { orderId, status, executedQuantity, quantity, quoteOrderQty, executedQuote } = event;
  const all = quoteOrderQty !== null && quantity === 0 ? `${decimal(quoteOrderQty)} USD` : decimal(quantity);
  const value = executedQuote > 0 ? ` for ${decimal(executedQuote)} USD` : '';
  return `#${orderId} ${name} ${status} ${decimal(executedQuantity)} of ${all}${value}`;
}

const isLadder = (line: string) => line.split('|').length === 3;

function units(text: string): number {
  const amount = parseDecimal(text, SCALE);
  if (typeof amount === 'string') throw new Error(`not an amount: ${text}`);
  return amount;
}

/** Without the zeros behind. */
const decimal = (amount: number) => formatDecimal(amount, SCALE).replace(/\.?0+$/, '');
