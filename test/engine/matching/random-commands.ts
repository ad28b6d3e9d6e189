/**
 * Streams of commands from a seed: mostly sensible, so that prices move, stops trigger and lists fire; some at the
 * edge of what is exact; some nonsense.
 */
import type { Command, CommandOf } from '#domain/commands.ts';
import {
  CANCEL_REPLACE_MODES,
  CANCEL_RESTRICTIONS,
  MARKET_STATUSES,
  ORDER_TYPES,
  type OrderListKind,
  type OrderType,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  type Side,
  TIMES_IN_FORCE,
} from '#domain/orders.ts';
import { ReferenceEngine } from './reference-engine.ts';

/** A command and when it comes, in microseconds. */
export interface Step {
  readonly command: Command;
  readonly atUs: number;
}

/** Commands are made of plain numbers; that they are ids and amounts is the schema's business. */
type Plain<T> = {
  -readonly [K in keyof T]: T[K] extends number | null ? number | Extract<T[K], null> : T[K];
};
type Rules = Plain<Omit<CommandOf<'setMarketRules'>, 'type' | 'market'>>;
type Terms = Plain<
  Pick<
    CommandOf<'place'>,
    | 'side'
    | 'orderType'
    | 'timeInForce'
    | 'price'
    | 'quantity'
    | 'stopPrice'
    | 'trailingDelta'
    | 'icebergQuantity'
    | 'quoteOrderQty'
  >
>;

type Target = Plain<Pick<CommandOf<'cancel'>, 'account' | 'market' | 'orderId' | 'clientOrderId'>>;

const MAX = Number.MAX_SAFE_INTEGER;
const TICKS_MAX = 2 ** 31 - 1;
const ACCOUNTS = 5;
const START_US = 1_700_000_000_000_000;

/** Of each market: its units, a price in ticks about which to trade, and how far from it. */
const MARKETS = [
  { tick: 10_000, lot: 10_000, middle: 100, spread: 4, symbol: 'GOLDCASH', base: 1, quote: 0 },
  { tick: 1, lot: 1, middle: 50, spread: 3, symbol: 'SHELLCASH', base: 2, quote: 0 },
  { tick: 1, lot: 1e8, middle: 12, spread: 2, symbol: 'GOLDSHELL', base: 1, quote: 2 },
] as const;

