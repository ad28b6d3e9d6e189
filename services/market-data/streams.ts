/**
 * Turns what happens into messages, and hands each to whoever has subscribed to its stream. A message is made once,
 * whatever the number of its receivers.
 */
import type { Frame } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import type { MarketId } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Books } from './books.ts';
import { levelView } from './depth.ts';
import { DepthChanges } from './depth-changes.ts';
import type { Stream } from './stream-names.ts';
import { isBuyerMaker } from './trades.ts';

/** Gets the JSON of each datum of a stream. */
export type Receiver = (stream: Stream, json: string) => void;

const INTERVALS_MS = [100, 1_000] as const;
const US_PER_MS = 1_000;

interface Subscribed {
  readonly stream: Stream;
  readonly receivers: Set<Receiver>;
}

export class Streams {
  readonly #books: Books;
  readonly #listings: Listings;
  readonly #subscribed = new Map<string, Subscribed>();
  readonly #changes: ReadonlyMap<number, DepthChanges>;
  readonly #timers: NodeJS.Timeout[];
  /** The last best bid and ask sent, by market. */
  readonly #best = new Map<MarketId, string>();

  constructor(books: Books, listings: Listings) {
    this.#books = books;
    this.#listings = listings;
    this.#changes = new Map(INTERVALS_MS.map((intervalMs) => [intervalMs, new DepthChanges(books.seq)]));
    this.#timers = INTERVALS_MS.map((intervalMs) =>
      setInterval(() => this.#tick(intervalMs), intervalMs).unref(),
    );
    books.onFrame((frame) => this.#take(frame));
  }

  subscribe(stream: Stream, receiver: Receiver): void {
    const subscribed = this.#subscribed.get(stream.name) ?? { stream, receivers: new Set() };
    subscribed.receivers.add(receiver);
    this.#subscribed.set(stream.name, subscribed);
  }

  unsubscribe({ name }: Stream, receiver: Receiver): void {
    const subscribed = this.#subscribed.get(name);
    subscribed?.receivers.delete(receiver);
    if (subscribed?.receivers.size === 0) this.#subscribed.delete(name);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#subscribed.clear();
  }

  #take({ lastSeq, records }: Frame): void {
    const eventMs = Date.now();
    const moved = new Set<MarketId>();
    let aggregate: AggregateInProgress | undefined;
    for (const { timeUs, message } of records) {
      // A market that was listed a moment ago is not known here yet, and nobody can have subscribed to it.
      const market = 'market' in message ? this.#listings.markets[message.market as number] : undefined;
      if (market === undefined) continue;
      if (message.type === 'trade') {
        this.#send(`${streamPrefix(market)}@trade`, () => tradeMessage(market, message, timeUs, eventMs));
        if (aggregate !== undefined && !aggregate.add(message)) this.#sendAggregate(aggregate, eventMs);
        if (!aggregate?.includes(message)) aggregate = new AggregateInProgress(market, message, timeUs);
      } else if (message.type === 'level') {
        moved.add(message.market);
        for (const changes of this.#changes.values()) changes.add(message);
      }
    }
    if (aggregate !== undefined) this.#sendAggregate(aggregate, eventMs);
    for (const changes of this.#changes.values()) changes.reach(lastSeq);
    for (const market of moved) this.#sendBest(market);
  }

  #sendAggregate(aggregate: AggregateInProgress, eventMs: number): void {
    this.#send(`${streamPrefix(aggregate.market)}@aggTrade`, () => aggregate.message(eventMs));
  }

  /** Sent when the best price or its quantity has changed; without an event time, as the dialect has it. */
  #sendBest(id: MarketId): void {
    const market = this.#listings.market(id);
    const book = this.#books.of(id);
    const [b, B] = levelView(market, book.bids(1)[0] ?? [0, 0]);
    const [a, A] = levelView(market, book.asks(1)[0] ?? [0, 0]);
    const best = `${b} ${B} ${a} ${A}`;
    if (this.#best.get(id) === best) return;
    this.#best.set(id, best);
    this.#send(`${streamPrefix(market)}@bookTicker`, () => ({
      u: this.#books.seqOf(id),
      s: market.symbol,
      b,
      B,
      a,
      A,
    }));
  }

  #tick(intervalMs: number): void {
    const eventMs = Date.now();
    const differences = this.#changes.get(intervalMs)!.take();
    for (const { market: id, firstSeq, lastSeq, bids, asks } of differences) {
      const market = this.#listings.market(id);
      const message = () => ({
        e: 'depthUpdate',
        E: eventMs,
        s: market.symbol,
        U: firstSeq,
        u: lastSeq,
        b: bids.map((level) => levelView(market, level)),
        a: asks.map((level) => levelView(market, level)),
      });
      this.#sendEach((stream) => isDepthOf(stream, id, intervalMs), message);
    }
    this.#sendPartialDepths(intervalMs);
  }

  /** The best levels, whether they have changed or not. */
  #sendPartialDepths(intervalMs: number): void {
    for (const { stream } of this.#subscribed.values()) {
      if (stream.kind !== 'partialDepth' || stream.intervalMs !== intervalMs) continue;
      const market = this.#listings.market(stream.market);
      const book = this.#books.of(stream.market);
      this.#send(stream.name, () => ({
        lastUpdateId: this.#books.seqOf(stream.market),
        bids: book.bids(stream.depth).map((level) => levelView(market, level)),
        asks: book.asks(stream.depth).map((level) => levelView(market, level)),
      }));
    }
  }

  #send(name: string, message: () => object): void {
    const subscribed = this.#subscribed.get(name);
    if (subscribed === undefined) return;
    const json = JSON.stringify(message());
    for (const receiver of subscribed.receivers) receiver(subscribed.stream, json);
  }

  /** The same message to every stream that matches: some have two names. */
  #sendEach(matches: (stream: Stream) => boolean, message: () => object): void {
    const names = [...this.#subscribed.values()].filter(({ stream }) => matches(stream));
    if (names.length === 0) return;
    const json = JSON.stringify(message());
    for (const { stream, receivers } of names) for (const receiver of receivers) receiver(stream, json);
  }
}

