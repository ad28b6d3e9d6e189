/** The streams of the books: differences, best levels, best bid and ask. */
import type { Frame } from '#domain/codec.ts';
import type { MarketId } from '#domain/ids.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Book } from '../book.ts';
import type { Books } from '../books.ts';
import { levelView } from '../depth.ts';
import type { Broadcast } from './broadcast.ts';
import { Datum, StateDatum, type TimeView } from './datum.ts';
import { DepthChanges, type DepthDifference, mergedDifference } from './depth-changes.ts';
import { FAST_MS, SLOW_MS, type Subject } from './names.ts';

export class DepthStreams {
  readonly #books: Books;
  readonly #listings: Listings;
  readonly #broadcast: Broadcast;
  readonly #speeds: ReadonlyMap<number, { readonly changes: DepthChanges; readonly moved: Set<MarketId> }>;
  /** The best bid and ask of each market as they were last. */
  readonly #best = new Map<MarketId, string>();

  constructor(books: Books, listings: Listings, broadcast: Broadcast) {
    this.#books = books;
    this.#listings = listings;
    this.#broadcast = broadcast;
    this.#speeds = new Map(
      [FAST_MS, SLOW_MS].map((intervalMs) => [
        intervalMs,
        { changes: new DepthChanges(books.seq), moved: new Set() },
      ]),
    );
  }

  take({ lastSeq, records }: Frame): void {
    const moved = new Set<MarketId>();
    for (const { message } of records) {
      if (message.type !== 'level') continue;
      moved.add(message.market);
      for (const { changes } of this.#speeds.values()) changes.add(message);
    }
    for (const { changes, moved: since } of this.#speeds.values()) {
      changes.reach(lastSeq);
      for (const market of moved) since.add(market);
    }
    for (const market of moved) this.#sendBest(market);
  }

  /** Tells what has changed since the last tick of this speed. */
  tick(intervalMs: number, nowUs: number): void {
    const speed = this.#speeds.get(intervalMs);
    if (speed === undefined) return;
    for (const difference of speed.changes.take()) {
      const market = this.#listings.market(difference.market);
      const subject: Subject = { kind: 'depth', market: market.id, intervalMs };
      if (this.#broadcast.isWanted(subject))
        this.#broadcast.send(subject, new DifferenceDatum(market, difference, nowUs));
    }
    for (const subject of this.#broadcast.subjects('partialDepth'))
      if (subject.intervalMs === intervalMs && this.#isDue(subject, speed.moved)) this.#sendLevels(subject);
    speed.moved.clear();
  }

  #isDue(subject: Subject, moved: ReadonlySet<MarketId>): boolean {
    return moved.has(subject.market!) || this.#broadcast.hasNewcomer(subject);
  }

  #sendLevels(subject: Subject): void {
    const market = this.#listings.market(subject.market!);
    const depth = subject.depth!;
    const book = this.#books.of(market.id);
    const levels = {
      lastUpdateId: this.#books.seqOf(market.id),
      bids: book.bids(depth).map((level) => levelView(market, level)),
      asks: book.asks(depth).map((level) => levelView(market, level)),
    };
    this.#broadcast.send(subject, new StateDatum(() => levels));
  }

  /** Sent when the best price or its quantity has changed; without an event time, as the dialect has it. */
  #sendBest(id: MarketId): void {
    const best = bestKey(this.#books.of(id));
    if (this.#best.get(id) === best) return;
    this.#best.set(id, best);
    const subject: Subject = { kind: 'bookTicker', market: id, intervalMs: 0 };
    if (!this.#broadcast.isWanted(subject)) return;
    const market = this.#listings.market(id);
    const book = this.#books.of(id);
    const [b, B] = levelView(market, book.bids(1)[0] ?? [0, 0]);
    const [a, A] = levelView(market, book.asks(1)[0] ?? [0, 0]);
    const message = { u: this.#books.seqOf(id), s: market.symbol, b, B, a, A };
    this.#broadcast.send(subject, new StateDatum(() => message));
  }
}

function bestKey(book: Book): string {
  return `${book.bids(1)[0]} ${book.asks(1)[0]}`;
}

/** For a client that is behind, several differences are told as one: its book comes out the same. */
class DifferenceDatum extends Datum {
  readonly #market: Market;
  readonly #difference: DepthDifference;
  readonly #timeUs: number;

  constructor(market: Market, difference: DepthDifference, timeUs: number) {
    super((time) => differenceMessage(market, difference, timeUs, time));
    this.#market = market;
    this.#difference = difference;
    this.#timeUs = timeUs;
  }

  override after(earlier: Datum): Datum {
    if (earlier === this || !(earlier instanceof DifferenceDatum)) return this;
    const merged = mergedDifference(earlier.#difference, this.#difference);
    return new DifferenceDatum(this.#market, merged, this.#timeUs);
  }
}

function differenceMessage(market: Market, difference: DepthDifference, timeUs: number, time: TimeView) {
  const { firstSeq, lastSeq, bids, asks } = difference;
  return {
    e: 'depthUpdate',
    E: time(timeUs),
    s: market.symbol,
    U: firstSeq,
    u: lastSeq,
    b: bids.map((level) => levelView(market, level)),
    a: asks.map((level) => levelView(market, level)),
  };
}
