/**
 * Plays a scenario written as text, and compares it with what the engine really does. One market: BTC for USD,
 * prices in whole dollars, quantities in tenths; makers pay 0.1 %, takers 0.2 %, unless the scenario's rules differ.
 *
 * Before the first command:
 *   last price 100                     two strangers trade at 100; their orders are #1 and #2
 *   alice has 500 USD                  a deposit
 *            | 102 | 3 carol           a ladder: these orders rest, each account having just what they need; numbered
 *     2 dave |  99 |                   #1, #2 … (or #3, #4 …) from the top, and along each queue
 *   balances aside                     the scenario does not tell balances
 *
 * A command is a line behind `>`; then what must have happened, line by line, `refused: reason`, or
 * `repeated` for a request that was executed before:
 *   > alice BUY LIMIT GTC 1 @ 102      also `MARKET 1`, `MARKET for 100 USD`; behind it any of `stop 96`,
 *                                      `trail 100bp`, `showing 0.5`, `stp EXPIRE_MAKER`, `as id`
 *   > alice OCO SELL 1: LIMIT_MAKER @ 110 | STOP_LOSS stop 90
 *                                      also `OTO` and `OTOCO`; terms before the colon are those of every order, and
 *                                      an `as id` there names the list
 *   > alice CANCEL #3                  also `CANCEL id`, `CANCEL #3 id`, with `ONLY_NEW`, with `as id`; `CANCEL ALL`;
 *                                      `CANCEL list 1`, `CANCEL list id`
 *   > alice AMEND #3 to 0.5            also `AMEND id`, with `as id` for a new id
 *   > alice REPLACE #3 with BUY LIMIT GTC 1 @ 101
 *                                      an `or not` before `with` places though the cancel failed (ALLOW_FAILURE)
 *   > operator sets HALT               also `sets breakerMove=50000, breakerSeconds=8` (any rules of a market),
 *                                      `sets tier 1: maker 500, taker 1000`, `puts alice in tier 1`
 *   > alice WITHDRAWS 100 USD, fee 1, as w1
 *   > wallet settles w1                also `releases w1`
 *   > alice SENDS 100 USD to bob as t1
 *   > gateway opens session 42         a session for this nonce; `> 1:7 alice BUY …` is request 7 of session 1
 *   > price moves to 96                two strangers trade at 96, with two more order numbers; only what follows from
 *                                      it is told
 *   > time passes                      a command that does nothing else
 * What happened:
 *   #3 alice NEW 0 of 1 stop 96 waiting
 *                                      an order as it stands: executed of all, what it got for that, its stop, its
 *                                      trailing delta, its slice, what self-trade prevention took, its list, and the
 *                                      id of the cancel that ended it; `waiting` until it triggers
 *   asks at 102: 2                     what the level shows if that changed; hidden slices do not count
 *   w1 held: 100 USD of alice, fee 1   also `settled` and `released`
 *   t1: 100 USD from alice to bob
 *   alice has 398 USD, 102 held        a balance that is another than before
 *            | 102 | 2 carol           a ladder: how the book must stand, hidden slices counted
 *
 * `after 30s` between commands lets time go by (also `after 500ms`). Levels and balances may stand in any order.
 */
import { expect } from '@jest/globals';
import type { Command, CommandOf } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type {
  AccountId,
  AssetId,
  BasisPoints,
  MarketId,
  OrderId,
  OrderListId,
  Ppm,
  Price,
  SessionId,
  TimeUs,
  Units,
} from '#domain/ids.ts';
import { type Listings, listingCommands } from '#domain/markets.ts';
import { formatDecimal, parseDecimal } from '#domain/money.ts';
import {
  CANCEL_RESTRICTIONS,
  MARKET_STATUSES,
  type OrderListKind,
  type OrderType,
  type SelfTradePrevention,
  SIDES,
  type Side,
  TIMES_IN_FORCE,
  type TimeInForce,
} from '#domain/orders.ts';
import { rejectionName } from '#domain/rejections.ts';
import { DrivenEngine } from './driven-engine.ts';

const MARKET = 0 as MarketId;
const ASSETS = ['BTC', 'USD'];
const BTC = 0;
const USD = 1;
const SCALE = 4;

type Rules = Partial<Listings['markets'][number]>;