function isDepthOf(stream: Stream, market: MarketId, intervalMs: number): boolean {
  return stream.kind === 'depth' && stream.market === market && stream.intervalMs === intervalMs;
}

function streamPrefix(market: Market): string {
  return market.symbol.toLowerCase();
}

function tradeMessage(market: Market, trade: EventOf<'trade'>, timeUs: number, eventMs: number) {
  return {
    e: 'trade',
    E: eventMs,
    s: market.symbol,
    t: trade.tradeId,
    p: formatDecimal(trade.price, market.quote.scale),
    q: formatDecimal(trade.quantity, market.base.scale),
    T: Math.floor(timeUs / US_PER_MS),
    m: isBuyerMaker(trade.takerSide),
    M: true,
  };
}

/** Trades of one taker at one price, which follow one another in a frame. */
class AggregateInProgress {
  readonly market: Market;
  readonly #first: EventOf<'trade'>;
  readonly #timeUs: number;
  #quantity = 0;
  #lastTradeId: number;

  constructor(market: Market, first: EventOf<'trade'>, timeUs: number) {
    this.market = market;
    this.#first = first;
    this.#timeUs = timeUs;
    this.#lastTradeId = first.tradeId;
    this.#quantity = first.quantity;
  }

  /** False when the trade belongs to another aggregate. */
  add(trade: EventOf<'trade'>): boolean {
    if (trade.market !== this.#first.market || trade.aggregateId !== this.#first.aggregateId) return false;
    this.#quantity += trade.quantity;
    this.#lastTradeId = trade.tradeId;
    return true;
  }

  includes(trade: EventOf<'trade'>): boolean {
    return trade.market === this.#first.market && trade.aggregateId === this.#first.aggregateId;
  }

  message(eventMs: number) {
    const { market } = this;
    return {
      e: 'aggTrade',
      E: eventMs,
      s: market.symbol,
      a: this.#first.aggregateId,
      p: formatDecimal(this.#first.price, market.quote.scale),
      q: formatDecimal(this.#quantity, market.base.scale),
      f: this.#first.tradeId,
      l: this.#lastTradeId,
      T: Math.floor(this.#timeUs / US_PER_MS),
      m: isBuyerMaker(this.#first.takerSide),
      M: true,
    };
  }
}
