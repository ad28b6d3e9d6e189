/**
 * All books, kept by the feed's events. The feed may lose messages: a frame that does not continue the last one
 * shows it, or the engine's position when no other frame comes. The books are then fetched anew from the engine,
 * while what goes on arriving waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Frame, FrameError, type FrameRecord, type Message, readFrame } from '#domain/codec.ts';
import type { MarketId } from '#domain/ids.ts';
import { type EngineClient, EngineUnavailable } from '#platform/engine-client.ts';
import { EVENTS_CHANNEL, type Feed } from '#platform/feed.ts';
import { Lag } from '#platform/lag.ts';
import type { Log } from '#platform/log.ts';
import { Book } from './book.ts';

/** Levels of each side that are fetched, and so the most that are known of a book's far ends. */
const DEPTH_MAX = 5_000;
/** Frames that may wait while the books are fetched; more, and fetching begins again. */
const WAITING_FRAMES_MAX = 4_096;
const RETRY_MS = 100;
/** How often the engine is asked how far it is; what it had done by then must have arrived by the next time. */
const POSITION_CHECK_MS = 1_000;

/** What books are made of, and what listeners are told. */
const HEARD_TYPES: ReadonlySet<Message['type']> = new Set([
  'level',
  'trade',
  'marketListed',
  'marketRulesSet',
  'marketStatus',
] as const);

export interface BooksOptions {
  readonly engine: EngineClient;
  readonly feed: Feed;
  readonly log: Log;
}

/**
 * Hears every frame once, after the books have taken it in, each beginning where the last one ended. In place of
 * frames that were lost comes one with the changes that they made to the books; their trades stay unheard.
 */
export type FrameListener = (frame: Frame) => void;

interface Fetched {
  /** What every book takes into account; some go further. */
  readonly seq: number;
  readonly books: Map<MarketId, Book>;
}

export class Books {
  readonly #options: BooksOptions;
  readonly #lag: Lag;
  readonly #listeners = new Set<FrameListener>();
  #books = new Map<MarketId, Book>();
  /** Everything up to here is in the books. */
  #seq = 0;
  /** Frames that arrived while the books are being fetched. */
  #waiting: Frame[] | undefined = [];
  #unsubscribe = async () => {};
  readonly #closing = new AbortController();

  private constructor(options: BooksOptions) {
    this.#options = options;
    this.#lag = new Lag(options.log);
  }

  /** Resolves when all books stand. */
  static async open(options: BooksOptions): Promise<Books> {
    const books = new Books(options);
    // Listening first: what is committed while the books are fetched must not be missed.
    books.#unsubscribe = await options.feed.subscribe(EVENTS_CHANNEL, (message) => books.#receive(message));
    await books.#fetch();
    books.#watchPosition();
    return books;
  }

  /** The last sequence that all books take into account. */
  get seq(): number {
    return this.#seq;
  }

  /** The last sequence that a market's book takes into account: it may have been fetched past the feed. */
  seqOf(market: MarketId): number {
    return Math.max(this.#seq, this.of(market).seq);
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
    this.#closing.abort();
    this.#lag.close();
    await this.#unsubscribe();
  }

  #receive(message: Uint8Array): void {
    const frame = this.#read(message);
    if (frame === undefined) return;
    this.#lag.began([frame]);
    if (this.#waiting !== undefined) {
      this.#waiting.push(frame);
      if (this.#waiting.length > WAITING_FRAMES_MAX) this.#waiting.shift();
    } else if (frame.firstSeq > this.#seq + 1) {
      this.#refetch([frame]);
    } else if (frame.lastSeq > this.#seq) {
      this.#take(frame);
    }
    if (this.#waiting === undefined) this.#lag.caughtUp();
  }

  /** Undefined for what is no frame: as good as lost, and seen as a gap like any other. */
  #read(message: Uint8Array): Frame | undefined {
    try {
      return readFrame(message, HEARD_TYPES);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#options.log.error({ err: error }, 'the feed carries something that is no frame');
      return undefined;
    }
  }

  #take(frame: Frame): void {
    const records = frame.records.filter((record) => this.#isNews(record));
    for (const { message } of records) if (message.type === 'level') this.of(message.market).set(message);
    this.#seq = frame.lastSeq;
    this.#tell({ ...frame, records });
  }

  /** A book that was fetched later than a change has it already. */
  #isNews({ id, message }: FrameRecord): boolean {
    return message.type !== 'level' || id > this.of(message.market).seq;
  }