/** Rules of a scenario that leaves fees aside. */
export const FREE: Rules = { makerFeePpm: 0, takerFeePpm: 0 };

function listings(rules: Rules): ReturnType<typeof listingCommands> {
  return listingCommands({
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
        bidDownPpm: 0,
        bidUpPpm: 0,
        askDownPpm: 0,
        askUpPpm: 0,
        averageMinutes: 0,
        ordersMax: 3,
        algoOrdersMax: 3,
        icebergOrdersMax: 3,
        orderListsMax: 3,
        icebergPartsMax: 10,
        amendsMax: 2,
        positionMax: null,
        trailingAboveMin: 10,
        trailingAboveMax: 2_000,
        trailingBelowMin: 10,
        trailingBelowMax: 2_000,
        breakerMovePpm: 0,
        breakerSeconds: 8,
        makerFeePpm: 1_000,
        takerFeePpm: 2_000,
        ...rules,
      },
    ],
  });
}

/** Compares the scenario with what happens, as one text each, blanks aside. */
export function play(scenario: string, rules: Rules = {}): void {
  const lines = scenario
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
  expect(inOrder(new Scenario(rules).play(lines))).toEqual(inOrder(lines));
}

class Scenario {
  readonly #driven = new DrivenEngine();
  /** Account 0 is the exchange's own, where fees go. */
  readonly #names = ['exchange'];
  #rules: CommandOf<'setMarketRules'>;
  /** How much later it is than one microsecond per command. */
  #afterUs = 0;
  #tellsBalances = true;
  /** What each level showed last. */
  readonly #levels = new Map<string, number>();

  constructor(rules: Rules) {
    const commands = listings(rules);
    for (const listing of commands) this.#apply(listing);
    this.#rules = rulesOf(commands.at(-1) as CommandOf<'listMarket'>);
  }

