/**
 * Keeps every book alive on a laptop: a maker that quotes a ladder around a wandering price, and a taker that
 * now and then trades against it. Both are ordinary accounts that send ordinary commands.
 */
import { randomInt } from 'node:crypto';
import type { CommandOf } from '#domain/commands.ts';
import type { EventOf } from '#domain/events.ts';
import type { AccountId, Price, SessionId, Units } from '#domain/ids.ts';
import { parseDecimal } from '#domain/money.ts';
import type { Side } from '#domain/orders.ts';
import { type EngineClient, EngineUnavailable } from '#platform/engine-client.ts';

/** Where a book opens that has no trade yet; a market that is not named here is left alone. */
const OPENING_PRICES: Readonly<Record<string, string>> = {
  BTCUSDT: '65000',
  ETHUSDT: '3200',
  SOLUSDT: '150',
  XRPUSDT: '0.6',
  ETHBTC: '0.0492',
};

/** All markets take their turn within this time, so that a laptop hardly notices. */
const ROUND_MS = 1_000;
const LEVELS_PER_SIDE = 12;
/** The ladder's step, as a divisor of the price: one hundredth of a percent. */
const STEP_DIVISOR = 10_000;
/** A quote is worth 100 to 2,000 times the market's smallest order. */
const QUOTE_NOTIONALS = { min: 100, max: 2_000 };
/** The price wanders by at most this many steps of the ladder a turn. */
const WANDER_STEPS_MAX = 2;
const TAKE_ONE_TURN_IN = 3;
/** A turn whose answer is lost is not sent again: the next one looks at the book anew. */
const UNNUMBERED = { session: 0 as SessionId, request: 0 };

type Market = EventOf<'marketListed'>;
export interface Bots {
  readonly engine: EngineClient;
  readonly maker: AccountId;
  readonly taker: AccountId;
  readonly assets: readonly EventOf<'assetListed'>[];
  readonly markets: readonly Market[];
  readonly onError: (error: unknown) => void;
}

/** Quotes until {@link stop} is called; the orders stay in the book. */
export function startMarketMaker(bots: Bots): { stop(): Promise<void> } {
  const books = bots.markets
    .filter((market) => OPENING_PRICES[market.symbol] !== undefined)
    .map((market) => new QuotedBook(bots, market));
  let stopped = false;
  let wake = () => {};
  const run = async () => {
    for (let turn = 0; !stopped && books.length > 0; turn++) {
      try {
        await books[turn % books.length]!.turn();
      } catch (error) {
        // The engine may be handing over; the next turn tries again.
        if (!(error instanceof EngineUnavailable)) throw error;
      }
      await new Promise<void>((resume) => {
        wake = resume;
        setTimeout(resume, ROUND_MS / books.length);
      });
    }
  };
  const done = run().catch(bots.onError);
  return {
    stop: async () => {
      stopped = true;
      wake();
      await done;
    },
  };
}

class QuotedBook {
  readonly #bots: Bots;
  readonly #market: Market;
  /** One whole base asset in its units. */
  readonly #wholeBase: bigint;
  /** In ticks; undefined until the first turn has looked at the book. */
  #mid: number | undefined;
  #ids = 0;
  /** Client order ids are an account's own, over all markets, and must not meet those of an earlier run. */
  readonly #run = Date.now().toString(36);

  constructor(bots: Bots, market: Market) {
    this.#bots = bots;
    this.#market = market;
    this.#wholeBase = 10n ** BigInt(bots.assets[market.base]!.scale);
  }

  async turn(): Promise<void> {
    const open = await this.#openQuotes();
    this.#mid ??= midOf(open, this.#market.tick) ?? this.#openingMid();
    const step = this.#step();
    this.#mid += randomInt(-WANDER_STEPS_MAX * step, WANDER_STEPS_MAX * step + 1);
    await this.#requote(open, ladder(this.#mid, step));
    if (randomInt(TAKE_ONE_TURN_IN) === 0) await this.#take();
  }