class RandomCommands {
  readonly #random: () => number;
  readonly #hasManySessions: boolean;
  /** Where most of it happens. */
  readonly #main: number;
  #nowUs = START_US;
  #lastRequest = 0;
  #nonces = 0;
  #references = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#hasManySessions = this.#chance(0.1);
    this.#main = this.#pick([0, 0, 0, 1, 1, 2]);
  }

  /** Three assets and markets, and money for everyone. */
  first(): Step[] {
    const assets = ['CASH', 'GOLD', 'SHELL'].map((name, asset) =>
      as('listAsset', { asset, name, scale: [6, 8, 0][asset]! }),
    );
    const markets = MARKETS.map(({ symbol, base, quote, tick, lot }, market) =>
      as('listMarket', { market, symbol, base, quote, tick, lot, ...this.#rules(market) }),
    );
    const deposits = Array.from({ length: ACCOUNTS * 3 }, (_, index) =>
      this.#deposit((index % ACCOUNTS) + 1, Math.floor(index / ACCOUNTS)),
    );
    const sessions = Array.from({ length: this.#hasManySessions ? 250 : 1 }, () => this.#session());
    return [...assets, ...markets, ...deposits, ...sessions].map((command) => this.#step(command));
  }

  /** What comes next, mostly aimed at what is open. */
  next(world: ReferenceEngine): Step {
    return this.#step(this.#command(world));
  }

  #step(command: Command): Step {
    const most = this.#pick([50, 50, 50, 20_000, 20_000, 3_000_000, 3_000_000, 60_000_000, 400_000_000]);
    this.#nowUs += this.#between(1, most);
    return { command, atUs: this.#nowUs };
  }

  #command(world: ReferenceEngine): Command {
    const closed = [0, 1, 2].filter((market) => world.status(market) !== 'TRADING');
    if (closed.length > 0 && this.#chance(0.2)) {
      return as('setMarketStatus', { market: this.#pick(closed), status: 'TRADING' });
    }
    const kinds: readonly (readonly [number, () => Command])[] = [
      [46, () => this.#place(world)],
      [14, () => this.#placeList(world)],
      [5, () => this.#cancelReplace(world)],
      [4, () => this.#cancel(world)],
      [6, () => this.#amend(world)],
      [2, () => this.#cancelList(world)],
      [
        0.8,
        () => as('cancelAll', { ...this.#attempt(world), account: this.#account(), market: this.#market() }),
      ],
      [3, () => this.#deposit(this.#account(), this.#between(0, 2))],
      [2.5, () => this.#holdWithdrawal(world)],
      [2.5, () => this.#endWithdrawal(world)],
      [1.5, () => this.#transfer()],
      [3, () => as('advanceTime', {})],
      [2, () => this.#session()],
      [1.5, () => this.#setRules()],
      [1, () => as('setMarketStatus', { market: this.#market(), status: this.#pick(MARKET_STATUSES) })],
      [1.5, () => this.#setFeeTier()],
      [
        2,
        () => as('setAccountTier', { account: this.#account(), tier: this.#pick([0, 0, 1, 2, 3, 255, 300]) }),
      ],
      [0.3, () => as('activateLogic', { version: this.#pick([0, 1, 99]) })],
      [0.8, () => this.#listAsset()],
      [0.8, () => this.#listMarket()],
    ];
    let roll = this.#random() * kinds.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of kinds) {
      roll -= weight;
      if (roll < 0) return make();
    }
    return as('advanceTime', {});
  }

  #place(world: ReferenceEngine): Command {
    const market = this.#market();
    return as('place', {
      ...this.#attempt(world),
      account: this.#account(),
      market,
      ...this.#terms(world, market),
      selfTradePrevention: this.#prevention(),
      clientOrderId: this.#clientId(),
    });
  }

  /** An order that could be meant, with a fault now and then. */
  #terms(world: ReferenceEngine, market: number): Terms {
    const { tick, lot } = shapeOf(market);
    const orderType = this.#chance(0.35)
      ? 'LIMIT'
      : this.#pick(['MARKET' as const, 'MARKET' as const, 'LIMIT_MAKER' as const, ...ORDER_TYPES]);
    const terms = this.#sensible(world, market, this.#pick(SIDES), orderType);
    if (market !== 0 && this.#chance(0.03) && terms.quantity !== null)
      terms.quantity = this.#pick([8e15, 4e15, 1e12]);
    if (market !== 0 && this.#chance(0.03) && terms.price !== null)
      terms.price = this.#pick([1, 1_000, 3e7, TICKS_MAX]);
    if (this.#chance(0.012)) terms.price = this.#pick([null, 0, -10_000, 1, MAX, 1_234_567, 84 * tick]);
    if (this.#chance(0.03))
      terms.quantity = this.#pick([null, 0, -lot, lot + 1, MAX, lot, 70 * lot, 80 * lot]);
    if (this.#chance(0.012)) terms.quoteOrderQty = this.#pick([null, 0, -1, 50, MAX]);
    if (this.#chance(0.012)) terms.stopPrice = this.#pick([null, 0, tick, 101 * tick, 1_234_567, MAX]);
    if (this.#chance(0.012)) terms.trailingDelta = this.#pick([null, 0, 1, 500, 9_999, 70_000, MAX]);
    if (this.#chance(0.012)) terms.icebergQuantity = this.#pick([null, 0, lot, 2 * lot, lot + 1, MAX]);
    if (this.#chance(0.02)) terms.timeInForce = this.#pick(TIMES_IN_FORCE);
    return terms;
  }

  #sensible(world: ReferenceEngine, market: number, side: Side, orderType: OrderType): Terms {
    const { lot } = shapeOf(market);
    const isLimit = orderType.includes('LIMIT');
    const isConditional = orderType.startsWith('STOP') || orderType.startsWith('TAKE');
    const quantity = this.#between(2, this.#chance(0.1) ? 45 : 18) * lot;
    const timeInForce = orderType === 'LIMIT_MAKER' || this.#chance(0.6) ? 'GTC' : this.#pick(TIMES_IN_FORCE);
    const terms: Terms = {
      side,
      orderType,
      timeInForce,
      price: isLimit ? this.#near(world, market) : null,
      quantity,
      stopPrice: null,
      trailingDelta: null,
      icebergQuantity: null,
      quoteOrderQty: null,
    };
    if (
      orderType === 'LIMIT_MAKER' ||
      (orderType === 'LIMIT' && timeInForce === 'GTC' && this.#chance(0.6))
    ) {
      terms.price = this.#beside(world, market, side === 'SELL', 0);
    } else if (orderType === 'MARKET' && this.#chance(0.5)) {
      const value = (quantity / lot) * this.#near(world, market) * (market === 0 ? 1e-4 : 1);
      terms.quantity = null;
      terms.quoteOrderQty = this.#chance(0.04) ? 9e15 : Math.max(1, Math.floor(value) + this.#between(-9, 9));
    } else if (isConditional) {
      this.#addTrigger(world, market, terms);
    }
    if (isLimit && timeInForce === 'GTC' && this.#chance(0.3)) {
      const parts = this.#between(1, this.#chance(0.1) ? 12 : 5);
      terms.icebergQuantity = Math.max(2, Math.ceil(quantity / lot / parts)) * lot;
    }
    return terms;
  }

  #addTrigger(world: ReferenceEngine, market: number, terms: Terms): void {
    const isRising = terms.orderType.startsWith('STOP') === (terms.side === 'BUY');
    const hasDelta = this.#chance(0.35);
    if (hasDelta) terms.trailingDelta = this.#pick([100, 100, 200, 200, 300, 400, 600, 1_000, 2_000, 2_100]);
    if (!hasDelta || this.#chance(0.5)) {
      terms.stopPrice = this.#beside(world, market, this.#chance(0.04) ? !isRising : isRising, 1);
    }
  }

  /** A price that meets orders as often as not. */
  #near(world: ReferenceEngine, market: number): number {
    const { tick, middle, spread } = shapeOf(market);
    const last = world.lastPrice(market) / tick;
    const isFar = last === 0 || Math.abs(last - middle) > middle / 4;
    const center = isFar || this.#chance(0.25) ? middle : last;
    return (Math.round(center) + this.#between(-spread, spread)) * tick;
  }

  /** A price above or below the last one, at least `least` ticks away. */
  #beside(world: ReferenceEngine, market: number, isAbove: boolean, least: number): number {
    const { tick, middle, spread } = shapeOf(market);
    const known = world.lastPrice(market) / tick || middle;
    const last = this.#chance(0.05) || Math.abs(known - middle) > middle * 1_000 ? middle : known;
    const away = this.#between(least, this.#chance(0.5) ? least + 1 : spread);
    return Math.max(1, last + (isAbove ? away : -away)) * tick;
  }

  #placeList(world: ReferenceEngine): Command {
    const market = this.#market();
    const kind = this.#pick<OrderListKind>(['OCO', 'OCO', 'OTO', 'OTO', 'OTOCO', 'OTOCO']);
    const working = this.#sensible(
      world,
      market,
      this.#pick(SIDES),
      this.#chance(0.85) ? 'LIMIT' : 'LIMIT_MAKER',
    );
    let legs: (Terms | null)[];
    if (kind === 'OCO') legs = [...this.#pair(world, market), null];
    else if (kind === 'OTOCO') legs = [working, ...this.#pair(world, market)];
    else legs = [working, this.#sensible(world, market, this.#pick(SIDES), this.#pick(ORDER_TYPES)), null];
    if (this.#chance(0.04)) legs.reverse();
    if (this.#chance(0.05)) legs[this.#between(0, 2)] = this.#terms(world, market);
    const [first, second, third] = legs;
    return as('placeList', {
      ...this.#attempt(world),
      account: this.#account(),
      market,
      kind,
      selfTradePrevention: this.#prevention(),
      ...legFields('first', first),
      ...legFields('second', second),
      ...legFields('third', third),
      listClientOrderId: this.#chance(0.6) ? '' : `l${this.#between(1, 6)}`,
      firstClientOrderId: this.#clientId(),
      secondClientOrderId: this.#clientId(),
      thirdClientOrderId: third === null ? '' : this.#clientId(),
    });
  }

  /** The two legs of an OCO, the upper first. */
  #pair(world: ReferenceEngine, market: number): [Terms, Terms] {
    const side = this.#pick(SIDES);
    const loss = this.#sensible(world, market, side, this.#pick(['STOP_LOSS', 'STOP_LOSS_LIMIT']));
    const gainType = this.#pick(['LIMIT_MAKER', 'LIMIT_MAKER', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'] as const);
    const gain = this.#sensible(world, market, side, gainType);
    const quantity = loss.quantity;
    const isIceberg = gain.icebergQuantity !== null && quantity !== null && gain.icebergQuantity <= quantity;
    const even = { ...gain, quantity, icebergQuantity: isIceberg ? gain.icebergQuantity : null };
    if (even.orderType === 'LIMIT_MAKER') even.price = this.#beside(world, market, side === 'SELL', 1);
    return side === 'BUY' ? [loss, even] : [even, loss];
  }

  #cancel(world: ReferenceEngine): Command {
    const target = this.#target(world);
    return as('cancel', {
      ...this.#attempt(world),
      ...target,
      restriction: this.#restriction(),
      newClientOrderId: this.#clientId(),
    });
  }

  #restriction = () => (this.#chance(0.6) ? 'NONE' : this.#pick(CANCEL_RESTRICTIONS));

  #cancelReplace(world: ReferenceEngine): Command {
    const { account, market, orderId, clientOrderId } = this.#target(world);
    const fields = this.#place(world) as CommandOf<'place'>;
    return as('cancelReplace', {
      ...fields,
      ...this.#terms(world, Math.min(2, Math.max(0, market))),
      ...this.#attempt(world),
      account,
      market,
      mode: this.#pick(CANCEL_REPLACE_MODES),
      cancelOrderId: orderId,
      cancelRestriction: this.#restriction(),
      clientOrderId: this.#chance(0.3) ? clientOrderId : this.#clientId(),
      cancelClientOrderId: clientOrderId,
      cancelNewClientOrderId: this.#clientId(),
    });
  }

  #amend(world: ReferenceEngine): Command {
    const alone = world.open.filter(({ list }) => list === null);
    const order = alone.length > 0 && this.#chance(0.9) ? this.#pick(alone) : undefined;
    const target = order === undefined ? this.#target(world) : this.#names(order);
    const lot = BigInt(shapeOf(target.market).lot);
    const lots = Number((order?.quantity ?? 10n * lot) / lot);
    const least = Number((order === undefined ? 0n : order.executed + order.prevented) / lot);
    const quantity = this.#between(this.#chance(0.9) ? least + 1 : 0, Math.max(lots, 1)) * Number(lot);
    return as('amend', {
      ...this.#attempt(world),
      ...target,
      quantity: this.#chance(0.04) ? quantity + this.#pick([-1, 1]) : Math.min(quantity, MAX),
      newClientOrderId: this.#clientId(),
    });
  }

  #cancelList(world: ReferenceEngine): Command {
    const { lists } = world;
    const list = lists.length > 0 && this.#chance(0.9) ? this.#pick(lists) : undefined;
    return as('cancelList', {
      ...this.#attempt(world),
      account: list === undefined || this.#chance(0.05) ? this.#account() : list.account,
      market: list === undefined || this.#chance(0.05) ? this.#market() : list.market,
      orderListId: this.#chance(0.6) ? (list?.orderListId ?? this.#between(1, 5)) : null,
      listClientOrderId: this.#chance(0.5)
        ? (list?.listClientOrderId ?? 'l1')
        : this.#pick(['', '', `l${this.#between(1, 6)}`]),
      newClientOrderId: this.#clientId(),
    });
  }

  /** Mostly an open order, by one of its names or both; else names that may not exist or agree. */
  #target(world: ReferenceEngine): Target {
    const { open } = world;
    if (open.length > 0 && this.#chance(0.9)) return this.#names(this.#pick(open));
    const orderId = this.#pick([null, 1, 10]);
    return { account: this.#account(), market: this.#market(), orderId, clientOrderId: this.#clientId() };
  }

  #names({ id, terms, clientOrderId }: ReferenceEngine['open'][number]): Target {
    return {
      account: this.#chance(0.04) ? this.#account() : terms.account,
      market: this.#chance(0.04) ? this.#market() : terms.market,
      orderId: this.#chance(0.7) ? id : null,
      clientOrderId: this.#chance(0.5) ? clientOrderId : this.#chance(0.8) ? '' : this.#clientId(),
    };
  }

  /** Mostly a new request, sometimes one that was sent before, or long before. */
  #attempt(world: ReferenceEngine): { session: number; request: number } {
    const { sessions } = world;
    if (sessions.length === 0 || this.#chance(0.6)) return { session: 0, request: this.#between(0, 3) };
    const session = this.#chance(0.03) ? this.#between(-1, 300) : this.#pick(sessions.slice(-3));
    if (this.#chance(0.75)) return { session, request: ++this.#lastRequest };
    const back = this.#pick([1, 1, 2, 3, 5, 1_024, 1_025, 1_026, 2_048]);
    if (this.#chance(0.1)) this.#lastRequest += this.#pick([1_000, 1_024]);
    return {
      session,
      request: Math.max(1, this.#lastRequest - this.#between(0, 3) - (this.#chance(0.5) ? 0 : back)),
    };
  }

  #session(): Command {
    const isNew = this.#nonces === 0 || this.#chance(this.#hasManySessions ? 0.9 : 0.4);
    const nonce = isNew ? ++this.#nonces : this.#between(1, this.#nonces);
    return as('openSession', { nonce: nonce * 1_000_003 });
  }

  #deposit(account: number, asset: number): Command {
    const few = [60_000, 2e10, 3_000][asset]!;
    const ordinary = this.#between(Math.floor(few / 4), few);
    return as('deposit', {
      account,
      asset: this.#chance(0.03) ? this.#pick([-1, 7]) : asset,
      amount: this.#chance(0.85) ? ordinary : this.#pick([1e9, 4e15, 9e15, 0, -5, MAX]),
      reference: this.#chance(0.1) ? 'again' : `r${++this.#references}`,
    });
  }

  /** Now and then the same again, or another under the same reference. */
  #holdWithdrawal(world: ReferenceEngine): Command {
    const account = this.#account();
    const asset = this.#between(0, 2);
    const all = world.balances(account).find((balance) => balance.asset === asset)?.available ?? 0;
    const amount = this.#chance(0.85) ? this.#pick([10, all, Math.ceil(all / 3)]) : this.#pick([0, -5, MAX]);
    return as('holdWithdrawal', {
      account,
      asset: this.#chance(0.03) ? this.#pick([-1, 7]) : asset,
      amount,
      fee: this.#pick([0, 1, 9, amount, -1]),
      reference: this.#chance(0.15) ? 'again' : `w${++this.#references}`,
      ...(this.#chance(0.1) ? { account: 1, asset: 0, amount: 10, fee: 1, reference: 'same' } : {}),
    });
  }

  #endWithdrawal(world: ReferenceEngine): Command {
    const known = world.withdrawals.slice(-3);
    const reference = known.length === 0 || this.#chance(0.05) ? 'unheard' : this.#pick(known);
    return as(this.#pick(['settleWithdrawal', 'settleWithdrawal', 'releaseWithdrawal']), { reference });
  }

  #transfer(): Command {
    return as('transfer', {
      from: this.#account(),
      to: this.#account(),
      asset: this.#chance(0.03) ? this.#pick([-1, 7]) : this.#between(0, 2),
      amount: this.#chance(0.9) ? this.#pick([1, 2_000, 1e9]) : this.#pick([0, -5, MAX]),
      reference: this.#chance(0.15) ? 'again' : `t${++this.#references}`,
      ...(this.#chance(0.1) ? { from: 1, to: 2, asset: 0, amount: 1, reference: 'same' } : {}),
    });
  }

  #setFeeTier(): Command {
    const fee = () => this.#pick([0, 10, 500, 2_500, 250_000, 999_999]);
    const fault = this.#chance(0.1)
      ? this.#pick([{ makerFee: -1 }, { takerFee: 1_000_000 }, { tier: 256 }])
      : {};
    return as('setFeeTier', {
      tier: this.#pick([0, 1, 2, 3, 255]),
      makerFee: fee(),
      takerFee: fee(),
      ...fault,
    });
  }

  /** Rules that let most through, each with a chance to bite. */
  #rules(market: number): Rules {
    const { tick, lot, middle } = shapeOf(market);
    const fee = () => this.#pick([0, 1, 1_000, 2_500, 333_333, 999_999]);
    const down = () => this.#pick([0, 0, 0, 0, 700_000, 850_000, 930_000, 970_000]);
    const up = () => this.#pick([0, 0, 0, 0, 1_300_000, 1_150_000, 1_070_000, 1_030_000]);
    const isOrdinary = market === 0;
    const quantityMax = isOrdinary ? 80 * lot : market === 1 ? MAX : 8e15;
    return {
      priceMin: isOrdinary ? 85 * tick : tick,
      priceMax: isOrdinary ? 115 * tick : market === 1 ? TICKS_MAX : 1_000 * middle,
      quantityMin: 2 * lot,
      quantityMax,
      marketQuantityMax: this.#chance(0.15) ? 12 * lot : 60 * lot,
      notionalMin: isOrdinary ? 300 : this.#pick([1, 30]),
      notionalMax: isOrdinary ? 7_500 : MAX,
      bidDown: down(),
      bidUp: up(),
      askDown: down(),
      askUp: up(),
      averageMinutes: this.#pick([0, 1, 5, 1_440]),
      ordersMax: this.#pick([4, 9, 15, 20]),
      algoOrdersMax: this.#pick([2, 5, 9, 20]),
      icebergOrdersMax: this.#pick([0, 3, 10, 10]),
      orderListsMax: this.#pick([0, 2, 10, 10, 10, 10]),
      icebergPartsMax: this.#pick([4, 6, 20]),
      amendsMax: this.#pick([0, 1, 2, 5, 5]),
      positionMax: this.#chance(0.8) ? null : this.#pick([2_000_000, 2e10, 3e10, 3_000]) + quantityMinOf(lot),
      trailingAboveMin: this.#pick([1, 1, 150]),
      trailingAboveMax: this.#pick([1_000, 2_000, 2_000]),
      trailingBelowMin: this.#pick([1, 1, 150]),
      trailingBelowMax: this.#pick([1_000, 2_000, 2_000]),
      breakerMove: this.#chance(0.5) ? 0 : this.#pick([30_000, 60_000, 100_000]) * (market === 2 ? 4 : 1),
      breakerSeconds: this.#pick([1, 10, 120]),
      makerFee: fee(),
      takerFee: fee(),
    };
  }

  #setRules(): Command {
    const market = this.#between(0, 2);
    const fault = this.#chance(0.15)
      ? this.#pick([{ market: 9 }, { priceMin: 7 - MAX }, { ordersMax: 0 }, { breakerSeconds: 0 }])
      : {};
    return as('setMarketRules', { market, ...this.#rules(market), ...fault });
  }

  #listAsset(): Command {
    const name = this.#pick(['', 'CASH', 'STONE']);
    return as('listAsset', { asset: this.#between(2, 4), name, scale: this.#pick([-1, 3, 16]) });
  }

  #listMarket(): Command {
    const like = this.#between(0, 2);
    const { base, quote, tick, lot } = shapeOf(like);
    const symbol = this.#pick(['', 'GOLDCASH', 'CASHSHELL']);
    const fault = this.#pick([
      { tick: 0 },
      { base: quote },
      { base: 9 },
      { tick: 7 },
      { ordersMax: 0 },
      { makerFee: 1e6 },
      { priceMax: (TICKS_MAX + 1) * tick },
    ]);
    const market = this.#between(2, 4);
    return as('listMarket', { market, symbol, base, quote, tick, lot, ...this.#rules(like), ...fault });
  }

  #account(): number {
    return this.#chance(0.01)
      ? this.#pick([0, -1, 2 ** 31])
      : this.#between(1, this.#chance(0.4) ? 2 : ACCOUNTS);
  }

  #market(): number {
    return this.#chance(0.01) ? this.#pick([3, -1]) : this.#chance(0.7) ? this.#main : this.#between(0, 2);
  }

  /** Often none, and often one that was there before; of lengths that the engine keeps in different places. */
  #clientId(): string {
    if (this.#chance(0.5)) return '';
    const number = this.#between(1, 40);
    return `c${number}`.padStart([0, 8, 9, 16, 17, 36][number % 6]!, 'c');
  }

  #prevention() {
    return this.#chance(0.2) ? 'NONE' : this.#pick(SELF_TRADE_PREVENTIONS);
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  /** A whole number from `least` to `most`. */
  #between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

/** The first commands and so many more, aimed at what is open in a reference engine of their own. */
export function randomSteps(random: () => number, count: number): readonly Step[] {
  const commands = new RandomCommands(random);
  const world = new ReferenceEngine();
  const steps = commands.first();
  for (const { command, atUs } of steps) world.apply(command, atUs);
  for (let more = count; more > 0; more--) {
    const step = commands.next(world);
    world.apply(step.command, step.atUs);
    steps.push(step);
  }
  return steps;
}

const shapeOf = (market: number) => MARKETS[market] ?? MARKETS[0];
const quantityMinOf = (lot: number) => 2 * lot;

/** The command, its plain numbers taken for ids and amounts. */
function as<T extends Command['type']>(type: T, fields: Plain<Omit<CommandOf<T>, 'type'>>): Command {
  return { ...fields, type } as unknown as Command;
}

/** A leg's terms under the names that `placeList` has for them; of no leg, as many nulls. */
function legFields<P extends string>(prefix: P, terms: Terms | null | undefined) {
  const { quoteOrderQty: _, ...fields } = terms ?? {
    side: 'BUY' as const,
    orderType: 'LIMIT' as const,
    timeInForce: 'GTC' as const,
    price: null,
    quantity: null,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    quoteOrderQty: null,
  };
  const named = Object.entries(fields).map(([name, value]) => [
    prefix + name[0]!.toUpperCase() + name.slice(1),
    value,
  ]);
  return Object.fromEntries(named) as {
    [K in keyof typeof fields as `${P}${Capitalize<K>}`]: (typeof fields)[K];
  };
}
