/**
 * All books, kept by the feed's events. The feed may lose messages: a frame that does not continue the last one
 * shows it, and the books are fetched anew from the engine while what goes on arriving waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Frame, readFrame } from '#domain/codec.ts';
import type { MarketId } from '#domain/ids.ts';
import { type EngineClient, EngineUnavailable } from '#platform/engine-client.ts';
import { EVENTS_CHANNEL, type Feed } from '#platform/feed.ts';
import type { Log } from '#platform/log.ts';
import { Book } from './book.ts';

/** Levels of each side that are fetched, and so the most that are known of a book's far ends. */
const DEPTH_MAX = 5_000;
/** Frames that may wait while the books are fetched; more, and fetching begins again. */
const WAITING_FRAMES_MAX = 4_096;
const RETRY_MS = 100;

export interface BooksOptions {
  readonly engine: EngineClient;
  readonly feed: Feed;
  readonly log: Log;
}

/** Hears every frame once, after the books have taken it in; frames that were lost are missing. */
export type FrameListener = (frame: Frame) => void;

export class Books {
  readonly #options: BooksOptions;
  readonly #books = new Map<MarketId, Book>();
  readonly #listeners = new Set<FrameListener>();
  /** Everything up to here is in the books. */
  #seq = 0;
  /** Frames that arrived while the books are being fetched. */
  #waiting: Frame[] | undefined = [];
  #unsubscribe = async () => {};
  #closed = false;

  private constructor(options: BooksOptions) {
    this.#options = options;
  }

  /** Resolves when all books stand. */
  static async open(options: BooksOptions): Promise<Books> {
    const books = new Books(options);
    // Listening first: what is committed while the books are fetched must not be missed.
    books.#unsubscribe = await options.feed.subscribe(EVENTS_CHANNEL, (message) => books.#receive(message));
    await books.#fetch();
    return books;
  }

  /** The last sequence that the books take into account. */
  get seq(): number {
    return this.#seq;
  }

  /** A market's book; an empty one before anything was ever placed. */
  of(market: MarketId): Book {
    const known = this.#books.get(market);
    if (known !== undefined) return known;
    const book = new Book(this.#seq);
    this.#books.set(market, book);
    return book;
  }

  onFrame(listener: FrameListener): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#unsubscribe();
  }

  #receive(message: Uint8Array): void {
    const frame = readFrame(message);
    if (this.#waiting !== undefined) {
      this.#waiting.push(frame);
      if (this.#waiting.length > WAITING_FRAMES_MAX) this.#waiting.shift();
    } else if (frame.firstSeq > this.#seq + 1) {
      this.#options.log.warn(
        { after: this.#seq, next: frame.firstSeq },
        'the feed has a gap: fetching the books',
      );
      this.#waiting = [frame];
      this.#fetch().catch((error) => this.#options.log.error({ err: error }, 'could not fetch the books'));
    } else if (frame.lastSeq > this.#seq) {
      this.#take(frame);
    }
  }

  /** Fetches every book, then takes in what has arrived since. */
  async #fetch(): Promise<void> {
    while (!this.#closed) {
      try {
        const oldest = await this.#fetchAll();
        const waiting = this.#waiting ?? [];
        // Between the oldest book and the first frame that waited, something may have been lost.
        if ((waiting[0]?.firstSeq ?? 0) > oldest + 1) continue;
        this.#seq = oldest;
        this.#waiting = undefined;
        for (const frame of waiting) this.#receiveDecoded(frame);
        return;
      } catch (error) {
        if (!(error instanceof EngineUnavailable)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  #receiveDecoded(frame: Frame): void {
    if (frame.lastSeq > this.#seq) this.#take(frame);
  }

  /** Returns the sequence of the book that was answered first. */
  async #fetchAll(): Promise<number> {
    const { engine } = this.#options;
    const listings = await engine.ask({ type: 'listings' });
    for (const listed of listings.records) {
      if (listed.type !== 'marketListed') continue;
      const { seq, records } = await engine.ask({ type: 'book', market: listed.market, depthMax: DEPTH_MAX });
      this.#books.set(
        listed.market,
        new Book(
          seq,
          records.filter((record) => record.type === 'level'),
        ),
      );
    }
    return listings.seq;
  }

  #take(frame: Frame): void {
    for (const { id, message } of frame.records) {
      // A book that was fetched later than this has the change already.
      if (message.type !== 'level') continue;
      const book = this.of(message.market);
      if (id > book.seq) book.set(message);
    }
    this.#seq = frame.lastSeq;
    for (const listener of this.#listeners) listener(frame);
  }
}