  /** In ticks, at least one. */
  #step(): number {
    return Math.max(1, Math.floor(this.#mid! / STEP_DIVISOR));
  }

  #openingMid(): number {
    const quote = this.#bots.assets[this.#market.quote]!;
    const price = parseDecimal(OPENING_PRICES[this.#market.symbol]!, quote.scale);
    if (typeof price === 'string') throw new Error(`opening price of ${this.#market.symbol}: ${price}`);
    return Math.floor(price / this.#market.tick);
  }

  async #openQuotes(): Promise<EventOf<'order'>[]> {
    const { maker: account, engine } = this.#bots;
    const answer = await engine.ask({ type: 'openOrders', account, market: this.#market.market });
    return answer.records.filter((record) => record.type === 'order');
  }

  /** Cancels what is no longer wanted and fills the holes; most of the ladder stays. */
  async #requote(open: readonly EventOf<'order'>[], wanted: ReadonlyMap<number, Side>): Promise<void> {
    const kept = new Set<number>();
    const unwanted = open.filter((order) => {
      const ticks = order.price! / this.#market.tick;
      const keep = wanted.get(ticks) === order.side;
      if (keep) kept.add(ticks);
      return !keep;
    });
    const { engine, maker: account } = this.#bots;
    const missing = [...wanted].filter(([ticks]) => !kept.has(ticks));
    // Cancels go first: a new quote on the far side of an old one would be refused as a taker.
    await Promise.all([
      ...unwanted.map((order) =>
        engine.execute({
          type: 'cancel',
          ...UNNUMBERED,
          account,
          market: this.#market.market,
          orderId: order.orderId,
          restriction: 'NONE',
          clientOrderId: '',
          newClientOrderId: '',
        }),
      ),
      ...missing.map(([ticks, side]) => engine.execute(this.#quote(ticks, side))),
    ]);
  }

  #quote(ticks: number, side: Side): CommandOf<'place'> {
    const price = ticks * this.#market.tick;
    return {
      ...this.#order(this.#bots.maker, side),
      orderType: 'LIMIT_MAKER',
      price: price as Price,
      quantity: this.#quantityWorth(randomInt(QUOTE_NOTIONALS.min, QUOTE_NOTIONALS.max), price),
    };
  }

  async #take(): Promise<void> {
    const price = this.#mid! * this.#market.tick;
    await this.#bots.engine.execute({
      ...this.#order(this.#bots.taker, randomInt(2) === 0 ? 'BUY' : 'SELL'),
      orderType: 'MARKET',
      quantity: this.#quantityWorth(randomInt(2, QUOTE_NOTIONALS.min), price),
    });
  }

  #order(account: AccountId, side: Side): CommandOf<'place'> {
    return {
      type: 'place',
      ...UNNUMBERED,
      account,
      market: this.#market.market,
      side,
      orderType: 'LIMIT',
      timeInForce: 'GTC',
      price: null,
      quantity: null,
      stopPrice: null,
      trailingDelta: null,
      icebergQuantity: null,
      quoteOrderQty: null,
      selfTradePrevention: 'NONE',
      clientOrderId: `bot-${this.#market.market}-${this.#run}-${(this.#ids++).toString(36)}`,
    };
  }

  /** Whole lots worth about `notionals` smallest orders, within the market's limits. */
  #quantityWorth(notionals: number, price: number): Units {
    const { lot, notionalMin, quantityMin, marketQuantityMax } = this.#market;
    const units = (BigInt(notionals) * BigInt(notionalMin) * this.#wholeBase) / BigInt(price);
    const lots = Number(units / BigInt(lot)) + 1;
    return Math.min(Math.max(lots * lot, quantityMin), marketQuantityMax) as Units;
  }
}

/** The middle of the quotes that an earlier run left, in ticks. */
function midOf(open: readonly EventOf<'order'>[], tick: number): number | undefined {
  const prices = (side: Side) =>
    open.filter((order) => order.side === side).map((order) => order.price! / tick);
  const [bids, asks] = [prices('BUY'), prices('SELL')];
  if (bids.length === 0 || asks.length === 0) return undefined;
  return Math.floor((Math.max(...bids) + Math.min(...asks)) / 2);
}

/**
 * The wanted quotes, in ticks. They lie on a grid of whole steps, so that a small move of the price changes the
 * ends of the ladder and leaves the rest, with its place in the queue.
 */
function ladder(mid: number, step: number): Map<number, Side> {
  const wanted = new Map<number, Side>();
  const below = Math.floor(mid / step) * step;
  for (let level = 0; level < LEVELS_PER_SIDE; level++) {
    wanted.set(below + (level + 1) * step, 'SELL');
    if (below - level * step > 0) wanted.set(below - level * step, 'BUY');
  }
  return wanted;
}
