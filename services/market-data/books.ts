/** All books, kept by the engine's committed events; fetched from the engine at the start, and when too many are missing. */
import type { Frame, FrameRecord, Message } from '#domain/codec.ts';
import type { MarketId } from '#domain/ids.ts';
import { GaplessEvents, type GaplessEventsOptions } from '#platform/gapless-events.ts';
import { Book } from './book.ts';

/** Levels of each side that are fetched, and so the most that are known of a book's far ends. */
const DEPTH_MAX = 5_000;

/** What books are made of, and what listeners are told. */
export const HEARD_TYPES: ReadonlySet<Message['type']> = new Set([
  'level',
  'trade',
  'marketListed',
  'marketRulesSet',
  'marketStatus',
] as const);

export type BooksOptions = Pick<GaplessEventsOptions, 'engine' | 'feed' | 'stream' | 'log'>;

/**
 * Hears every frame once, after the books have taken it in, each beginning where the last one ended. When the books
 * were fetched anew comes one with the changes since; the trades among them stay unheard.
 */
export type FrameListener = (frame: Frame) => void;

export class Books {
  readonly #options: BooksOptions;
  readonly #listeners = new Set<FrameListener>();
  #books = new Map<MarketId, Book>();
  /** Everything up to here is in the books. */
  #seq = 0;
  #events: GaplessEvents | undefined;

  private constructor(options: BooksOptions) {
    this.#options = options;
  }

  /** Resolves when all books stand. */
  static async open(options: BooksOptions): Promise<Books> {
    const books = new Books(options);
    books.#events = await GaplessEvents.open({
      ...options,
      wanted: HEARD_TYPES,
      take: (frame) => books.#take(frame),
      resync: () => books.#fetch(),
    });
    return books;
  }

  /** The last sequence that all books take into account. */
  get seq(): number {
    return this.#seq;
  }

  /** The last sequence that a market's book takes into account: it may have been fetched past the others. */
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
    await this.#events?.close();
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

  /** Some books are fetched later than others: what they have already is passed over when its event comes. */
  async #fetch(): Promise<number> {
    const { engine } = this.#options;
    const { seq, records: listed } = await engine.ask({ type: 'listings' });
    const markets = listed.filter((record) => record.type === 'marketListed').map(({ market }) => market);
    const fetched = await Promise.all(markets.map((market) => this.#fetchBook(market)));
    const before = this.#books;
    const changes = fetched.flatMap((book, index) => {
      const market = markets[index]!;
      return book.changesSince(before.get(market) ?? new Book(0), market);
    });
    const firstSeq = this.#seq + 1;
    const timeUs = Date.now() * 1_000;
    this.#books = new Map(fetched.map((book, index) => [markets[index]!, book]));
    this.#seq = seq;
    this.#tell({ firstSeq, lastSeq: seq, records: changes.map((message) => ({ id: seq, timeUs, message })) });
    return seq;
  }

  async #fetchBook(market: MarketId): Promise<Book> {
    const { seq, records } = await this.#options.engine.ask({ type: 'book', market, depthMax: DEPTH_MAX });
    return new Book(
      seq,
      records.filter((record) => record.type === 'level'),
    );
  }
}