  /** What the text should have been. */
  play(lines: readonly string[]): string[] {
    const start = lines.findIndex((line) => line.startsWith('>'));
    const actual = lines.slice(0, start);
    for (const line of actual) this.#setUp(line);
    lines.slice(start).forEach((line, index, rest) => {
      if (line.startsWith('> price moves to ')) actual.push(line, ...this.#movePrice(line.slice(17)));
      else if (line.startsWith('>')) actual.push(line, ...this.#apply(this.#command(line)));
      else if (line.startsWith('after ')) actual.push(this.#wait(line));
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
    } else if (line === 'balances aside') {
      this.#tellsBalances = false;
    } else if (line.startsWith('after ')) {
      this.#wait(line);
    } else if (line.startsWith('last price ')) {
      this.#movePrice(line.slice(11));
    } else {
      const [, name, amount, asset] = /^(\w+) has (\S+) (\w+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a beginning: ${line}`);
      this.#deposit(name, ASSETS.indexOf(asset!), units(amount!));
    }
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

  /** Lets strangers trade one coin at this price; what else happened because of it. */
  #movePrice(price: string): string[] {
    const strangers = ['somebody', 'anybody'];
    this.#deposit('somebody', BTC, units('1'));
    this.#deposit('anybody', USD, units(price));
    const offered = this.#apply(this.#command(`> somebody SELL LIMIT GTC 1 @ ${price}`));
    const traded = this.#apply(this.#command(`> anybody BUY LIMIT GTC 1 @ ${price}`));
    if (offered[1] !== `asks at ${price}: 1`) throw new Error(`no move to ${price}: ${offered.join('; ')}`);
    return traded.filter(
      (line) => line !== `asks at ${price}: 0` && !strangers.some((name) => line.split(' ').includes(name)),
    );
  }

  #wait(line: string): string {
    const [, amount, unit] = /^after (\d+)(s|ms)$/.exec(line) ?? [];
    if (amount === undefined) throw new Error(`not a time: ${line}`);
    this.#afterUs += Number(amount) * (unit === 's' ? 1_000_000 : 1_000);
    return line;
  }

  #account(name: string): AccountId {
    if (!this.#names.includes(name)) this.#names.push(name);
    return this.#names.indexOf(name) as AccountId;
  }

  #command(line: string): Command {
    const [, session, request, text] = /^> (?:(\d+):(\d+) )?(.*)$/.exec(line) ?? [];
    const attempt = { session: Number(session ?? 0) as SessionId, request: Number(request ?? 0) };
    const [name, ...words] = text!.split(' ') as [string, ...string[]];
    if (name === 'time') return { type: 'advanceTime' };
    if (name === 'gateway') return { type: 'openSession', nonce: Number(words.at(-1)) };
    if (name === 'operator') return this.#operatorCommand(words);
    if (name === 'wallet')
      return {
        type: words[0] === 'settles' ? 'settleWithdrawal' : 'releaseWithdrawal',
        reference: words[1]!,
      };
    if (words[0] === 'WITHDRAWS' || words[0] === 'SENDS') return this.#moneyCommand(name, text!);
    const account = { ...attempt, account: this.#account(name), market: MARKET };
    if (words[0] === 'CANCEL') return cancelCommand(account, words.slice(1));
    if (words[0] === 'AMEND') return amendCommand(account, words.slice(1));
    if (words[0] === 'REPLACE') return replaceCommand(account, words.slice(1));
    if (/^O(CO|TO|TOCO)\b/.test(words[0]!)) return listCommand(account, words.join(' '));
    return { type: 'place', ...account, ...order(parseOrder(words)) };
  }

  #moneyCommand(name: string, text: string): Command {
    const [, amount, coin, fee, to, reference] =
      /(?:WITHDRAWS|SENDS) (\S+) (\w+)(?:, fee (\S+),| to (\w+)) as (\w+)$/.exec(text) ?? [];
    if (reference === undefined) throw new Error(`not a command: ${text}`);
    const money = { asset: ASSETS.indexOf(coin!) as AssetId, amount: units(amount!) as Units, reference };
    const account = this.#account(name);
    if (to !== undefined) return { type: 'transfer', from: account, to: this.#account(to), ...money };
    return { type: 'holdWithdrawal', account, ...money, fee: units(fee!) as Units };
  }

  #operatorCommand(words: readonly string[]): Command {
    const text = words.join(' ');
    const status = MARKET_STATUSES.find((each) => text === `sets ${each}`);
    if (status !== undefined) return { type: 'setMarketStatus', market: MARKET, status };
    const [, tier, maker, taker] = /^sets tier (\d+): maker (\d+), taker (\d+)$/.exec(text) ?? [];
    if (tier !== undefined) {
      return { type: 'setFeeTier', tier: Number(tier), makerFee: ppm(maker!), takerFee: ppm(taker!) };
    }
    const [, name, level] = /^puts (\w+) in tier (\d+)$/.exec(text) ?? [];
    if (name !== undefined)
      return { type: 'setAccountTier', account: this.#account(name), tier: Number(level) };
    if (words[0] !== 'sets') throw new Error(`not a command: operator ${text}`);
    const changes = words
      .slice(1)
      .map((word) => word.replace(',', '').split('='))
      .map(([rule, value]) => [
        rule,
        /^(price|quantity|market|notional|position)/.test(rule!) ? units(value!) : Number(value),
      ]);
    return { ...this.#rules, ...Object.fromEntries(changes) };
  }

  /** Applies a command; what happened, a line per event. */
  #apply(command: Command): string[] {
    const outcome = this.#driven.apply(command, (this.#driven.engine.lastSeq + 1 + this.#afterUs) as TimeUs);
    this.#driven.engine.checkInvariants();
    if (outcome === 'repeated') return [outcome];
    if (typeof outcome === 'string') return [`refused: ${outcome}`];
    if (command.type === 'setMarketRules') this.#rules = command;
    return outcome.filter((event) => this.#isTold(event)).map((event) => this.#line(event));
  }

  /** A level that shows what it showed before need not be told. */
  #isTold(event: Event): boolean {
    if (event.type === 'balance') return this.#tellsBalances;
    if (event.type !== 'level') return true;
    const level = `${event.side} ${event.price}`;
    const isNew = event.quantity !== (this.#levels.get(level) ?? 0);
    this.#levels.set(level, event.quantity);
    return isNew;
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
      case 'preventedMatch': {
        const { mode, price, takerOrderId, makerOrderId } = event;
        const taken = decimal(event.takerPreventedQuantity);
        const made = decimal(event.makerPreventedQuantity);
        return `prevented at ${decimal(price)} by ${mode}: ${taken} of #${takerOrderId}, ${made} of #${makerOrderId}`;
      }
      case 'orderList': {
        const ids = [event.firstOrderId, event.secondOrderId, event.thirdOrderId].filter((id) => id !== null);
        const orders = ids.map((id) => `#${id}`).join(', ');
        return `list ${event.orderListId} ${this.#names[event.account]} ${event.kind} ${event.status}: ${orders}`;
      }
      case 'amended': {
        const from = `#${event.orderId} amended from ${decimal(event.quantityBefore)} to ${decimal(event.quantity)}`;
        const before = event.clientOrderIdBefore;
        return `${from}, number ${event.number}${before === '' ? '' : `, called ${before} before`}`;
      }
      case 'cancelReplaced':
        return `cancel: ${half(event.cancelCode)}, place: ${half(event.placeCode)}`;
      case 'marketStatus':
        return `market ${event.status}`;
      case 'feeTierSet':
        return `tier ${event.tier}: maker ${event.makerFee}, taker ${event.takerFee}`;
      case 'accountTierSet':
        return `${this.#names[event.account]} in tier ${event.tier}`;
      case 'withdrawalHeld':
      case 'withdrawalSettled':
      case 'withdrawalReleased': {
        const { account, asset, amount, fee, reference } = event;
        const whose = `${decimal(amount)} ${ASSETS[asset]} of ${this.#names[account]}`;
        return `${reference} ${event.type.slice(10).toLowerCase()}: ${whose}, fee ${decimal(fee)}`;
      }
      case 'transferred': {
        const { from, to, asset, amount, reference } = event;
        return `${reference}: ${decimal(amount)} ${ASSETS[asset]} from ${this.#names[from]} to ${this.#names[to]}`;
      }
      case 'sessionOpened':
        return `session ${event.session} for ${event.nonce}`;
      default:
        return event.type;
    }
  }

  #tradeLine(event: EventOf<'trade'>): string {
    const taker = { name: this.#names[event.takerAccount], fee: event.takerFee };
    const maker = { name: this.#names[event.makerAccount], fee: event.makerFee };
    const [buyer, seller] = event.takerSide === 'BUY' ? [taker, maker] : [maker, taker];
    const fees =
      buyer.fee + seller.fee === 0 ? '' : `, fees ${decimal(seller.fee)} USD, ${decimal(buyer.fee)} BTC`;
    return `${seller.name} sells ${decimal(event.quantity)} to ${buyer.name} at ${decimal(event.price)}${fees}`;
  }

  /** The book as it stands: every resting order at its price, from the highest down, in the order of the queue. */
  #ladder(): string[] {
    const resting = SIDES.flatMap((side) => [...this.#driven.engine.resting(MARKET, side)]);
    const prices = [...new Set(resting.map((order) => order.price!))].sort((a, b) => b - a);
    const queue = (price: number, side: Side) =>
      resting
        .filter((order) => order.price === price && order.side === side)
        .map((order) => `${decimal(remaining(order))} ${this.#names[order.account]}`)
        .join(', ');
    const rows = prices.map((price) =>
      `${queue(price, 'BUY')} | ${decimal(price)} | ${queue(price, 'SELL')}`.trim(),
    );
    return rows.length === 0 ? ['| empty |'] : rows;
  }
}

/** Who asks, of which session. */
type Asker = Pick<CommandOf<'cancelAll'>, 'session' | 'request' | 'account' | 'market'>;

/** The words of an order: `BUY LIMIT GTC 1 @ 100 as mine`. */
interface Terms {
  side?: Side;
  orderType?: OrderType;
  timeInForce?: TimeInForce;
  price?: Price;
  quantity?: Units;
  quoteOrderQty?: Units;
  stopPrice?: Price;
  trailingDelta?: BasisPoints;
  icebergQuantity?: Units;
  selfTradePrevention?: SelfTradePrevention;
  clientOrderId?: string;
}

function parseOrder(words: readonly string[]): Terms {
  const terms: Terms = {};
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (SIDES.includes(word as Side)) terms.side = word as Side;
    else if (TIMES_IN_FORCE.includes(word as TimeInForce)) terms.timeInForce = word as TimeInForce;
    else if (word === '@') terms.price = units(rest.shift()!) as Price;
    else if (word === 'stop') terms.stopPrice = units(rest.shift()!) as Price;
    else if (word === 'trail') terms.trailingDelta = Number.parseInt(rest.shift()!, 10) as BasisPoints;
    else if (word === 'showing') terms.icebergQuantity = units(rest.shift()!) as Units;
    else if (word === 'stp') terms.selfTradePrevention = rest.shift() as SelfTradePrevention;
    else if (word === 'as') terms.clientOrderId = rest.shift()!;
    else if (word === 'for') terms.quoteOrderQty = units(rest.splice(0, 2)[0]!) as Units;
    else if (/^[\d.]+$/.test(word)) terms.quantity = units(word) as Units;
    else terms.orderType = word as OrderType;
  }
  return terms;
}

function order(terms: Terms) {
  if (terms.side === undefined || terms.orderType === undefined) {
    throw new Error(`not an order: ${JSON.stringify(terms)}`);
  }
  return {
    ...leg(terms),
    quoteOrderQty: terms.quoteOrderQty ?? null,
    selfTradePrevention: terms.selfTradePrevention ?? 'NONE',
    clientOrderId: terms.clientOrderId ?? '',
  };
}

/** What an order of a list says of itself. */
const leg = (terms: Terms) => ({
  side: terms.side ?? 'BUY',
  orderType: terms.orderType ?? 'LIMIT',
  timeInForce: terms.timeInForce ?? 'GTC',
  price: terms.price ?? null,
  quantity: terms.quantity ?? null,
  stopPrice: terms.stopPrice ?? null,
  trailingDelta: terms.trailingDelta ?? null,
  icebergQuantity: terms.icebergQuantity ?? null,
});

type Leg = ReturnType<typeof leg>;

/** `{side: …}` as `{firstSide: …}`. */
function prefixed<P extends string>(prefix: P, fields: Leg) {
  const named = Object.entries(fields).map(([name, value]) => [
    prefix + name[0]!.toUpperCase() + name.slice(1),
    value,
  ]);
  return Object.fromEntries(named) as { [K in keyof Leg as `${P}${Capitalize<K>}`]: Leg[K] };
}

function listCommand(asker: Asker, text: string): Command {
  const [head, tail] = text.split(':') as [string, string];
  const [kind, ...words] = head.split(' ') as [OrderListKind, ...string[]];
  const { clientOrderId, selfTradePrevention, ...common } = parseOrder(words);
  const [first, second, third] = tail
    .split('|')
    .map((part) => ({ ...common, ...parseOrder(part.trim().split(' ')) }));
  return {
    type: 'placeList',
    ...asker,
    kind,
    selfTradePrevention: selfTradePrevention ?? 'NONE',
    ...prefixed('first', leg(first!)),
    ...prefixed('second', leg(second ?? {})),
    ...prefixed('third', leg(third ?? {})),
    listClientOrderId: clientOrderId ?? '',
    firstClientOrderId: first!.clientOrderId ?? '',
    secondClientOrderId: second?.clientOrderId ?? '',
    thirdClientOrderId: third?.clientOrderId ?? '',
  };
}

/** What `#3`, `mine`, or `#3 mine`, with `ONLY_NEW` and `as id` behind it, names. */
function parseNamed(words: readonly string[]) {
  const as = words.indexOf('as');
  const names = as < 0 ? words : words.slice(0, as);
  const number = names.find((word) => /^#\d+$/.test(word));
  const restriction = CANCEL_RESTRICTIONS.find((each) => names.includes(each));
  return {
    orderId: number === undefined ? null : (Number(number.slice(1)) as OrderId),
    restriction: restriction ?? 'NONE',
    clientOrderId: names.find((word) => word !== number && word !== restriction) ?? '',
    newClientOrderId: as < 0 ? '' : words[as + 1]!,
  };
}

function cancelCommand(asker: Asker, words: readonly string[]): Command {
  if (words[0] === 'ALL') return { type: 'cancelAll', ...asker };
  if (words[0] !== 'list') return { type: 'cancel', ...asker, ...parseNamed(words) };
  const { clientOrderId, newClientOrderId } = parseNamed(
    words.slice(1).filter((word) => !/^\d+$/.test(word)),
  );
  const number = words.find((word) => /^\d+$/.test(word));
  return {
    type: 'cancelList',
    ...asker,
    orderListId: number === undefined ? null : (Number(number) as OrderListId),
    listClientOrderId: clientOrderId,
    newClientOrderId,
  };
}

function amendCommand(asker: Asker, words: readonly string[]): Command {
  const to = words.indexOf('to');
  const { orderId, clientOrderId, newClientOrderId } = parseNamed([
    ...words.slice(0, to),
    ...words.slice(to + 2),
  ]);
  const quantity = units(words[to + 1]!) as Units;
  return { type: 'amend', ...asker, orderId, quantity, clientOrderId, newClientOrderId };
}

function replaceCommand(asker: Asker, words: readonly string[]): Command {
  const at = words.indexOf('with');
  const mayFail = words[at - 2] === 'or' && words[at - 1] === 'not';
  const named = parseNamed(words.slice(0, mayFail ? at - 2 : at));
  return {
    type: 'cancelReplace',
    ...asker,
    ...order(parseOrder(words.slice(at + 1))),
    mode: mayFail ? 'ALLOW_FAILURE' : 'STOP_ON_FAILURE',
    cancelOrderId: named.orderId,
    cancelRestriction: named.restriction,
    cancelClientOrderId: named.clientOrderId,
    cancelNewClientOrderId: named.newClientOrderId,
  };
}

/** The rules that a market was listed with, as a command that sets them. */
function rulesOf(listing: CommandOf<'listMarket'>): CommandOf<'setMarketRules'> {
  const { type: _, base: __, quote: ___, tick: ____, lot: _____, symbol: ______, ...rules } = listing;
  return { type: 'setMarketRules', ...rules };
}

function orderLine(event: EventOf<'order'>, name: string): string {
  const { orderId, status, executedQuantity, quantity, quoteOrderQty, executedQuote } = event;
  const all = quoteOrderQty !== null && quantity === 0 ? `${decimal(quoteOrderQty)} USD` : decimal(quantity);
  const isWaiting = status === 'NEW' && event.workingAt === null;
  const more = [
    executedQuote > 0 ? ` for ${decimal(executedQuote)} USD` : '',
    event.stopPrice !== null ? ` stop ${decimal(event.stopPrice)}` : '',
    event.trailingDelta !== null ? ` trail ${event.trailingDelta}bp` : '',
    isWaiting ? ' waiting' : '',
    event.icebergQuantity !== null ? ` showing ${decimal(event.icebergQuantity)}` : '',
    event.preventedQuantity > 0 ? ` prevented ${decimal(event.preventedQuantity)}` : '',
    event.orderListId !== null ? ` in list ${event.orderListId}` : '',
    event.cancelId !== '' ? ` by ${event.cancelId}` : '',
  ];
  return `#${orderId} ${name} ${status} ${decimal(executedQuantity)} of ${all}${more.join('')}`;
}

/** One half of a cancel-replace. */
const half = (code: number | null) =>
  code === null ? 'not tried' : code === 0 ? 'done' : rejectionName(code);

const remaining = ({ quantity, executedQuantity, preventedQuantity }: EventOf<'order'>) =>
  quantity - executedQuantity - preventedQuantity;

const isLadder = (line: string) => !line.startsWith('>') && line.split('|').length === 3;

const isTotal = (line: string) =>
  /^(bids|asks) at \S+: \S+$/.test(line) || /^\w+ has \S+ (BTC|USD)/.test(line);

/** Levels and balances that follow each other, sorted. */
function inOrder(lines: readonly string[]): string[] {
  const sorted: string[] = [];
  let totals: string[] = [];
  for (const line of lines) {
    if (isTotal(line)) {
      totals.push(line);
      continue;
    }
    sorted.push(...totals.sort(), line);
    totals = [];
  }
  return [...sorted, ...totals.sort()];
}

function units(text: string): number {
  const amount = parseDecimal(text, SCALE);
  if (typeof amount === 'string') throw new Error(`not an amount: ${text}`);
  return amount;
}

const ppm = (text: string) => Number(text) as Ppm;

/** Without the zeros behind. */
const decimal = (amount: number) => formatDecimal(amount, SCALE).replace(/\.?0+$/, '');