  #tell(frame: Frame): void {
    for (const listener of this.#listeners) listener(frame);
  }

  #refetch(waiting: Frame[]): void {
    this.#options.log.warn(
      { after: this.#seq, next: waiting[0]?.firstSeq },
      'the feed has a gap: fetching the books',
    );
    this.#waiting = waiting;
    // Not awaited, not caught: the engine being away is handled inside, and books that cannot be are a defect.
    void this.#fetch();
  }

  /** Fetches every book until they and the frames that have arrived since fit together. */
  async #fetch(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        if (this.#resume(await this.#fetchAll())) return;
      } catch (error) {
        if (!(error instanceof EngineUnavailable)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  async #fetchAll(): Promise<Fetched> {
    const { engine } = this.#options;
    const listings = await engine.ask({ type: 'listings' });
    const markets = listings.records.filter((record) => record.type === 'marketListed');
    const books = await Promise.all(
      markets.map(async ({ market }): Promise<[MarketId, Book]> => {
        const { seq, records } = await engine.ask({ type: 'book', market, depthMax: DEPTH_MAX });
        return [
          market,
          new Book(
            seq,
            records.filter((record) => record.type === 'level'),
          ),
        ];
      }),
    );
    return { seq: listings.seq, books: new Map(books) };
  }

  /** Goes on from what was fetched; false when of what was committed since something was lost again. */
  #resume({ seq, books }: Fetched): boolean {
    const waiting = this.#waiting ?? [];
    const since = waiting.filter(({ lastSeq }) => lastSeq > seq);
    if (!isChain(seq, since)) return false;
    const before = this.#books;
    const firstSeq = this.#seq + 1;
    // The books have what frames up to here changed, but nobody has heard of the trades in them.
    const trades = waiting
      .filter(({ lastSeq }) => lastSeq <= seq)
      .flatMap(({ records }) => records)
      .filter(({ message }) => message.type === 'trade');
    const changes = [...books].flatMap(([market, book]) =>
      book.changesSince(before.get(market) ?? new Book(0), market),
    );
    const timeUs = Date.now() * 1_000;
    this.#books = books;
    this.#seq = seq;
    this.#waiting = undefined;
    const records = [...trades, ...changes.map((message) => ({ id: seq, timeUs, message }))];
    this.#tell({ firstSeq, lastSeq: seq, records });
    for (const frame of since) this.#take(frame);
    this.#lag.caughtUp();
    return true;
  }

  /** A lost message shows only when the next one comes, which may take long: the engine's position shows it too. */
  async #watchPosition(): Promise<void> {
    const { signal } = this.#closing;
    let due = 0;
    while (!signal.aborted) {
      await sleep(POSITION_CHECK_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      if (this.#waiting === undefined && this.#seq < due) this.#refetch([]);
      due = await this.#enginePosition();
    }
  }

  async #enginePosition(): Promise<number> {
    try {
      return (await this.#options.engine.ask({ type: 'position' })).seq;
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      return this.#seq;
    }
  }
}

/** Whether nothing is missing between `seq` and the end of `frames`. */
function isChain(seq: number, frames: readonly Frame[]): boolean {
  return frames.every(({ firstSeq }, index) => firstSeq <= (frames[index - 1]?.lastSeq ?? seq) + 1);
}
